"""One camera's way from frames to alerts."""

from dataclasses import replace

import cv2
import numpy as np

from analytics.detection import Outcome
from analytics.geometry import Box
from analytics.lane import CameraLane, LaneResult
from analytics.rule import AbandonedObjectRule, CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackState
from ingest.array_picture import ArrayPicture
from ingest.frame import Frame, Image
from tests.fakes.clock import ManualClock
from tests.fakes.detector import Sighted, detections_of
from tests.fakes.picture import CAMERA, frame_at, grey_image
from tests.fakes.tracks import area_rule, box_at, intrusion, line_crossing

_STEP_S = 0.2


def _lane(*, cooldown_s: float = 0.0, heartbeat_s: float = 15.0) -> CameraLane:
    plan = CameraPlan(CAMERA, (line_crossing(cooldown_s=cooldown_s), intrusion(cooldown_s=cooldown_s)))
    return CameraLane(plan, AnalyticsSettings(heartbeat_s=heartbeat_s), ManualClock())


def _analyse(lane: CameraLane, frame: Frame, *sighted: Sighted) -> LaneResult:
    return lane.conclude(frame, Outcome.ANALYSED, detections_of(frame, sighted))


def _walk_through(lane: CameraLane, *, start_s: float = 0.0, epoch: int = 1) -> list[LaneResult]:
    """Somebody walks from left to right through the square and over the line in six seconds."""
    results = []
    for index in range(31):
        now_s = start_s + index * _STEP_S
        person = box_at(0.1 + 0.13 * index * _STEP_S, 0.5)
        results.append(_analyse(lane, frame_at(now_s, epoch=epoch), (person, "person", 0.9)))
    return results


def test_a_walk_through_raises_one_alert_per_rule() -> None:
    """Into the square and over the line, each told once and with its times."""
    alerts = [alert for result in _walk_through(_lane()) for alert in result.alerts]
    assert [alert.rule_name for alert in alerts] == ["square", "gate"]
    assert len({alert.id for alert in alerts}) == 2
    assert all(alert.label == "person" and alert.camera_id == CAMERA for alert in alerts)


