"""What one camera's analysis has done so far, and what it cost."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from analytics.detection import Outcome
from analytics.detector import DetectorFault

RATE_WINDOW_S = 10.0
FAULTS_TO_SAY_SO = 3


class Stage(StrEnum):
    """Where processor time goes."""

    GATE = "gate"
    DETECT = "detect"
    TRACK = "track"


class SkipCause(StrEnum):
    """Why a frame was skipped. The words are stable: they go to API and metrics."""

    OVERTAKEN = "overtaken"
    """A newer frame of the camera came while it waited."""
    STALE = "stale"
    """It waited for longer than the staleness budget."""
    SHED = "shed"
    """There is more to analyse than the machine can do; the camera is looked at less often."""


def _none_skipped() -> Mapping[SkipCause, int]:
    return MappingProxyType(dict.fromkeys(SkipCause, 0))


def _none_yet() -> Mapping[Outcome, int]:
    return MappingProxyType(dict.fromkeys(Outcome, 0))


@dataclass(frozen=True, slots=True)
class LaneStats:
    """Counts and processor seconds since the lane began. `analysed_fps` is over the last ten seconds.

    `analysed_fps` counts frames that were judged: ANALYSED, or GATED because nothing moved.
    `skips` tells the frames that count as SKIPPED by their cause.
    `suppressed_count` is of violations that fell into a rule's quiet time.
    `fault` is why the detector has not judged the camera's pictures for several times in a row; None while it does.
    """

    counts: Mapping[Outcome, int] = field(default_factory=_none_yet)
    skips: Mapping[SkipCause, int] = field(default_factory=_none_skipped)
    analysed_fps: float = 0.0
    gate_cpu_s: float = 0.0
    detect_cpu_s: float = 0.0
    track_cpu_s: float = 0.0
    alert_count: int = 0
    suppressed_count: int = 0
    fault: DetectorFault | None = None


class LaneMeter:
    """Counts for one lane. Written by the inference thread alone; a snapshot may be read from any thread."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Outcome, 0)
        self._cpu_s = dict.fromkeys(Stage, 0.0)
        self._latest_s: dict[Stage, float] = {}
        self._judged_at: deque[float] = deque(maxlen=1024)
        self.alert_count = 0
        self.suppressed_count = 0
        self._faults: list[DetectorFault] = []

    def note_fault(self, fault: DetectorFault | None) -> bool:
        """The detector was asked; None says that it answered. Whether that makes the camera one that is not judged."""
        was_faulty = len(self._faults) == FAULTS_TO_SAY_SO
        self._faults = [] if fault is None else [*self._faults, fault][-FAULTS_TO_SAY_SO:]
        return len(self._faults) == FAULTS_TO_SAY_SO and not was_faulty

    def count(self, outcome: Outcome, monotonic_s: float) -> None:
        """One frame more."""
        self._counts[outcome] += 1
        if outcome in (Outcome.ANALYSED, Outcome.GATED):
            self._judged_at.append(monotonic_s)

    def charge(self, stage: Stage, cpu_s: float) -> None:
        """Processor seconds spent on one frame; its way begins at the gate."""
        self._cpu_s[stage] += cpu_s
        if stage is Stage.GATE:
            self._latest_s.clear()
        self._latest_s[stage] = cpu_s

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """Of the lane's own frames by what became of them; a copy."""
        return dict(self._counts)

    @property
    def cpu_s(self) -> float:
        """Processor seconds of all stages."""
        return sum(self._cpu_s.values())

    @property
    def latest_cpu_s(self) -> Mapping[Stage, float]:
        """Of the latest frame by stage, those that it came to; a copy."""
        return dict(self._latest_s)

    def snapshot(self, monotonic_s: float, overtaken_count: int, shed_count: int) -> LaneStats:
        """The figures now. Frames overtaken in the inbox and those shed before it were skipped too."""
        judged_at = self._judged_at.copy()
        recent = sum(1 for at in judged_at if monotonic_s - at <= RATE_WINDOW_S)
        skips = {
            SkipCause.OVERTAKEN: overtaken_count,
            SkipCause.STALE: self._counts[Outcome.SKIPPED],
            SkipCause.SHED: shed_count,
        }
        counts = {**self._counts, Outcome.SKIPPED: sum(skips.values())}
        return LaneStats(
            counts=MappingProxyType(counts),
            skips=MappingProxyType(skips),
            analysed_fps=recent / RATE_WINDOW_S,
            gate_cpu_s=self._cpu_s[Stage.GATE],
            detect_cpu_s=self._cpu_s[Stage.DETECT],
            track_cpu_s=self._cpu_s[Stage.TRACK],
            alert_count=self.alert_count,
            suppressed_count=self.suppressed_count,
            fault=self._faults[-1] if len(self._faults) == FAULTS_TO_SAY_SO else None,
        )
