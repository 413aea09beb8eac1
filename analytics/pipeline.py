"""Analysis of all cameras of a media node: frames go in from any thread, alerts and tracks come out."""

import threading
from collections.abc import Callable, Mapping, Sequence

import structlog

from analytics.admission import Admission
from analytics.alert import Alert, BetterView
from analytics.batcher import Batcher
from analytics.detector import Detector
from analytics.inbox import FrameInbox
from analytics.inference import Inference, Listeners, PipelinePhase, PipelineState
from analytics.inspection import Inspections
from analytics.lane import CameraLane
from analytics.lane_stats import LaneStats
from analytics.load_shedding import LoadShedder, Shedding
from analytics.rule import CameraPlan, Following
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from ingest.camera import CameraId
from ingest.clock import Clock
from ingest.frame import Frame

_POLL_S = 0.25
_CLOSE_TIMEOUT_S = 10.0

_log = structlog.get_logger()


class AnalysisPipeline:
    """One inference thread for all cameras that have a plan.

    `on_alert`, `on_tracks` and `on_better_view` are called on that thread and must not block. The detector is the
    caller's to give and the pipeline's to close.
    """

    def __init__(
        self,
        detector: Detector,
        settings: AnalyticsSettings,
        clock: Clock,
        on_alert: Callable[[Alert], None],
        on_tracks: Callable[[TrackUpdate], None],
        on_better_view: Callable[[BetterView], None] = lambda _: None,
    ) -> None:
        self._detector = detector
        self._settings = settings
        self._clock = clock
        self._inbox = FrameInbox(clock)
        self._admission = Admission()
        self._shedder = LoadShedder(settings.staleness_s)
        self.inspections = Inspections(clock)
        listeners = Listeners(on_alert, on_tracks, on_better_view, self.inspections)
        self._inference = Inference(detector, listeners, settings.close_looks)
        self._batcher = Batcher(settings.batch_size, settings.staleness_s)
        self._lock = threading.Lock()
        self._plans: Mapping[CameraId, CameraPlan] = {}  # what is wanted; guarded by the lock
        self._followed: Mapping[CameraId, CameraPlan] = {}  # what the lanes follow; inference thread only
        self._lanes: Mapping[CameraId, CameraLane] = {}  # replaced whole by the inference thread, read by all
        self._on_shedding: Callable[[Shedding], None] = lambda _: None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def apply(self, plans: Sequence[CameraPlan]) -> None:
        """Makes these the cameras to analyse. Takes effect at the next batch; unchanged cameras keep their state."""
        wanted = {plan.camera_id: plan for plan in plans}
        with self._lock:
            self._plans = wanted
        self._admission.follow(wanted)
        self._inbox.admit(wanted)

    def offer(self, frame: Frame) -> None:
        """Takes a frame from any thread and never blocks; a frame that was still waiting is skipped."""
        lane = self._lanes.get(frame.camera_id)
        if self._admission.admits(frame, lively=lane is None or lane.is_lively):
            self._inbox.put(frame)

    def hear_shedding(self, hear: Callable[[Shedding], None]) -> None:
        """From now on `hear` is told what is given up, on the inference thread and whenever that changes."""
        self._on_shedding = hear

    def start(self) -> None:
        """Starts the inference thread. Call once."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread after the batch in hand and frees the detector."""
        self._closing.set()
        self._inbox.close()
        if self._thread.ident is None:
            self._detector.close()
            return
        self._thread.join(_CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            _log.warning("inference thread does not end", waited_s=_CLOSE_TIMEOUT_S)

    def stats(self, camera_id: CameraId) -> LaneStats:
        """The camera's figures; all zero for a camera that is not analysed."""
        lane = self._lanes.get(camera_id)
        if lane is None:
            return LaneStats()
        overtaken, shed = self._inbox.dropped_count(camera_id), self._admission.refused_count(camera_id)
        return lane.meter.snapshot(self._clock.monotonic_s(), overtaken, shed)

    @property
    def shedding_rung(self) -> int:
        """How much is given up for want of time, 0 for nothing."""
        return self._shedder.rung

    @property
    def state(self) -> PipelineState:
        """Whether analysis starts, runs or fails, and why."""
        return self._inference.state

    def step(self, timeout_s: float) -> bool:
        """One batch, waiting for a frame at most that long; whether there was one. The thread does nothing else."""
        is_waiting = self._inbox.wait(timeout_s)
        arrivals, now_s = self._inbox.arrivals(), self._clock.monotonic_s()
        self._watch_load(arrivals, now_s)
        if not is_waiting:
            return False
        self._follow_plans()
        batch = self._batcher.choose(arrivals, now_s)
        self._inference.skip(self._lanes, self._taken(batch.stale))
        before = {camera_id: lane.meter.cpu_s for camera_id, lane in self._lanes.items()}
        self._inference.analyse(self._lanes, self._taken(batch.chosen))
        for camera_id in self._lanes.keys() & set(batch.chosen):
            self._batcher.charge(camera_id, self._lanes[camera_id].meter.cpu_s - before[camera_id])
        return True

    def _watch_load(self, arrivals: Mapping[CameraId, float], now_s: float) -> None:
        rung = self._shedder.rung
        self._shedder.note(max((now_s - arrived_s for arrived_s in arrivals.values()), default=0.0), now_s)
        if self._shedder.rung == rung:
            return
        shedding = self._shedder.shedding
        self._admission.shed(shedding)
        self._inference.shrink(shedding.input_share)
        self._on_shedding(shedding)
        _log.info("analysis load", rung=self._shedder.rung, busy_fps=shedding.busy_fps, idle_fps=shedding.idle_fps)

    def _run(self) -> None:
        self._inference.begin()
        try:
            while not self._closing.is_set():
                self._survive_step()
        finally:
            self._detector.close()

    def _survive_step(self) -> None:
        try:
            self.step(_POLL_S)
        except Exception as failure:  # noqa: BLE001 - the only inference thread: it says what is wrong and goes on
            self._inference.fail(failure)
            self._closing.wait(_POLL_S)

    def _taken(self, cameras: Sequence[CameraId]) -> Sequence[Frame]:
        return [frame for frame in self._inbox.take(cameras) if frame.camera_id in self._lanes]

    def _follow_plans(self) -> None:
        with self._lock:
            plans = self._plans
        if plans is self._followed:
            return
        self._lanes = {camera_id: self._lane(plan) for camera_id, plan in plans.items()}
        for camera_id in self._followed.keys() - plans.keys():
            self._batcher.forget(camera_id)
        self._followed = plans
        if isinstance(self._detector, Following):
            self._detector.follow(plans)

    def _lane(self, plan: CameraPlan) -> CameraLane:
        lane = self._lanes.get(plan.camera_id)
        if lane is None:
            return CameraLane(plan, self._settings, self._clock)
        if self._followed[plan.camera_id] != plan:
            lane.follow(plan)
        return lane


__all__ = ["AnalysisPipeline", "LaneStats", "PipelinePhase", "PipelineState", "TrackUpdate"]
