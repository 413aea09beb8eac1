"""Frames of many cameras in, alerts and tracks out."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from structlog.testing import capture_logs

from analytics.detection import Outcome
from analytics.inference import PipelinePhase
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from ingest.camera import CameraId
from ingest.frame import Frame
from tests.fakes.clock import ManualClock
from tests.fakes.detector import ScriptedDetector, Sighted
from tests.fakes.picture import frame_at
from tests.fakes.tracks import box_at, intrusion

_A, _B = CameraId("a"), CameraId("b")
_STEP_S = 0.2


class _Bench:
    """A pipeline that a test drives by hand: no thread, no time of its own."""

    def __init__(self, settings: AnalyticsSettings | None = None) -> None:
        self.clock = ManualClock()
        self.detector = ScriptedDetector(_somebody_inside)
        self.alerts: list = []
        self.updates: list = []
        self.pipeline = AnalysisPipeline(
            self.detector, settings or AnalyticsSettings(), self.clock, self.alerts.append, self.updates.append
        )

    def play(self, *cameras: CameraId, frames: int = 1) -> None:
        for _ in range(frames):
            for camera_id in cameras:
                self.pipeline.offer(frame_at(self.clock.monotonic_s(), camera_id=camera_id))
            self.pipeline.step(0)
            self.clock.advance(_STEP_S)

    def count(self, camera_id: CameraId, outcome: Outcome) -> int:
        return self.pipeline.stats(camera_id).counts[outcome]


def _somebody_inside(_: Frame) -> Sequence[Sighted]:
    return [(box_at(0.5, 0.5), "person", 0.9)]


def _plan(camera_id: CameraId, *, watched: bool = True) -> CameraPlan:
    return CameraPlan(camera_id, (intrusion(),) if watched else ())


@pytest.fixture
def bench() -> _Bench:
    return _Bench()


def test_all_cameras_share_one_call_of_the_detector(bench: _Bench) -> None:
    """One batch, one answer for each, one alert for each intruder."""
    bench.pipeline.apply([_plan(_A), _plan(_B)])
    bench.play(_A, _B, frames=4)
    assert bench.detector.batches[0] == (_A, _B)
    assert [alert.camera_id for alert in bench.alerts] == [_A, _B]


def test_a_camera_without_rules_is_analysed_for_the_overlay(bench: _Bench) -> None:
    """Boxes are shown though nothing is watched for."""
    bench.pipeline.apply([_plan(_A, watched=False)])
    bench.play(_A, frames=4)
    assert (len(bench.updates), len(bench.updates[-1].tracks), bench.alerts) == (4, 1, [])


def test_a_camera_without_a_plan_is_ignored(bench: _Bench) -> None:
    """No lane, no figures, no error."""
    bench.pipeline.apply([_plan(_A)])
    bench.play(_B, frames=3)
    assert (bench.updates, bench.count(_B, Outcome.ANALYSED)) == ([], 0)


def test_the_latest_frame_wins_and_the_overtaken_are_skipped(bench: _Bench) -> None:
    """Three offered before the thread looks: one analysed, two skipped."""
    bench.pipeline.apply([_plan(_A)])
    for _ in range(3):
        bench.pipeline.offer(frame_at(bench.clock.monotonic_s(), camera_id=_A))
        bench.clock.advance(0.1)
    bench.pipeline.step(0)
    assert (bench.count(_A, Outcome.ANALYSED), bench.count(_A, Outcome.SKIPPED)) == (1, 2)
    assert bench.updates[-1].media_time_s == pytest.approx(0.2)


def test_a_stale_frame_is_skipped_and_not_analysed(bench: _Bench) -> None:
    """Older than the staleness budget when its turn comes."""
    bench.pipeline.apply([_plan(_A)])
    bench.pipeline.offer(frame_at(0.0, camera_id=_A))
    bench.clock.advance(0.6)
    bench.pipeline.step(0)
    assert (bench.detector.batches, bench.count(_A, Outcome.SKIPPED)) == ([], 1)
    assert bench.updates[-1].outcome is Outcome.SKIPPED


def test_a_failing_detector_fails_frames_and_recovers() -> None:
    """Failed is not empty: the track lives on; after three failures the state says so, and recovers by itself."""
    bench = _Bench(AnalyticsSettings(known_motion_s=0.35, far_motion_s=0.35))
    bench.pipeline.apply([_plan(_A)])
    bench.play(_A, frames=4)
    bench.detector.failing = True
    with capture_logs() as logs:
        bench.play(_A, frames=5)
    assert (bench.count(_A, Outcome.FAILED), bench.pipeline.state.phase) == (5, PipelinePhase.FAILED)
    assert bench.pipeline.state.reason is not None
    assert [entry["event"] for entry in logs] == ["detector failed", "analysis state"]
    assert len(bench.updates[-1].tracks) == 1
    bench.detector.failing = False
    bench.play(_A)
    assert bench.pipeline.state.phase is PipelinePhase.RUNNING


def test_a_detector_that_answers_too_little_has_failed(bench: _Bench) -> None:
    """Answers that cannot be told apart are no answers."""

    class _Mute(ScriptedDetector):
        def detect(self, frames: Sequence[Frame]) -> Sequence[object]:  # type: ignore[override]
            return []

    mute = _Mute()
    pipeline = AnalysisPipeline(mute, AnalyticsSettings(), bench.clock, bench.alerts.append, bench.updates.append)  # type: ignore[arg-type]
    pipeline.apply([_plan(_A)])
    pipeline.offer(frame_at(0.0, camera_id=_A))
    with capture_logs():
        pipeline.step(0)
    assert pipeline.stats(_A).counts[Outcome.FAILED] == 1


def test_a_listener_that_fails_does_not_stop_other_cameras() -> None:
    """One camera's trouble is its own."""
    heard: list[CameraId] = []

    def listen(update: TrackUpdate) -> None:
        if update.camera_id == _A:
            raise RuntimeError("no room")
        heard.append(update.camera_id)

    pipeline = AnalysisPipeline(ScriptedDetector(), AnalyticsSettings(), ManualClock(), lambda _: None, listen)
    pipeline.apply([_plan(_A), _plan(_B)])
    for camera_id in (_A, _B):
        pipeline.offer(frame_at(0.0, camera_id=camera_id))
    with capture_logs() as logs:
        pipeline.step(0)
    assert heard == [_B]
    assert [entry.get("camera_id") for entry in logs if entry["log_level"] == "error"] == [_A]


