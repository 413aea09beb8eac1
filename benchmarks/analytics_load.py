"""analytics-load: many cameras on this machine: drops, alert delay and time left; and twice as many.

`XUELIANG_BENCH_CAMERAS` sets how many town cameras are the load (32), `XUELIANG_BENCH_SECONDS` for how long.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.alert import Alert, Severity
from analytics.detection import Outcome
from analytics.geometry import Point
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan, IntrusionRule
from analytics.schedule import Schedule
from analytics.track import TrackUpdate
from analytics.zone import Zone
from benchmarks.peers.clips import LOOP_S, PASSES_S, busy_sub, calm_sub
from benchmarks.peers.contest import Showing, Stage, cameras
from benchmarks.peers.ours import new_pipeline
from benchmarks.report import Figure, Report, percentile, silence
from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.fleet import CameraFleet
from ingest.frame import Frame
from ingest.mask import NO_MASKS
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings

CAMERAS = int(os.environ.get("XUELIANG_BENCH_CAMERAS", "32"))
WARM_UP_S, DURATION_S = 20.0, float(os.environ.get("XUELIANG_BENCH_SECONDS", "40"))
_BUSY_EVERY = 8
_WATCHED = frozenset({"car", "bus", "truck", "motion"})
_LATEST_S = 10.0
_JUDGED = (Outcome.ANALYSED, Outcome.GATED)
_EVERYWHERE = Zone("all", "all", (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1)))


@dataclass
class Town:
    """Fleet and pipeline of a number of cameras, and what was heard of them."""

    count: int
    ages_s: list[float] = field(default_factory=list)
    alerts: list[tuple[int, float]] = field(default_factory=list)
    _arrived_s: dict[tuple[CameraId, float], float] = field(default_factory=dict)
    fleet: CameraFleet | None = None

    def run(self, stage: Stage) -> "Outturn":
        """The load for its time."""
        pipeline = new_pipeline(self._hear, self._note_alert)
        settings, clock = IngestSettings(allow_loopback=True), SystemClock()

        def offer(frame: Frame) -> None:
            self._arrived_s[frame.camera_id, frame.media_time_s] = frame.received_monotonic_s
            pipeline.offer(frame)

        self.fleet = CameraFleet(RtspOpener(settings, clock), AV_CODECS, settings, clock, offer, silence)
        pipeline.apply([_plan(number) for number in range(self.count)])
        pipeline.start()
        self.fleet.apply([_camera(number, url) for number, url in enumerate(stage.urls)])
        time.sleep(WARM_UP_S)
        self.ages_s.clear()
        before, cpu_s, begun_s = _counts(pipeline, self.count), time.process_time(), time.monotonic()
        time.sleep(DURATION_S)
        elapsed_s, spent_s = time.monotonic() - begun_s, time.process_time() - cpu_s
        after = _counts(pipeline, self.count)
        outturn = Outturn(
            [(late[0] - early[0]) / elapsed_s for early, late in zip(before, after, strict=True)],
            sum(late[1] - early[1] for early, late in zip(before, after, strict=True)),
            spent_s / elapsed_s / (os.cpu_count() or 1),
            list(self.ages_s),
            _delays(self.alerts, stage, self.count, begun_s),
            pipeline.shedding_rung,
        )
        self.fleet.close()
        pipeline.close()
        return outturn

    def _hear(self, update: TrackUpdate) -> None:
        if update.lively and self.fleet is not None:
            self.fleet.note_interest(update.camera_id)
        arrived_s = self._arrived_s.pop((update.camera_id, update.media_time_s), None)
        if arrived_s is not None and update.outcome in _JUDGED:
            self.ages_s.append(time.monotonic() - arrived_s)

    def _note_alert(self, alert: Alert) -> None:
        self.alerts.append((int(alert.camera_id), time.monotonic()))


@dataclass(frozen=True, slots=True)
class Outturn:
    """Judged frames a second of each camera, dropped frames, share of the machine used, ages, delays of alerts."""

    rates: Sequence[float]
    dropped: int
    used_share: float
    ages_s: Sequence[float]
    delays_s: Sequence[float]
    rung: int

    @property
    def dropped_share(self) -> float:
        """Of all frames that were due."""
        return self.dropped / max(1.0, self.dropped + sum(self.rates) * DURATION_S)

    @property
    def busy_rates(self) -> Sequence[float]:
        """Those of the cameras on which something always moves."""
        return self.rates[::_BUSY_EVERY]


def measure() -> Report:
    """The load, then twice the load."""
    media = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media"
    once, twice = _showings(media, CAMERAS), _showings(media, 2 * CAMERAS)
    with cameras(once) as stage:
        load = Town(len(once)).run(stage)
    with cameras(twice) as stage:
        overload = Town(len(twice)).run(stage)
    busy = overload.busy_rates
    jain = sum(busy) ** 2 / max(len(busy) * sum(rate * rate for rate in busy), 1e-9)
    return Report(
        "analytics-load",
        [
            Figure("frames dropped", load.dropped_share, "share", 0.01),
            Figure("onset to alert, p99", percentile(load.delays_s, 0.99), "s", 2.0),
            Figure("onset to alert, p50", percentile(load.delays_s, 0.5), "s"),
            Figure("share of the machine used", load.used_share, "share", 0.8),
            Figure("frame age, p99", percentile(load.ages_s, 0.99), "s"),
            Figure("overload: frame age, p99", percentile(overload.ages_s, 0.99), "s", 0.75),
            Figure("overload: period of the slowest busy camera", 1 / max(min(busy), 1e-9), "s", 1.0),
            Figure("overload: 1 - Jain's fairness of busy cameras", 1 - jain, "", 0.05),
        ],
        [
            f"{CAMERAS} town cameras, one in {_BUSY_EVERY} always busy, then {2 * CAMERAS}; {DURATION_S:.0f} s each",
            f"{len(load.delays_s)} onsets of cars on calm cameras; load shed to rung {load.rung} and {overload.rung}",
            "idle cameras are judged at their key frames, here every two seconds, and count as neither slow nor unfair",
        ],
    )


def _showings(media: Path, count: int) -> Sequence[Showing]:
    square, lane = busy_sub(media), calm_sub(media)
    return [
        Showing(square, float(number % LOOP_S)) if number % _BUSY_EVERY == 0 else Showing(lane, LOOP_S * number / count)
        for number in range(count)
    ]


def _delays(alerts: Sequence[tuple[int, float]], stage: Stage, count: int, begun_s: float) -> Sequence[float]:
    """For each onset while it was measured the seconds to the first alert, the latest if there was none by then."""
    delays: list[float] = []
    for number in range(count):
        if number % _BUSY_EVERY == 0:
            continue
        onset_s = stage.started_s + PASSES_S - LOOP_S * number / count
        while onset_s < begun_s:
            onset_s += LOOP_S
        if onset_s < begun_s + DURATION_S - _LATEST_S:
            told = [at_s - onset_s for which, at_s in alerts if which == number and 0 <= at_s - onset_s < _LATEST_S]
            delays.append(min(told, default=_LATEST_S))
    return delays


def _counts(pipeline: AnalysisPipeline, count: int) -> Sequence[tuple[int, int]]:
    """Judged and skipped frames of each camera."""
    lanes = [pipeline.stats(CameraId(str(number))) for number in range(count)]
    return [(sum(lane.counts[one] for one in _JUDGED), lane.counts[Outcome.SKIPPED]) for lane in lanes]


def _plan(number: int) -> CameraPlan:
    head = ("cars", "cars", _WATCHED, Schedule(ZoneInfo("UTC")), Severity.LOW, 10.0)
    return CameraPlan(CameraId(str(number)), (IntrusionRule(*head, zone=_EVERYWHERE),))


def _camera(number: int, url: str) -> Camera:
    name = str(number)
    return Camera(CameraId(name), name, (StreamProfile(StreamRole.MAIN, url),), masks=NO_MASKS)
