"""A camera that is diagnosed for weeks, as the service does it: a picture when one is due, and a standing."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics.geometry import Box
from analytics.quality.baseline import NO_BASELINE, Baseline
from analytics.quality.category import Category
from analytics.quality.judge import Judgement, judge, reference_of
from analytics.quality.reference import Reference
from analytics.quality.sample import Sample
from analytics.quality.standing import NO_STANDING, Change, Standing, next_check_s
from benchmarks.day_course import JPEG, DayCourse, clock_text, coded
from benchmarks.diagnosed_place import Place
from benchmarks.diagnosed_stream import DiagnosedStream
from benchmarks.picture_fault import Fault
from ingest.frame import Image

_APART = timedelta(seconds=5)
_CLOCK = (Box(0.0, 0.0, 0.5, 0.1), Box(0.7, 0.9, 1.0, 1.0))
_FILLED = 0.35  # of the picture moves


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a camera at a moment."""

    at: datetime
    baseline: Baseline = NO_BASELINE
    standing: Standing = NO_STANDING
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One picture looked at."""

    known: Known
    sample: Sample
    judgement: Judgement
    changes: tuple[Change, ...]


class DiagnosedCamera:
    """Shows a place through a course of days. Every second one burns in a clock, of which nobody tells."""

    def __init__(self, place: Place, seed: int) -> None:
        self.name = f"{place.name}, course {seed}"
        self.course = DayCourse(seed)
        self._stream = DiagnosedStream(seed)
        self.seed, self._place = seed, place
        self._has_clock, self._tells_overlays = seed % 4 != 0, seed % 4 == 1
        self._tells_infrared = seed % 2 == 0
        self._frozen: tuple[Fault, Image] | None = None

    def days(self, known: Known, until: datetime, fault: Fault | None = None) -> Iterator[Look]:
        """Every picture from what is known on, as often as the standing asks."""
        while known.at < until:
            sample = self.sample(known.at, fault)
            baseline, reference = known.baseline, known.reference
            if reference is None and self.course.moment(known.at).sun == 1.0 and _shows_its_place(sample):
                baseline, reference = baseline.without_view(), reference_of(sample)
            judgement = judge(sample, baseline, reference)
            standing, changes = known.standing.judged(judgement.findings, sample.taken_at)
            known = Known(known.at + timedelta(seconds=next_check_s(standing)), judgement.baseline, standing, reference)
            yield Look(known, sample, judgement, changes)

    def sample(self, at: datetime, fault: Fault | None) -> Sample:
        """The picture at a local time."""
        rng = random.Random(f"{self.seed} {at.isoformat()}")
        earlier, now = self._pictures(at, rng, fault)
        unseen = fault is not None and fault.category is Category.LOSS and fault.seed % 4 == 0
        return Sample(
            picture=None if unseen else now,
            taken_at=at.replace(tzinfo=UTC),
            local_hour=at.hour,
            earlier=earlier,
            infrared=self.course.is_infrared(at) if self._tells_infrared else None,
            overlays=_CLOCK if self._tells_overlays else (),
            stream=self._stream.facts(rng, self.course.moment(at).sun, fault),
        )

    def _pictures(self, at: datetime, rng: random.Random, fault: Fault | None) -> tuple[Image, Image]:
        if fault is not None and fault.category is Category.FREEZE:
            return self._frozen_pair(at, rng, fault)
        pair = self._place.pair(rng)
        earlier, now = (self._shown(one, at, rng, fault) for one in pair)
        return self._finished(earlier, at - _APART, rng), self._finished(now, at, rng)

    def _frozen_pair(self, at: datetime, rng: random.Random, fault: Fault) -> tuple[Image, Image]:
        """In grade 1 the clock ticks on and the coding is one step coarser the next time; in grade 3 nothing stirs."""
        if self._frozen is None or self._frozen[0] is not fault:
            self._frozen = (fault, self._shown(self._place.pair(rng)[1], at, rng, None))
        held, quality = self._frozen[1], rng.randint(*JPEG)
        if fault.grade == 1:
            step = rng.choice((0, 1))
            earlier, now = self._timed(held, at - _APART), self._timed(held, at)
            return coded(earlier, quality), coded(now, quality + step)
        if fault.grade == 2:  # noqa: PLR2004
            return coded(self._timed(held, at - _APART), quality), coded(self._timed(held, at), quality)
        return held, held

    def _shown(self, picture: Image, at: datetime, rng: random.Random, fault: Fault | None) -> Image:
        if fault is None:
            return self.course.shown(picture, at, rng)
        lit = self.course.shown(picture, at, rng, graining=False)
        grained = self.course.grained(fault.spoil(lit), self.course.moment(at), rng)
        return fault.disturb(grained, rng)

    def _finished(self, picture: Image, at: datetime, rng: random.Random) -> Image:
        return coded(self._timed(picture, at), rng.randint(*JPEG))

    def _timed(self, picture: Image, at: datetime) -> Image:
        canvas = picture.copy()
        if self._has_clock:
            clock_text(canvas, at)
        return canvas


def _shows_its_place(sample: Sample) -> bool:
    """Whether a person would confirm the picture as a reference: nobody takes one that a lorry fills in passing."""
    features = judge(sample, NO_BASELINE, None).features
    return features is not None and (features.moves or 0.0) < _FILLED
