"""What the stream of a diagnosed camera does: paces that differ on purpose, and three grades of stutter."""

import random
from dataclasses import replace

from analytics.quality.category import Category
from analytics.quality.sample import StreamFacts
from benchmarks.picture_fault import Fault

_RATE = 15.0
_WINDOW_S, _MINUTE_S, _STALL_S = 5.0, 60.0, 3.0
_KEPT = (0.5, 0.3, 0.1)  # share of the pictures that still come, by grade
_LOST = (0, 90, 0)  # packets
_STALLS = (3, 6, 10)  # of three seconds in a minute


class DiagnosedStream:
    """One in five cameras sends a third of what it declares, one half of it by night, and one declares nothing."""

    def __init__(self, seed: int) -> None:
        self._sends_few, self._slows_by_night = seed % 5 == 3, seed % 5 == 4  # noqa: PLR2004
        self._declared = 0.0 if seed % 5 == 2 else _RATE  # noqa: PLR2004

    def facts(self, rng: random.Random, sun: float, fault: Fault | None) -> StreamFacts:
        """About one picture; `sun` is 1 by day and 0 by night. Healthy ones have a burst now and then."""
        pace = 1 / 3 if self._sends_few else 1 / 2 if self._slows_by_night and sun < 1 / 2 else 1.0
        rate = _RATE * pace * rng.uniform(0.95, 1.02)
        gap_s = rng.uniform(1.05, 1.6) / rate
        if rng.random() < 0.02:  # noqa: PLR2004
            gap_s *= 3
        facts = StreamFacts(3000, rng.choice((0, 0, 0, 4)), gap_s, rate, self._declared)
        if fault is None:
            return facts
        if fault.category is Category.LOSS and fault.seed % 4 == 0:
            return replace(facts, packets=0, fps_measured=0.0)
        return _stuttering(facts, rng, fault) if fault.category is Category.STUTTER else facts


def _stuttering(facts: StreamFacts, rng: random.Random, fault: Fault) -> StreamFacts:
    """Every second fault thins the pictures out evenly, the others are stalls: none for three seconds, again and again.

    A stall shows in the rate only while it is within the window of some seconds, and never in a percentile.
    """
    grade = fault.grade - 1
    if fault.seed % 2 == 0:
        kept = _KEPT[grade]
        thinned = replace(facts, gap_p95_s=facts.gap_p95_s / kept, fps_measured=facts.fps_measured * kept)
        return replace(thinned, lost=_LOST[grade])
    stalled_s = _STALLS[grade] * _STALL_S
    is_seen = rng.random() < stalled_s / _MINUTE_S
    kept = 1.0 - _STALL_S / _WINDOW_S if is_seen else 1.0
    return replace(facts, fps_measured=facts.fps_measured * kept, stalled_s=stalled_s)
