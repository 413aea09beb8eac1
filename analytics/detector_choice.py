"""Which detector a node runs: the best whose model is there, and an honest reason when it is only a stand-in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import structlog

from analytics.detector import Detector
from analytics.effort import PICTURES, Effort, EffortBook, choose, measure
from analytics.model import Catalogue, ModelEntry, ModelRefused, RefusalCode, Runtime
from analytics.model_panel import ModelPanel
from analytics.model_store import find_model
from analytics.motion_detector import MotionDetector
from analytics.onnx_detector import OnnxDetector
from analytics.openvino_detector import OpenvinoDetector
from analytics.openvino_session import has_openvino
from analytics.reopening_detector import ReopeningDetector
from analytics.settings import AnalyticsSettings
from analytics.torch_detector import open_torch
from ingest.clock import SystemClock

_AUTO, _MOTION = "auto", "motion"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ChoiceReason:
    """Why it is not the detector one would wish for. `code` is stable (RefusalCode) and translated by the page."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """`fallback` is true when the motion detector stands in for a model that is missing or was refused.

    `reason` is also set when a model runs that was not the first choice; it tells why the first one was not taken.
    """

    detector: Detector
    fallback: bool = False
    reason: ChoiceReason | None = None


def select_detector(
    settings: AnalyticsSettings, catalogue: Catalogue, folders: Sequence[Path], book: EffortBook | None = None
) -> DetectorChoice:
    """Opens the configured detector; "auto" takes the first model of the catalogue that is found and fits.

    With a `book` the way of running it is the one that stays within the budget here, measured when it is not known yet.
    Never fails: without a usable model the motion detector runs, and the choice says so.
    """
    if settings.detector == _MOTION:
        return DetectorChoice(MotionDetector(settings.gate))
    choice = _first(settings, catalogue, folders, book)
    further: list[Detector] = []
    refusals: list[ModelRefused] = []
    for name in settings.also:
        try:
            further.append(_open_best(catalogue.entry(name), folders, settings, book))
        except ModelRefused as refused:
            refusals.append(refused)
    if not further:
        return replace(choice, reason=choice.reason or _reason(refusals))
    return replace(choice, detector=ModelPanel(choice.detector, further), reason=choice.reason or _reason(refusals))


def _first(
    settings: AnalyticsSettings, catalogue: Catalogue, folders: Sequence[Path], book: EffortBook | None
) -> DetectorChoice:
    refusals: list[ModelRefused] = []
    for name in _wanted(settings, catalogue):
        try:
            detector = _open_best(catalogue.entry(name), folders, settings, book)
        except ModelRefused as refused:
            refusals.append(refused)
        else:
            return DetectorChoice(detector, reason=_reason(refusals))
    return DetectorChoice(MotionDetector(settings.gate), fallback=True, reason=_reason(refusals))


def open_detector(
    entry: ModelEntry, folders: Sequence[Path], settings: AnalyticsSettings, runtime: Runtime | None = None
) -> Detector:
    """The detector for that model, its file found and checked; run by `runtime`, if another one than its own is wanted.

    Raises:
        ModelRefused: the file is missing or not the right one, or its runtime is not installed.

    """
    path = find_model(entry, folders)
    floor = min(settings.keep_score, settings.min_score)
    match entry.runtime:
        case Runtime.ONNXRUNTIME:
            return OnnxDetector(entry, path, floor, settings.threads, runtime or entry.runtime)
        case Runtime.OPENVINO:
            return OpenvinoDetector(entry, path, floor, settings.threads)
        case Runtime.TORCH:
            return open_torch(entry, path, floor)


def efforts_of(
    entry: ModelEntry, folders: Sequence[Path], settings: AnalyticsSettings, count: int = PICTURES
) -> tuple[Effort, ...]:
    """Every way that this machine has to run the model, measured now; empty when it has none.

    Raises:
        ModelRefused: the file is missing or not the right one.

    """
    find_model(entry, folders)
    others = (Runtime.OPENVINO,) if entry.runtime is Runtime.ONNXRUNTIME and has_openvino() else ()
    opened = partial(open_detector, entry, folders, settings)
    return measure(opened, (entry.runtime, *others), count)


def _open_best(
    entry: ModelEntry, folders: Sequence[Path], settings: AnalyticsSettings, book: EffortBook | None
) -> ReopeningDetector:
    efforts: tuple[Effort, ...] = ()
    if book is not None and settings.budget_ms > 0:
        efforts = book.find(entry.sha256)
        if not efforts:
            efforts = efforts_of(entry, folders, settings)
            book.note(entry.sha256, efforts)
    if not efforts:
        return ReopeningDetector(partial(open_detector, entry, folders, settings), SystemClock())
    best = choose(efforts, settings.budget_ms)
    _log.info("detector effort", model=entry.name, **asdict(best))
    opened = partial(open_detector, entry, folders, settings, best.runtime)
    return ReopeningDetector(opened, SystemClock(), best.share)


def _wanted(settings: AnalyticsSettings, catalogue: Catalogue) -> Sequence[str]:
    return [entry.name for entry in catalogue.entries] if settings.detector == _AUTO else [settings.detector]


def _reason(refusals: Sequence[ModelRefused]) -> ChoiceReason | None:
    """The most telling refusal: a wrong file says more than a missing one."""
    if not refusals:
        return None
    telling = next((refused for refused in refusals if refused.code is not RefusalCode.MISSING), refusals[0])
    return ChoiceReason(telling.code.value, str(telling))
