"""diagnosis-schedule: what it costs a node to look at ten thousand cameras once an hour, without the pictures.

A day is played through the node's own schedule, each camera with its two pictures a look; one in twenty is suspicious
and looked at every five minutes. What is learnt is read and written as the node does it, of some looks only: each costs
the same.
"""

import json
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from analytics.quality.baseline import NO_BASELINE
from analytics.quality.judge import judge, reference_of
from analytics.quality.sample import Sample
from analytics.quality.standing import NO_STANDING
from benchmarks.report import Figure, Report
from vms_api.node.check_schedule import CheckSchedule
from vms_api.node.quality_memory import Memory, QualityMemory
from vms_api.node.quality_report import QualityLook, look_payload

CAMERAS, SUSPICIOUS_EACH = 10_000, 20
HOUR_S, SUSPICIOUS_S, PAIR_S, DAY_S = 3600.0, 300.0, 8.0, 86_400.0
LIMIT_CORES = 0.1
SAMPLES = 300


def measure() -> Report:
    """Plays a day of looks, and times the memory of some of them."""
    turns, schedule_s = _day()
    looks_a_second = turns / 2 / DAY_S
    learnt = _learnt()
    with tempfile.TemporaryDirectory() as folder:
        memory = QualityMemory(Path(folder) / "quality.sqlite3")
        kept_s = _each_s(lambda number: memory.put(f"c{number}", learnt))
        read_s = _each_s(lambda number: memory.get(f"c{number}"))
        memory.close()
    told_s = _each_s(lambda number: json.dumps(look_payload(str(number), _look())))
    share = schedule_s / DAY_S
    return Report(
        "diagnosis-schedule",
        [
            Figure(f"scheduling of {CAMERAS} cameras, cores", share, "cores", LIMIT_CORES),
            Figure(
                "with reading and writing what is learnt and telling of it, cores",
                share + looks_a_second * (kept_s + read_s + told_s),
                "cores",
                LIMIT_CORES,
            ),
            Figure("looks a second", looks_a_second, "1/s"),
            Figure("one turn of the schedule", 1e6 * schedule_s / turns, "us"),
            Figure("what is learnt of a camera, read", 1e3 * read_s, "ms"),
            Figure("what is learnt of a camera, written", 1e3 * kept_s, "ms"),
        ],
    )


def _day() -> tuple[int, float]:
    """So many turns in a day, and the processor time that choosing them took."""
    schedule = CheckSchedule(HOUR_S)
    names = [f"c{number}" for number in range(CAMERAS)]
    waits = {name: SUSPICIOUS_S if n % SUSPICIOUS_EACH == 0 else HOUR_S for n, name in enumerate(names)}
    begun: set[str] = set()
    turns, now_s = 0, 0.0
    started_s = time.thread_time()
    schedule.keep(names, now_s)
    while now_s < DAY_S:
        camera_id = schedule.take(now_s)
        if camera_id is None:
            wait_s = schedule.wait_s(now_s)
            now_s += max(0.001, wait_s if wait_s is not None else 1.0)
            continue
        turns += 1
        if camera_id in begun:
            begun.remove(camera_id)
            schedule.put(camera_id, now_s + waits[camera_id])
        else:
            begun.add(camera_id)
            schedule.put(camera_id, now_s + PAIR_S)
    return turns, time.thread_time() - started_s


def _learnt() -> Memory:
    """A camera's habits after a day of looks at another picture each time."""
    chance, baseline, standing = np.random.default_rng(1), NO_BASELINE, NO_STANDING
    place = chance.integers(40, 200, (270, 480, 3)).astype(np.int16)
    sample = None
    for hour in range(24):
        picture = (place + chance.integers(-6, 7, place.shape)).clip(0, 255).astype(np.uint8)
        sample = Sample(picture, datetime(2026, 1, 1, hour, tzinfo=UTC), hour)
        judgement = judge(sample, baseline, None)
        baseline = judgement.baseline
        standing, _ = standing.judged(judgement.findings, sample.taken_at)
    return Memory(baseline, standing, "reference", reference_of(sample) if sample is not None else None)


def _look() -> QualityLook:
    return QualityLook("camera", datetime(2026, 1, 1, tzinfo=UTC), "1", "offline")


def _each_s(act: Callable[[int], object]) -> float:
    """Processor seconds of one call."""
    started_s = time.process_time()
    for number in range(SAMPLES):
        act(number)
    return (time.process_time() - started_s) / SAMPLES
