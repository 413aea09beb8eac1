"""What is given up when there is more to analyse than the machine can do, in the order of the design.

First idle cameras are looked at less often, then the detector gets smaller pictures, then busy cameras are looked at
less often, then idle cameras are decoded at their key frames only, and at last the cameras whose rules matter least are
hardly looked at. The loop is closed on the age of
waiting frames alone: what cameras announce, or how long an inference should take, has no say.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shedding:
    """How much is asked for. Rates are frames per second of one camera; `input_share` is of the detector's width.

    `dozing`: idle cameras may sleep though they have not earned it (see `ingest.wakefulness`).
    `neglected_share` of the cameras, those of the lowest priority, are looked at every few seconds only.
    """

    idle_fps: float | None = None
    input_share: float = 1.0
    busy_fps: float | None = None
    dozing: bool = False
    neglected_share: float = 0.0


NEGLECTED_FPS = 0.2
LADDER = (
    Shedding(),
    Shedding(1.0),
    Shedding(1.0, 0.75),
    Shedding(1.0, 0.75, 3.0),
    Shedding(1.0, 0.75, 2.0),
    Shedding(1.0, 0.75, 1.0),
    Shedding(1.0, 0.75, 1.0, dozing=True),
    Shedding(1.0, 0.75, 1.0, dozing=True, neglected_share=0.25),
    Shedding(1.0, 0.75, 1.0, dozing=True, neglected_share=0.5),
)
"""From nothing given up to half of the cameras. Each rung keeps what the rungs below it gave up."""

_HIGH, _LOW = 0.5, 0.2  # of the staleness budget
_LOOK_S = 1.0
_CALM_LOOKS = 5
_MOST_CALM_LOOKS = 80


class LoadShedder:
    """Climbs the ladder while frames wait for long, and steps down after seconds in which they do not.

    A step down that had to be taken back makes the next one wait twice as long, so that a load between two rungs is not
    tried again and again.
    """

    def __init__(self, staleness_s: float) -> None:
        self._high_s, self._low_s = _HIGH * staleness_s, _LOW * staleness_s
        self._rung = 0
        self._looked_s: float | None = None
        self._oldest_s = 0.0
        self._calm_looks = 0
        self._needed_looks = _CALM_LOOKS
        self._is_trial = False

    @property
    def shedding(self) -> Shedding:
        """What to ask for now."""
        return LADDER[self._rung]

    @property
    def rung(self) -> int:
        """How far up the ladder, 0 for nothing given up."""
        return self._rung

    def note(self, oldest_age_s: float, now_s: float) -> None:
        """The age of the oldest frame that waits, and monotonic time; called before each batch."""
        self._oldest_s = max(self._oldest_s, oldest_age_s)
        if self._looked_s is None:
            self._looked_s = now_s
        if now_s - self._looked_s < _LOOK_S:
            return
        oldest_s, self._oldest_s, self._looked_s = self._oldest_s, 0.0, now_s
        if oldest_s > self._high_s:
            self._climb()
        elif oldest_s < self._low_s:
            self._rest()
        else:
            self._calm_looks = 0

    def _climb(self) -> None:
        if self._is_trial:
            self._needed_looks = min(2 * self._needed_looks, _MOST_CALM_LOOKS)
        self._is_trial, self._calm_looks = False, 0
        self._rung = min(self._rung + 1, len(LADDER) - 1)

    def _rest(self) -> None:
        self._calm_looks += 1
        if self._calm_looks < self._needed_looks:
            return
        if self._rung == 0:
            self._needed_looks = _CALM_LOOKS
        self._is_trial, self._calm_looks = self._rung > 0, 0
        self._rung = max(self._rung - 1, 0)
