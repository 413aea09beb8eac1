"""A batch of frames on its way through gates, detector and lanes."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from analytics.alert import Alert, BetterView
from analytics.close_look import CloseLook, Window
from analytics.detection import Detections, Outcome
from analytics.detector import Detector, DetectorFailed, DetectorFault, Shrinking
from analytics.inspection import Inspection, Inspections
from analytics.lane import CameraLane
from analytics.lane_stats import Stage
from analytics.track import TrackUpdate
from ingest.camera import CameraId
from ingest.frame import Frame

_FAILURES_TO_SAY_SO = 3

_log = structlog.get_logger()


class PipelinePhase(StrEnum):
    """How analysis as a whole is doing."""

    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PipelineState:
    """`reason` is set when FAILED. A failed pipeline keeps trying and returns to RUNNING by itself."""

    phase: PipelinePhase
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of results, on the inference thread: they must not block."""

    on_alert: Callable[[Alert], None]
    on_tracks: Callable[[TrackUpdate], None]
    on_better_view: Callable[[BetterView], None]
    inspections: Inspections


class Inference:
    """Used by one thread. A detector that fails leaves its frames FAILED and is asked again next time."""

    def __init__(self, detector: Detector, listeners: Listeners, close_looks: int = 0) -> None:
        self.state = PipelineState(PipelinePhase.STARTING)
        self._detector = detector
        self._listeners = listeners
        self._close_looks = close_looks
        self._close = CloseLook(detector, close_looks)
        self._failure_count = 0
        self._failing: set[CameraId] = set()  # since the detector judged anybody

    def analyse(self, lanes: Mapping[CameraId, CameraLane], frames: Sequence[Frame]) -> None:
        """Each frame becomes ANALYSED, GATED or FAILED in the lane of its camera."""
        wanted = [frame for frame in frames if self._is_wanted(lanes[frame.camera_id], frame)]
        if wanted:
            self._detect(lanes, wanted)

    def shrink(self, share: float) -> None:
        """Pictures of that share of the detector's width from now on, if the detector has a choice; no closer looks."""
        self._close.most = self._close_looks if share >= 1.0 else 0
        if isinstance(self._detector, Shrinking):
            self._detector.use_share(share)

    def begin(self) -> None:
        """The thread is up."""
        self._change_state(PipelineState(PipelinePhase.RUNNING))

    def fail(self, failure: Exception) -> None:
        """Something outside the detector went wrong with a whole batch."""
        _log.error("batch failed", exc_info=failure)
        self._change_state(PipelineState(PipelinePhase.FAILED, f"{type(failure).__name__}: {failure}"))

    def skip(self, lanes: Mapping[CameraId, CameraLane], frames: Sequence[Frame]) -> None:
        """These came too late to be looked at."""
        for frame in frames:
            self._conclude(lanes[frame.camera_id], frame, Outcome.SKIPPED)

    def _is_wanted(self, lane: CameraLane, frame: Frame) -> bool:
        started_s = time.thread_time()
        try:
            wanted = lane.wants_inference(frame)
        except Exception:  # noqa: BLE001 - one camera's damaged picture must not stop the analysis of all others
            _log.exception("gate failed", camera_id=frame.camera_id)
            wanted = True
        lane.meter.charge(Stage.GATE, time.thread_time() - started_s)
        if not wanted:
            self._conclude(lane, frame, Outcome.GATED)
        return wanted

    def _detect(self, lanes: Mapping[CameraId, CameraLane], frames: Sequence[Frame]) -> None:
        started_s = time.thread_time()
        wanted = [self._close.windows(frame, lanes[frame.camera_id].close_places) for frame in frames]
        answers = self._ask(frames, wanted)
        picture_s = (time.thread_time() - started_s) / sum(1 + len(windows) for windows in wanted)
        self._note_answers(lanes, frames, answers)
        for frame, windows, answer in zip(frames, wanted, answers, strict=True):
            lane = lanes[frame.camera_id]
            lane.meter.charge(Stage.DETECT, picture_s * (1 + len(windows)))
            if isinstance(answer, Exception):
                is_new = lane.meter.note_fault(_fault_of(answer))
                if is_new and not self._failure_count:
                    _log.warning("pictures of one camera not judged", camera_id=frame.camera_id, exc_info=answer)
                self._conclude(lane, frame, Outcome.FAILED)
            else:
                lane.meter.note_fault(None)
                self._conclude(lane, frame, Outcome.ANALYSED, answer, windows)

    def _ask(self, frames: Sequence[Frame], wanted: Sequence[Sequence[Window]]) -> Sequence[Detections | Exception]:
        """An answer or a failure for each frame: what fails together is asked apart, one picture may be to blame."""
        try:
            answers = self._close.detect(frames, wanted)
        except Exception as failure:  # noqa: BLE001 - whatever a runtime throws, the frames failed and the thread lives
            if len(frames) == 1 or _fault_of(failure) is DetectorFault.LOST:
                return [failure] * len(frames)
            half = len(frames) // 2
            parts = [*self._ask(frames[:half], wanted[:half]), *self._ask(frames[half:], wanted[half:])]
            if not any(isinstance(part, Exception) for part in parts):  # else the part that fails tells
                _log.warning("pictures failed together and not apart", count=len(frames), exc_info=failure)
            return parts
        if len(answers) != len(frames):
            return [DetectorFailed(f"{len(answers)} answers to {len(frames)} pictures", DetectorFault.SHAPE)] * len(
                frames
            )
        return answers

    def _note_answers(
        self,
        lanes: Mapping[CameraId, CameraLane],
        frames: Sequence[Frame],
        answers: Sequence[Detections | Exception],
    ) -> None:
        """The detector as a whole is well as long as it judges anybody, and one camera alone proves nothing."""
        failures = [answer for answer in answers if isinstance(answer, Exception)]
        if len(failures) < len(answers):
            self._failure_count = 0
            self._failing.clear()
            self._change_state(PipelineState(PipelinePhase.RUNNING))
            return
        self._failing.update(frame.camera_id for frame in frames)
        if len(self._failing) > 1 or len(lanes) == 1:
            self._note_failure(failures[0])

    def _note_failure(self, failure: Exception) -> None:
        self._failure_count += 1
        if self._failure_count == 1:
            _log.warning("detector failed", detector=self._detector.model.name, exc_info=failure)
        if self._failure_count >= _FAILURES_TO_SAY_SO:
            self._change_state(PipelineState(PipelinePhase.FAILED, f"{_fault_of(failure)}: {failure}"))

    def _change_state(self, state: PipelineState) -> None:
        if state == self.state:
            return
        if state.phase is not self.state.phase:
            _log.info("analysis state", state=state.phase.value, reason=state.reason)
        self.state = state

    def _conclude(
        self,
        lane: CameraLane,
        frame: Frame,
        outcome: Outcome,
        detections: Detections | None = None,
        windows: Sequence[Window] = (),
    ) -> None:
        started_s = time.thread_time()
        try:
            result = lane.conclude(frame, outcome, detections)
            self._listeners.on_tracks(result.update)
            for alert in result.alerts:
                self._listeners.on_alert(alert)
            for view in result.views:
                self._listeners.on_better_view(view)
        except Exception:  # noqa: BLE001 - a mistake in one camera's rules or a listener must not stop the others
            _log.exception("frame not concluded", camera_id=frame.camera_id, outcome=outcome.value)
        lane.meter.charge(Stage.TRACK, time.thread_time() - started_s)
        if self._listeners.inspections.wants(frame.camera_id):
            self._listeners.inspections.note(self._inspection(lane, frame, outcome, windows))

    def _inspection(self, lane: CameraLane, frame: Frame, outcome: Outcome, windows: Sequence[Window]) -> Inspection:
        size, change = (frame.picture.width, frame.picture.height), lane.gate.change
        return Inspection(
            frame,
            outcome,
            None if change is None else change.moving > 0,
            lane.gate.moving,
            tuple(window.share_of(*size) for window in windows),
            tuple(lane.tracks),
            lane.meter.latest_cpu_s,
        )


def _fault_of(failure: Exception) -> DetectorFault:
    return failure.fault if isinstance(failure, DetectorFailed) else DetectorFault.RUN
