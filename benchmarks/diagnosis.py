"""diagnosis: scripted faults that are told, and alarms in weeks in which nothing is wrong, category by category.

Every figure goes through the standing, as in the service: a picture an hour, more when something is suspected, and an
alarm when a standing changes to abnormal. The methods were tuned on the cameras of `TUNED_SEEDS` and are reported on
those of `REPORTED_SEEDS`: other drawn places, other weather, other faults. The two real clips are in both.
"""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from analytics.quality.category import Category
from analytics.quality.finding import State
from analytics.quality.judge import judge, reference_of
from analytics.quality.sample import Sample
from benchmarks.accuracy import media_folder
from benchmarks.diagnosed_camera import DiagnosedCamera, Known, Look
from benchmarks.diagnosed_place import DrawnPlace, filmed
from benchmarks.diagnosis_page import Mistake, mistake, write_page
from benchmarks.picture_fault import GRADES, Fault
from benchmarks.report import Figure, Report, percentile

TUNED_SEEDS = (*range(1, 61), *range(101, 113), *range(201, 213), *range(301, 325))
REPORTED_SEEDS = range(401, 425)
MISSED_LIMIT, FALSE_PER_WEEK_LIMIT, CPU_LIMIT_MS = 0.05, 0.5, 15.0

_HEALTHY = timedelta(days=7)
_FAULT_LASTS = timedelta(hours=24)
_CLIPS = ("town-square", "car-park")
_ONE_IN = 3  # of so many cameras one looks at a clip, the clips in turn
_CPU_PICTURES = 40
_CPU_SIZE = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one scripted fault; `after` is None where it was not told within its day."""

    camera: str
    fault: Fault
    after: timedelta | None
    mistake: Mistake | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one camera."""

    weeks: float
    looks: int
    false: Sequence[Mistake]
    told: Sequence[Told]


def measure(folder: Path | None = None) -> Report:
    """Everything; with a folder, the page with a picture of each mistake is written there."""
    # One process for each core, and one thread in each: threads of two cameras would wait for each other.
    with ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        outcomes = list(pool.map(outcome_of, REPORTED_SEEDS))
    mistakes = [one.mistake for outcome in outcomes for one in outcome.told if one.mistake is not None]
    mistakes += [alarm for one in outcomes for alarm in one.false]
    if folder is not None:
        write_page(folder, mistakes)
    weeks = sum(one.weeks for one in outcomes)
    false = [alarm for one in outcomes for alarm in one.false]
    told = [one for outcome in outcomes for one in outcome.told]
    looks, cost_ms = sum(one.looks for one in outcomes), cpu_ms()
    return Report(
        "diagnosis",
        [
            *(_missed(category, told) for category in Category),
            *(_false(category, false, weeks) for category in Category),
            Figure("CPU per picture of 1920x1080, mean", sum(cost_ms) / len(cost_ms), "ms", CPU_LIMIT_MS),
            Figure("CPU per picture of 1920x1080, p95", percentile(cost_ms, 0.95), "ms"),
            *_by_grade(told),
            *_delays(told),
        ],
        [
            f"{len(outcomes)} cameras, {weeks:.0f} camera-weeks of drawn days and nights, {looks} healthy pictures",
            f"a fault is missed when it is not told within 24 h; {len(told)} faults",
            "a third of the cameras look at the two real clips, which were also seen while tuning",
            f"places, weather, nights and faults are of seeds {REPORTED_SEEDS[0]} to {REPORTED_SEEDS[-1]}, held out",
            *(f"{one.category.value}: {one.caption}" for one in mistakes),
        ],
    )


def camera_of(seed: int) -> DiagnosedCamera:
    """One of three looks at a clip, the clips in turn; the others look at drawn places, busy and empty in turn."""
    number = (seed - 1) % 100
    if number % _ONE_IN == 0:
        clip = media_folder() / f"{_CLIPS[number // _ONE_IN % len(_CLIPS)]}.mp4"
        return DiagnosedCamera(filmed(clip), seed)
    return DiagnosedCamera(DrawnPlace(seed, is_busy=number % 2 == 0), seed)