def test_a_still_camera_is_gated(bench: _Bench) -> None:
    """Nobody there, nothing moves: gated is counted apart from analysed."""
    bench.detector.script = lambda _: ()
    bench.pipeline.apply([_plan(_A)])
    bench.play(_A, frames=30)
    stats = bench.pipeline.stats(_A)
    assert stats.counts[Outcome.ANALYSED] + stats.counts[Outcome.GATED] == 30
    assert stats.counts[Outcome.GATED] >= 20
    assert stats.analysed_fps == pytest.approx(3.0)
    assert stats.gate_cpu_s > 0


def test_unchanged_cameras_keep_their_state(bench: _Bench) -> None:
    """Adding a camera does not raise the first one's alert anew; removing one forgets it."""
    bench.pipeline.apply([_plan(_A)])
    bench.play(_A, frames=4)
    bench.pipeline.apply([_plan(_A), _plan(_B)])
    bench.play(_A, _B, frames=4)
    assert [alert.camera_id for alert in bench.alerts] == [_A, _B]
    bench.pipeline.apply([_plan(_B)])
    bench.play(_A, _B)
    assert bench.count(_A, Outcome.ANALYSED) == 0
    assert bench.updates[-1].camera_id == _B


def test_overload_is_shared_fairly() -> None:
    """Twelve cameras, four a batch: all are served alike."""
    bench = _Bench(AnalyticsSettings(batch_size=4))
    cameras = [CameraId(f"c{index}") for index in range(12)]
    bench.pipeline.apply([_plan(camera_id) for camera_id in cameras])
    bench.play(*cameras, frames=30)
    served = [bench.count(camera_id, Outcome.ANALYSED) for camera_id in cameras]
    assert max(served) - min(served) <= 1


def _eventually(condition: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline_s:
        time.sleep(0.005)
    return condition()


def test_the_thread_analyses_and_ends() -> None:
    """Started, it takes frames from any thread; closed, it has ended and the detector is free."""
    heard = threading.Event()
    detector = ScriptedDetector()
    pipeline = AnalysisPipeline(detector, AnalyticsSettings(), ManualClock(), lambda _: None, lambda _: heard.set())
    assert pipeline.state.phase is PipelinePhase.STARTING
    pipeline.apply([_plan(_A)])
    pipeline.start()
    assert _eventually(lambda: pipeline.state.phase is PipelinePhase.RUNNING)
    pipeline.offer(frame_at(0.0, camera_id=_A))
    assert heard.wait(5)
    pipeline.close()
    pipeline.offer(frame_at(0.2, camera_id=_A))
    assert detector.closed
    assert "inference" not in {thread.name for thread in threading.enumerate()}


def test_closing_an_unstarted_pipeline_frees_the_detector(bench: _Bench) -> None:
    """Nothing was started, nothing hangs."""
    bench.pipeline.close()
    assert bench.detector.closed


def test_pictures_of_a_camera_that_wakes_are_judged_though_their_packets_are_old(bench: _Bench) -> None:
    """Nothing is shed for them either: the machine has not been too slow, the camera was not decoded until now."""
    bench.pipeline.apply([_plan(_A)])
    bench.clock.advance(60.0)
    for wakes in range(10):
        packet_s = 60.0 + wakes - 0.6
        assert bench.clock.monotonic_s() - packet_s > AnalyticsSettings().staleness_s
        bench.pipeline.offer(frame_at(packet_s, camera_id=_A))
        bench.pipeline.step(0)
        bench.clock.advance(1.0)
    stats = bench.pipeline.stats(_A)
    assert (stats.counts[Outcome.SKIPPED], bench.pipeline.shedding_rung) == (0, 0)
    assert stats.counts[Outcome.ANALYSED] + stats.counts[Outcome.GATED] == 10


def test_a_frame_that_waited_for_too_long_is_skipped(bench: _Bench) -> None:
    """However new it was when it came."""
    bench.pipeline.apply([_plan(_A)])
    bench.play(_A)
    bench.pipeline.offer(frame_at(bench.clock.monotonic_s(), camera_id=_A))
    bench.clock.advance(AnalyticsSettings().staleness_s + 0.1)
    bench.pipeline.step(0)
    assert bench.count(_A, Outcome.SKIPPED) == 1
