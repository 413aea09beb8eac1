"""analytics-load: many cameras on this machine: drops, alert delay and time left; twice as many; main streams only.

`XUELIANG_BENCH_CAMERAS` sets how many town cameras are the load (32; half as many have a main stream only),
`XUELIANG_BENCH_SECONDS` for how long, after two minutes in which cameras earn their sleep. Other work on the machine is
measured too: with more of it than a tenth of the machine nothing is proved by what is missed, and the figures of that
load have no limits.
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
from benchmarks.peers.clips import LOOP_S, MAIN, SUB, busy_sub, calm_main, calm_sub, onset_s
from benchmarks.peers.contest import Showing, Stage, cameras
from benchmarks.peers.ours import LEARNING_S, SLEEP_ONSETS, new_pipeline
from benchmarks.peers.usage import Usage, cpu_s
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
DURATION_S = float(os.environ.get("XUELIANG_BENCH_SECONDS", "120"))
_BUSY_EVERY = 8
_WATCHED = frozenset({"car", "bus", "truck", "motion"})
_LATEST_S = 10.0
_EARLIEST_S = 1.0  # who tells of a car that is still coming into view is not late
_OTHERS_LIMIT = 0.1
_DROPPED_LIMIT = 0.01
_GROWN_LIMIT_MIB = 32.0
_JUDGED = (Outcome.ANALYSED, Outcome.GATED)
_EVERYWHERE = Zone("all", "all", (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1)))


@dataclass
class Town:
    """Fleet and pipeline of a number of cameras, and what was heard of them. One in `busy_every` is busy; 0: none."""

    count: int
    busy_every: int = _BUSY_EVERY
    ages_s: list[float] = field(default_factory=list)
    alerts: list[tuple[int, float]] = field(default_factory=list)
    _arrived_s: dict[tuple[CameraId, float], float] = field(default_factory=dict)
    fleet: CameraFleet | None = None

    def run(self, stage: Stage) -> "Outturn":
        """The load for its time."""
        pipeline = new_pipeline(self._hear, self._note_alert)
        settings, clock = IngestSettings(allow_loopback=True, sleep_onsets=SLEEP_ONSETS), SystemClock()

        def offer(frame: Frame) -> None:
            self._arrived_s[frame.camera_id, frame.media_time_s] = frame.received_monotonic_s
            pipeline.offer(frame)

        self.fleet = CameraFleet(RtspOpener(settings, clock), AV_CODECS, settings, clock, offer, silence)
        fleet = self.fleet
        pipeline.hear_shedding(lambda shedding: fleet.press(pressed=shedding.dozing))
        pipeline.apply([_plan(number) for number in range(self.count)])
        pipeline.start()
        self.fleet.apply([_camera(number, url) for number, url in enumerate(stage.urls)])
        time.sleep(LEARNING_S)
        self.ages_s.clear()
        before, usage, begun_s = _counts(pipeline, self.count), Usage((os.getpid(),)), time.monotonic()
        cameras_s, memory_mib = cpu_s(stage.pid), _memory_mib()
        time.sleep(DURATION_S)
        elapsed_s, after = time.monotonic() - begun_s, _counts(pipeline, self.count)
        cameras_s, (together_s,) = cpu_s(stage.pid) - cameras_s, usage.spent_s()  # the cameras are our child
        outturn = Outturn(
            [(late[0] - early[0]) / elapsed_s for early, late in zip(before, after, strict=True)],
            sum(late[1] - early[1] for early, late in zip(before, after, strict=True)),
            (together_s - cameras_s) / elapsed_s / (os.cpu_count() or 1),
            list(self.ages_s),
            _delays(self, stage, begun_s),
            pipeline.shedding_rung,
            usage.elsewhere(elapsed_s),
            _memory_mib() - memory_mib,
        )
        self.fleet.close()
        pipeline.close()
        return outturn

    def _hear(self, update: TrackUpdate) -> None:
        if update.interest and self.fleet is not None:
            self.fleet.note_interest(update.camera_id, update.interest)
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
    elsewhere: float
    grown_mib: float

    @property
    def is_proof(self) -> bool:
        """Whether the machine was ours."""
        return self.elsewhere <= _OTHERS_LIMIT

    @property
    def dropped_share(self) -> float:
        """Of all frames that were due."""
        return self.dropped / max(1.0, self.dropped + sum(self.rates) * DURATION_S)

    @property
    def busy_rates(self) -> Sequence[float]:
        """Those of the cameras on which something always moves."""
        return self.rates[::_BUSY_EVERY]


def measure() -> Report:
    """The town, twice the town, and half as many cameras that have nothing but a main stream."""
    media = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media"
    main = calm_main(media)
    load, overload = _run(_showings(media, CAMERAS)), _run(_showings(media, 2 * CAMERAS))
    only = _run([Showing(main, LOOP_S * 2 * number / CAMERAS) for number in range(CAMERAS // 2)], 0)
    busy = overload.busy_rates
    jain = sum(busy) ** 2 / max(len(busy) * sum(rate * rate for rate in busy), 1e-9)
    return Report(
        "analytics-load",
        [
            *_kept_up("town", load),
            Figure("town: frame age, p99", percentile(load.ages_s, 0.99), "s"),
            *_kept_up("main-only", only),
            _proved(overload, "overload: frame age, p99", percentile(overload.ages_s, 0.99), "s", 0.75),
            _proved(overload, "overload: period of the slowest busy camera", 1 / max(min(busy), 1e-9), "s", 1.0),
            _proved(overload, "overload: 1 - Jain's fairness of busy cameras", 1 - jain, "", 0.05),
            _proved(overload, "overload: memory grown", overload.grown_mib, "MiB", _GROWN_LIMIT_MIB),
        ],
        _notes(load, overload, only),
    )


def _notes(load: Outturn, overload: Outturn, only: Outturn) -> Sequence[str]:
    sizes = f"{CAMERAS} town cameras, one in {_BUSY_EVERY} busy, then {2 * CAMERAS}, then {CAMERAS // 2} main streams"
    onsets = f"onsets of cars: {len(load.delays_s)} in town, {len(only.delays_s)} main-only"
    others = ", ".join(f"{one.elsewhere:.0%}" for one in (load, overload, only))
    return [
        f"{sizes}; {DURATION_S:.0f} s each",
        f"{onsets}; load shed to rung {load.rung}, {overload.rung}, {only.rung}",
        f"other work took {others} of the machine; above {_OTHERS_LIMIT:.0%} nothing is proved by a miss",
    ]


def _run(showings: Sequence[Showing], busy_every: int = _BUSY_EVERY) -> Outturn:
    with cameras(showings) as stage:
        return Town(len(showings), busy_every).run(stage)


def _kept_up(name: str, outturn: Outturn) -> Sequence[Figure]:
    return [
        _proved(outturn, f"{name}: frames dropped", outturn.dropped_share, "share", _DROPPED_LIMIT),
        _proved(outturn, f"{name}: onset to alert, p99", percentile(outturn.delays_s, 0.99), "s", 2.0),
        Figure(f"{name}: onset to alert, p50", percentile(outturn.delays_s, 0.5), "s"),
        _used(outturn, f"{name}: share of the machine used"),
    ]


def _used(outturn: Outturn, name: str) -> Figure:
    """Who got too little to keep up has used little."""
    proves = outturn.is_proof or outturn.dropped_share <= _DROPPED_LIMIT
    return Figure(name if proves else f"{name} (no verdict)", outturn.used_share, "share", 0.8 if proves else None)


def _proved(outturn: Outturn, name: str, value: float, unit: str, at_most: float) -> Figure:
    """What is reached is reached whatever else ran; what is missed beside other work proves nothing."""
    proves = outturn.is_proof or value <= at_most
    return Figure(name if proves else f"{name} (no verdict)", value, unit, at_most if proves else None)


def _showings(media: Path, count: int) -> Sequence[Showing]:
    square, lane = busy_sub(media), calm_sub(media)
    return [
        Showing(square, float(number % LOOP_S)) if number % _BUSY_EVERY == 0 else Showing(lane, LOOP_S * number / count)
        for number in range(count)
    ]


def _delays(town: Town, stage: Stage, begun_s: float) -> Sequence[float]:
    """For each onset while it was measured the seconds to the first alert, the latest if there was none by then."""
    delays: list[float] = []
    for number in range(town.count):
        if town.busy_every and number % town.busy_every == 0:
            continue
        due_s = stage.started_s + onset_s(SUB if town.busy_every else MAIN) - LOOP_S * number / town.count
        while due_s < begun_s:
            due_s += LOOP_S
        if due_s < begun_s + DURATION_S - _LATEST_S:
            told = [
                at_s - due_s
                for which, at_s in town.alerts
                if which == number and -_EARLIEST_S <= at_s - due_s < _LATEST_S
            ]
            delays.append(min(told, default=_LATEST_S))
    return delays


def _counts(pipeline: AnalysisPipeline, count: int) -> Sequence[tuple[int, int]]:
    """Judged and skipped frames of each camera."""
    lanes = [pipeline.stats(CameraId(str(number))) for number in range(count)]
    return [(sum(lane.counts[one] for one in _JUDGED), lane.counts[Outcome.SKIPPED]) for lane in lanes]


def _memory_mib() -> float:
    """Resident memory of this process (proc(5))."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _plan(number: int) -> CameraPlan:
    head = ("cars", "cars", _WATCHED, Schedule(ZoneInfo("UTC")), Severity.LOW, 10.0)
    return CameraPlan(CameraId(str(number)), (IntrusionRule(*head, zone=_EVERYWHERE),))


def _camera(number: int, url: str) -> Camera:
    name = str(number)
    return Camera(CameraId(name), name, (StreamProfile(StreamRole.MAIN, url),), masks=NO_MASKS)
