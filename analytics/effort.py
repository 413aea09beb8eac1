"""Which library runs a model, and on how large an input: measured on this machine, remembered for it.

A timing is remembered by the model's hash, for a machine and its libraries as they are. Another processor, another
version, another file: it is measured again.
"""

import json
import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import structlog

from analytics.detector import Detector, DetectorFailed, Shrinking
from analytics.detector_timing import time_detector
from analytics.model import ModelRefused, Runtime

SHARES = (1.0, 0.77, 0.62)
"""Of the model's width: 416, 320 and 256 pixels of a model of 416."""
PICTURES = 5
_RUNTIME_PACKAGES = ("onnxruntime", "openvino", "torch")

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Effort:
    """One way to run a model: the library, the share of its full width, and what a picture then costs."""

    runtime: Runtime
    share: float
    cpu_ms: float


def choose(efforts: Sequence[Effort], budget_ms: float) -> Effort:
    """The largest input that stays within the budget, by the cheaper library; else the cheapest of all.

    A smaller input sees less, so nothing is given away that the budget does not ask for. `efforts` is not empty.
    """
    affordable = [effort for effort in efforts if effort.cpu_ms <= budget_ms]
    if not affordable:
        return min(efforts, key=lambda effort: effort.cpu_ms)
    return min(affordable, key=lambda effort: (-effort.share, effort.cpu_ms))


def measure(
    open_with: Callable[[Runtime], Detector], runtimes: Sequence[Runtime], count: int = PICTURES
) -> tuple[Effort, ...]:
    """Every library with every input size; one that cannot run the model is left out.

    Takes about a second for a nano model.
    """
    return tuple(effort for runtime in runtimes for effort in _measured(open_with, runtime, count))


def _measured(open_with: Callable[[Runtime], Detector], runtime: Runtime, count: int) -> Sequence[Effort]:
    try:
        detector = open_with(runtime)
    except ModelRefused as refused:
        _log.info("runtime left out", runtime=runtime.value, reason=str(refused))
        return ()
    try:
        shares = SHARES if isinstance(detector, Shrinking) else SHARES[:1]
        return [_timed(detector, runtime, share, count) for share in shares]
    except DetectorFailed as failed:
        _log.info("runtime left out", runtime=runtime.value, reason=str(failed))
        return ()
    finally:
        detector.close()


def _timed(detector: Detector, runtime: Runtime, share: float, count: int) -> Effort:
    if isinstance(detector, Shrinking):
        detector.use_share(share)
    return Effort(runtime, share, round(time_detector(detector, count).cpu_ms, 2))


class EffortBook:
    """What was measured, in a JSON file. A file that cannot be read or written only means measuring again."""

    def __init__(self, path: Path, machine: str | None = None) -> None:
        self._path = path
        self._machine = this_machine() if machine is None else machine

    def find(self, sha256: str) -> tuple[Effort, ...]:
        """What was measured of that model on this machine; empty when nothing was."""
        try:
            told = self._read()[sha256]
            return tuple(Effort(Runtime(one["runtime"]), float(one["share"]), float(one["cpu_ms"])) for one in told)
        except (KeyError, TypeError, ValueError):
            return ()

    def note(self, sha256: str, efforts: Sequence[Effort]) -> None:
        """Remembers it beside what is known of other models."""
        known = self._read() | {sha256: [asdict(effort) for effort in efforts]}
        part = self._path.with_suffix(f".{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps({"machine": self._machine, "models": known}, indent=1), encoding="utf-8")
            part.replace(self._path)
        except OSError as error:
            _log.info("timings not kept", path=str(self._path), reason=str(error))

    def _read(self) -> dict[str, list[dict[str, Any]]]:
        """By the model's hash; nothing when the file is of another machine."""
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            return dict(told["models"]) if told["machine"] == self._machine else {}
        except (OSError, KeyError, TypeError, ValueError):
            return {}


def this_processor() -> str:
    """Its maker's name for it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def this_machine() -> str:
    """The processor, how many of it, and the libraries that would run a model."""
    return "; ".join((this_processor(), f"{os.cpu_count()} cores", *_versions()))


def _versions() -> Sequence[str]:
    told = []
    for package in _RUNTIME_PACKAGES:
        try:
            told.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return told