def outcome_of(seed: int) -> Outcome:
    """A week in which nothing is wrong, from the camera's first day on, and then each fault in turn."""
    camera = camera_of(seed)
    first = camera.course.first_day
    known, looks, false = Known(first), 0, list[Mistake]()
    for look in camera.days(known, first + _HEALTHY):
        known, looks = look.known, looks + 1
        false += [mistake(one, f"false, {camera.name}", look) for one, _, now in look.changes if now is State.ABNORMAL]
    told = [fault_told(camera, known, fault) for fault in faults(seed)]
    return Outcome(_HEALTHY / timedelta(weeks=1), looks, false, told)


def faults(seed: int) -> Iterator[Fault]:
    """Each category in each grade."""
    for category in Category:
        for grade in GRADES:
            yield Fault(category, grade, seed + grade)


def fault_told(camera: DiagnosedCamera, known: Known, fault: Fault) -> Told:
    """A fault that begins at some time of a day after the healthy week and stays."""
    rng = random.Random(f"{fault.category} {fault.grade} {fault.seed} begins")
    begins = known.at + timedelta(minutes=rng.randrange(24 * 60))
    first: Look | None = None
    for look in camera.days(replace(known, at=begins), begins + _FAULT_LASTS, fault):
        first = first or look
        if any(category is fault.category and now is State.ABNORMAL for category, _, now in look.changes):
            taken_at = look.sample.taken_at.replace(tzinfo=None)
            return Told(camera.name, fault, taken_at - begins, None)
    if first is None:
        raise RuntimeError("a day without a picture")
    what = f"missed, grade {fault.grade}, {camera.name}; its first picture"
    return Told(camera.name, fault, None, mistake(fault.category, what, first))


def cpu_ms() -> list[float]:
    """Milliseconds of one thread for each of some pictures of a known camera, beside a reference."""
    was = cv2.getNumThreads()
    cv2.setNumThreads(1)
    place = DrawnPlace(1, is_busy=True)
    rng = random.Random(1)
    spent: list[float] = []
    known = Known(datetime(2026, 6, 1, 12, tzinfo=UTC))
    baseline, reference = known.baseline, known.reference
    for number in range(_CPU_PICTURES):
        earlier, now = (np.asarray(cv2.resize(one, _CPU_SIZE), np.uint8) for one in place.pair(rng))
        sample = Sample(now, known.at + timedelta(hours=number), 12, earlier)
        reference = reference or reference_of(sample)
        begun_s = time.thread_time()
        baseline = judge(sample, baseline, reference).baseline
        spent.append((time.thread_time() - begun_s) * 1000)
    cv2.setNumThreads(was)
    return spent


def _missed(category: Category, told: Sequence[Told]) -> Figure:
    of_category = [one for one in told if one.fault.category is category]
    missed = sum(one.after is None for one in of_category)
    return Figure(f"{category.value}: 1 - recall", missed / len(of_category), "", MISSED_LIMIT)


def _false(category: Category, false: Sequence[Mistake], weeks: float) -> Figure:
    count = sum(alarm.category is category for alarm in false)
    return Figure(f"{category.value}: false alarms", count / weeks, "/camera-week", FALSE_PER_WEEK_LIMIT)


def _by_grade(told: Sequence[Told]) -> Iterator[Figure]:
    for grade in GRADES:
        of_grade = [one for one in told if one.fault.grade == grade]
        yield Figure(f"recall of grade {grade}", sum(one.after is not None for one in of_grade) / len(of_grade), "")


def _delays(told: Sequence[Told]) -> Iterator[Figure]:
    hours = [one.after / timedelta(hours=1) for one in told if one.after is not None]
    yield Figure("from a fault's begin to its alarm, p50", percentile(hours, 0.5), "h")
    yield Figure("from a fault's begin to its alarm, p95", percentile(hours, 0.95), "h")
