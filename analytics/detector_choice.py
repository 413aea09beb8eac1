"""Which detector a node runs: the best whose model is there, and an honest reason when it is only a stand-in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import structlog

from analytics.detector import Detector
from analytics.detector_twin import TwinCode, TwinVerdict, compared, standing
from analytics.effort import PICTURES, Effort, EffortBook, choose, measure, this_processor
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
    `twin` tells what became of the model's twin in fewer bits, where there is one and times are known.
    """

    detector: Detector
    fallback: bool = False
    reason: ChoiceReason | None = None
    twin: TwinVerdict | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How a model is run here: itself or its twin, and by which library on how large an input; None is its own."""

    entry: ModelEntry
    effort: Effort | None = None
    twin: TwinVerdict | None = None


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
            further.append(_open(way_of(catalogue.entry(name), catalogue, folders, settings, book), folders, settings))
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
            way = way_of(catalogue.entry(name), catalogue, folders, settings, book)
            detector = _open(way, folders, settings)
        except ModelRefused as refused:
            refusals.append(refused)
        else:
            return DetectorChoice(detector, reason=_reason(refusals), twin=way.twin)
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


def way_of(
    entry: ModelEntry,
    catalogue: Catalogue,
    folders: Sequence[Path],
    settings: AnalyticsSettings,
    book: EffortBook | None,
) -> Way:
    """The best way to run the model within the budget, from the book or measured now; its own without book or budget.

    Raises:
        ModelRefused: the file is missing or not the right one.

    """
    if book is None or settings.budget_ms <= 0:
        return Way(entry)
    efforts = _known_efforts(entry, folders, settings, book)
    if not efforts:
        return Way(entry)
    best, other = choose(efforts, settings.budget_ms), catalogue.twin_of(entry)
    return Way(entry, best) if other is None else _beside(Way(entry, best), other, folders, settings, book)


def _beside(
    full: Way, other: ModelEntry, folders: Sequence[Path], settings: AnalyticsSettings, book: EffortBook
) -> Way:
    """The full model's way, or its twin's if that is better and stands."""
    if full.effort is None or other.twin is None:
        return full
    objection = standing(full.entry, other.twin, this_processor())
    if objection is not None:
        return replace(full, twin=objection)
    try:
        find_model(other, folders)
        efforts = _known_efforts(other, folders, settings, book)
    except ModelRefused as refused:
        return replace(full, twin=TwinVerdict(TwinCode.UNUSABLE, str(refused)))
    if not efforts:
        return replace(full, twin=TwinVerdict(TwinCode.UNUSABLE, f"nothing here runs {other.file}"))
    effort = choose(efforts, settings.budget_ms)
    verdict = compared(full.effort, effort)
    return Way(other, effort, verdict) if verdict.code is TwinCode.TAKEN else replace(full, twin=verdict)


def _known_efforts(
    entry: ModelEntry, folders: Sequence[Path], settings: AnalyticsSettings, book: EffortBook
) -> tuple[Effort, ...]:
    """From the book, else measured and noted there."""
    efforts = book.find(entry.sha256)
    if not efforts:
        efforts = efforts_of(entry, folders, settings)
        book.note(entry.sha256, efforts)
    return efforts


def _open(way: Way, folders: Sequence[Path], settings: AnalyticsSettings) -> ReopeningDetector:
    effort = way.effort
    if effort is None:
        return ReopeningDetector(partial(open_detector, way.entry, folders, settings), SystemClock())
    twin = {} if way.twin is None else {"twin": way.twin.code.value, "why": way.twin.text}
    _log.info("detector effort", model=way.entry.name, **asdict(effort), **twin)
    opened = partial(open_detector, way.entry, folders, settings, effort.runtime)
    return ReopeningDetector(opened, SystemClock(), effort.share)


def _wanted(settings: AnalyticsSettings, catalogue: Catalogue) -> Sequence[str]:
    """A twin is considered with the model that it stands in for, or when its own name is asked for."""
    if settings.detector != _AUTO:
        return [settings.detector]
    return [entry.name for entry in catalogue.entries if entry.twin is None]


def _reason(refusals: Sequence[ModelRefused]) -> ChoiceReason | None:
    """The most telling refusal: a wrong file says more than a missing one."""
    if not refusals:
        return None
    telling = next((refused for refused in refusals if refused.code is not RefusalCode.MISSING), refusals[0])
    return ChoiceReason(telling.code.value, str(telling))
