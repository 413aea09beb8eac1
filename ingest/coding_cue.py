"""A cue of motion that costs nothing: what the encoder does to predicted pictures when something in them moves.

An encoder that holds its quality spends more bytes. One that holds its bit rate cannot, and chooses a coarser quantiser
instead; its bytes may even become fewer. So both are watched.

What counts as growth is learnt per camera, and apart for each place in the group of pictures: encoders give the
pictures after a key frame, or every second one, other sizes than the rest, and bitrate control lets all of them drift.
Evidence adds up over a few pictures (a one-sided cumulative sum, Page 1954), so that one large picture is no motion. It
is a cue beside the motion gate, never the only judge.
"""

import math
from dataclasses import dataclass

_FLOOR_BYTES = 200
"""Below this a picture says "nothing changed", and ratios of such sizes say nothing at all."""
_PLACES = 16
_LEARNT_COUNT = 8
_MEMORY_S = 60.0
_LEAST_SIZE_SPREAD = 0.12  # of the size's logarithm to base 2: a twelfth
_LEAST_QP_SPREAD = 0.36
_STRONGEST = 5.0
_EXPECTED = 2.0
_ENOUGH = 6.0
_MOST_DOUBT = 4.0
_KEEN_DOUBT = 2.0  # with more of it the evidence takes longer than what a woken camera catches up


@dataclass(slots=True)
class _Usual:
    """The mean in one place of the group, and how far values stray from it; never less than `least_spread`."""

    least_spread: float

    level: float = 0.0
    spread: float = 1.0
    count: int = 0
    learnt_s: float = 0.0

    def strangeness(self, level: float) -> float:
        """How many spreads above the usual; 0 until the usual is known."""
        if self.count < _LEARNT_COUNT:
            return 0.0
        return min((level - self.level) / max(self.spread, self.least_spread), _STRONGEST)

    def learn(self, level: float, at_s: float) -> None:
        """One more; those far off count as little as the strongest that is believed."""
        if not self.count:
            self.level, self.spread = level, 0.0
        reach = _STRONGEST * max(self.spread, self.least_spread)
        off = min(max(level - self.level, -reach), reach) if self.count >= _LEARNT_COUNT else level - self.level
        weight = max(1.0 / (self.count + 1), 1.0 - math.exp(-max(at_s - self.learnt_s, 0.0) / _MEMORY_S))
        weight = min(weight, 1.0 / min(self.count + 1, _LEARNT_COUNT))
        self.level += weight * off
        self.spread += weight * (abs(off) - self.spread)
        self.count, self.learnt_s = self.count + 1, at_s


class _Measure:
    """One thing that is watched in each place of the group, and the evidence that it has grown."""

    def __init__(self, least_spread: float) -> None:
        self._usual = [_Usual(least_spread) for _ in range(_PLACES)]
        self.evidence = 0.0
        self.is_learnt = False  # in the latest picture's place

    def note(self, place: int, level: float, at_s: float, *, quiet: bool) -> None:
        """What the picture in that place has of it."""
        usual = self._usual[place]
        self.is_learnt = usual.count >= _LEARNT_COUNT
        self.evidence = max(0.0, self.evidence + usual.strangeness(level) - _EXPECTED)
        if quiet:
            usual.learn(level, at_s)


class CodingCue:
    """Watches the predicted pictures of one stream. Not thread-safe.

    Each false alarm doubles the evidence that the next one needs, up to four times; a true one restores it.
    """

    def __init__(self) -> None:
        self._size, self._quantiser = _Measure(_LEAST_SIZE_SPREAD), _Measure(_LEAST_QP_SPREAD)
        self._place = 0
        self._doubt = 1.0

    def begin_group(self) -> None:
        """A key frame came. Its own size tells nothing: it holds the whole scene."""
        self._place = 0

    def observe(self, size_bytes: int, qp: int | None, at_s: float, *, quiet: bool) -> bool:
        """Whether the next predicted picture, with what came before it, tells of motion.

        `qp` is the quantiser of its first slice, None where it is not known. `at_s` is monotonic seconds. What is usual
        is learnt while it is `quiet`: while nobody knows of any motion.
        """
        place = min(self._place, _PLACES - 1)
        self._place += 1
        self._size.note(place, math.log2(size_bytes + _FLOOR_BYTES), at_s, quiet=quiet)
        if qp is not None:
            self._quantiser.note(place, qp, at_s, quiet=quiet)
        if max(self._size.evidence, self._quantiser.evidence) < _ENOUGH * self._doubt:
            return False
        self._size.evidence = self._quantiser.evidence = 0.0
        return True

    @property
    def is_ready(self) -> bool:
        """Whether it knows by now what is usual, in the latest picture's place of the group."""
        return self._size.is_learnt

    @property
    def is_keen(self) -> bool:
        """Whether it still tells of motion before the motion's beginning is out of reach."""
        return self._doubt <= _KEEN_DOUBT

    def confirm(self) -> None:
        """There was motion indeed."""
        self._doubt = 1.0

    def refute(self) -> None:
        """Nothing moved: rain, noise or a whim of the encoder."""
        self._doubt = min(2 * self._doubt, _MOST_DOUBT)
