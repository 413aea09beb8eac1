"""Packages of others that only these tests use: each in a folder of its own, fetched by pip once and kept."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

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