def test_the_evidence_is_a_picture_of_the_frame_with_the_box() -> None:
    """A JPEG of the frame's size in which something is drawn; the frame itself is untouched."""
    lane = _lane()
    alerts = [alert for result in _walk_through(lane) for alert in result.alerts]
    evidence = alerts[0].evidence
    assert evidence is not None
    image = cv2.imdecode(np.frombuffer(evidence.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (evidence.height, evidence.width, 3) == (180, 320, 3)
    assert np.ptp(image.astype(int)) > 50
    assert not np.ptp(frame_at(0.0).picture.bgr())


def test_the_quiet_time_outlives_a_reconnect() -> None:
    """Suppressed violations are counted, also those of the next epoch."""
    lane = _lane(cooldown_s=3600)
    first = [alert for result in _walk_through(lane) for alert in result.alerts]
    second = [alert for result in _walk_through(lane, start_s=10, epoch=2) for alert in result.alerts]
    stats = lane.meter.snapshot(0.0, overtaken_count=0, shed_count=0)
    assert (len(first), len(second), stats.alert_count, stats.suppressed_count) == (2, 0, 2, 2)


def test_a_new_epoch_forgets_the_tracks() -> None:
    """Timestamps and places of different epochs are never compared."""
    lane = _lane()
    _walk_through(lane)
    assert lane.conclude(frame_at(0.0, epoch=2), Outcome.SKIPPED).update.tracks == ()


def test_a_bag_that_stays_when_its_owner_has_gone_is_told() -> None:
    """Also while the gate is closed and no detector looks: nothing moves about a bag."""
    rule = area_rule(AbandonedObjectRule, dwell_s=20.0, labels=frozenset({"motion"}))
    lane = CameraLane(CameraPlan(CAMERA, (rule,)), AnalyticsSettings(), ManualClock())
    empty = np.random.default_rng(1).normal(110, 8, (180, 320, 3)).astype(np.uint8)
    with_bag = empty.copy()
    with_bag[90:108, 160:180] = 20
    told = []
    for second in range(100):
        frame = frame_at(float(second), empty if second < 40 else with_bag)
        owner = [(box_at(0.58, 0.6), "person", 0.9)] if 38 <= second < 50 else []
        outcome = Outcome.ANALYSED if lane.wants_inference(frame) else Outcome.GATED
        found = detections_of(frame, owner) if outcome is Outcome.ANALYSED else None
        told.extend((second, alert.label, alert.kind) for alert in lane.conclude(frame, outcome, found).alerts)
    assert [what for _, *what in told] == [["left_object", "abandoned_object"]]
    assert 70 <= told[0][0] <= 86  # the next look after the owner left may be a heartbeat later


def test_skipped_and_failed_frames_raise_nothing_and_end_nothing() -> None:
    """Only analysed and gated frames let a rule decide."""
    lane = _lane()
    for index in range(4):
        _analyse(lane, frame_at(index * _STEP_S), (box_at(0.1, 0.5), "person", 0.9))
    for outcome in (Outcome.SKIPPED, Outcome.FAILED):
        result = lane.conclude(frame_at(5.0), outcome)
        assert (result.alerts, [track.state for track in result.update.tracks]) == ((), [TrackState.CONFIRMED])
        assert result.update.outcome is outcome


def test_the_gate_asks_for_inference_at_the_heartbeat() -> None:
    """A still scene is looked at first, then every ten seconds."""
    lane, asked = _lane(heartbeat_s=10.0), []
    for index in range(150):
        frame = frame_at(index * _STEP_S)
        if lane.wants_inference(frame):
            asked.append(frame.media_time_s)
            _analyse(lane, frame)
        else:
            lane.conclude(frame, Outcome.GATED)
    assert asked[0] == 0.0
    later = [at for at in asked if at > 2.0]
    assert [round(at) for at in later] == [11, 21]


def test_unsettled_tracks_hold_the_gate_open() -> None:
    """What is tentative or lost is looked at until it is certain, moving or not."""
    lane = _lane()
    for index in range(20):
        lane.wants_inference(frame_at(index * _STEP_S))
        _analyse(lane, frame_at(index * _STEP_S))
    assert not lane.wants_inference(frame_at(4.2))
    _analyse(lane, frame_at(4.4), (box_at(0.15, 0.5), "person", 0.9))
    assert lane.wants_inference(frame_at(4.6))


def test_a_standing_person_dwells_while_the_gate_is_closed() -> None:
    """Gated frames let the time inside run on."""
    lane = CameraLane(CameraPlan(CAMERA, (intrusion(dwell_s=20.0),)), AnalyticsSettings(), ManualClock())
    for index in range(6):
        _analyse(lane, frame_at(index * _STEP_S), (box_at(0.5, 0.5), "person", 0.9))
    alerts = [lane.conclude(frame_at(float(at)), Outcome.GATED).alerts for at in range(2, 30)]
    assert sum(len(found) for found in alerts) == 1


def test_a_changed_plan_keeps_the_tracks_and_the_unchanged_rules() -> None:
    """A rule that was told stays told; a new rule begins."""
    lane = CameraLane(CameraPlan(CAMERA, (intrusion(),)), AnalyticsSettings(), ManualClock())
    inside = (box_at(0.4, 0.5), "person", 0.9)
    told = [alert for index in range(5) for alert in _analyse(lane, frame_at(index * _STEP_S), inside).alerts]
    lane.follow(CameraPlan(CAMERA, (intrusion(), line_crossing())))
    after = _analyse(lane, frame_at(1.0), inside)
    assert (len(told), len(after.alerts), len(after.update.tracks)) == (1, 0, 1)
    lane.follow(CameraPlan(CAMERA, (intrusion(dwell_s=0.1),)))
    again = [alert for index in range(6, 9) for alert in _analyse(lane, frame_at(index * _STEP_S), inside).alerts]
    assert len(again) == 1


def test_a_picture_without_contents_gives_no_alert_by_itself() -> None:
    """Nothing detected, nothing told."""
    lane = _lane()
    assert _analyse(lane, frame_at(0.0, grey_image(0))) == LaneResult(
        lane.conclude(frame_at(0.0), Outcome.ANALYSED, detections_of(frame_at(0.0), ())).update
    )


class _Colourless(ArrayPicture):
    """A damaged picture: brightness is there, and of the colours two planes, in which nothing can be drawn."""

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        return super().bgr(size)[:, :, :2]


def test_an_alert_without_a_picture_is_still_an_alert() -> None:
    """What cannot be drawn or encoded is no evidence, and what happened has happened."""
    lane = _lane()
    alerts = []
    for index in range(5):
        frame = replace(frame_at(index * _STEP_S), picture=_Colourless(grey_image()))
        alerts.extend(_analyse(lane, frame, (box_at(0.4, 0.5), "person", 0.9)).alerts)
    assert [alert.evidence for alert in alerts] == [None]


def test_known_motion_is_looked_at_less_often_than_new_motion() -> None:
    """A tracked walker alone costs every third look; somebody else who appears is looked at at once."""
    lane, asked = _lane(), []
    for index in range(40):
        now_s = index * _STEP_S
        image, walkers = grey_image(), [10 + 5 * index] * (index >= 3) + [270] * (index >= 30)
        sighted = []
        for x in walkers:
            image[60:120, x : x + 16] = 230
            sighted.append((Box(x / 320, 60 / 180, (x + 16) / 320, 120 / 180), "person", 0.9))
        frame = frame_at(now_s, image)
        asked.append(lane.wants_inference(frame))
        if asked[-1]:
            _analyse(lane, frame, *sighted)
        else:
            lane.conclude(frame, Outcome.GATED)
    assert sum(asked[10:30]) in (6, 7)
    assert all(asked[30:32])


def test_motion_without_a_name_is_known_once_the_detector_has_looked() -> None:
    """A flapping sheet that is no object costs about every second look, not each one; elsewhere it is new again."""
    lane, asked = _lane(), []
    for index in range(40):
        image = grey_image()
        left = 20 if index < 30 else 200
        image[60:120, left : left + 40 + 4 * (index % 2)] = 60 + 10 * (index % 8)
        frame = frame_at(index * _STEP_S, image)
        asked.append(lane.wants_inference(frame))
        if asked[-1]:
            _analyse(lane, frame)
        else:
            lane.conclude(frame, Outcome.GATED)
    assert sum(asked[10:30]) <= 11
    assert asked[30]
