"""Whether a camera's coding cue has earned trust: what it told beside what was seen, onset by onset."""

import math

_MOST_NEEDED = 128
_CALM_S = 2.0  # without motion for this long the next is an onset
_EARLY_S = 1.5


class CueRecord:
    """Judges the cue of one stream, which must tell `needed` onsets in a row.

    One missed onset takes all trust, and twice as much is needed the next time.

    Asleep an onset is seen late, by the gate on a key frame; a cue that had not told of it by then has missed it.
    """

    def __init__(self, needed: int, late_s: float) -> None:
        """`needed`: onsets in a row. `late_s`: told so long after its onset, motion is still analysed from there."""
        self._late_s = late_s
        self._told = 0
        self._needed = needed
        self._cue_s = self._moved_s = -math.inf
        self._onset_s: float | None = None  # not judged yet

    @property
    def is_trusted(self) -> bool:
        """Whether it has told enough onsets in a row."""
        return self._told >= self._needed

    def note(self, at_s: float, *, moving: bool, cued: bool, ready: bool) -> None:
        """One packet: its monotonic time, whether somebody saw motion, whether the cue told of it.

        `ready` is whether the cue could: what comes before that is not held against it.
        """
        if cued:
            self._cue_s = at_s
        if moving:
            if ready and at_s - self._moved_s >= _CALM_S:
                self._onset_s = at_s
            self._moved_s = at_s
        if self._onset_s is not None:
            self._judge(self._onset_s, at_s)

    def doubt(self) -> None:
        """The cue begins anew, or cries too often: what it told before says nothing about what it will tell."""
        self._told = 0

    def _judge(self, onset_s: float, at_s: float) -> None:
        if self._cue_s >= onset_s - _EARLY_S:
            self._told, self._onset_s = self._told + 1, None
        elif at_s - onset_s > self._late_s:
            self._told, self._onset_s = 0, None
            self._needed = min(2 * self._needed, max(self._needed, _MOST_NEEDED))
