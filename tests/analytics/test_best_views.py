"""The best sight of an object, and what an alert gains by it."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert import Alert, BetterView, Evidence, RuleKind, Severity
from analytics.best_views import LOOK_ON_S, MOST_BYTES, BestViews
from analytics.detection import Outcome
from analytics.evidence import draw_evidence
from analytics.geometry import Box
from analytics.lane import CameraLane
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import Track, TrackState
from analytics.view_quality import quality_of
from ingest.array_picture import ArrayPicture
from ingest.frame import Image
from tests.fakes.clock import ManualClock
from tests.fakes.detector import detections_of
from tests.fakes.picture import CAMERA, frame_at, grey_image
from tests.fakes.tracks import box_at, intrusion, walk

_STEP_S = 0.2
_NOISE = np.random.default_rng(7).integers(0, 255, (360, 640, 3), np.uint8)


def _quality(box: Box, *others: Box, score: float = 0.8, image: Image = _NOISE) -> float:
    return quality_of(ArrayPicture(image), box, score, others)


@given(
    edges=st.tuples(*[st.floats(0, 1)] * 4),
    score=st.floats(0, 1),
    others=st.lists(st.tuples(*[st.floats(0, 1)] * 4), max_size=3),
)
def test_quality_is_a_share_whatever_the_box(
    edges: Sequence[float], score: float, others: Sequence[Sequence[float]]
) -> None:
    """Boxes without width, without height and upside down too."""
    assert 0.0 <= _quality(Box(*edges), *(Box(*other) for other in others), score=score) <= 1.0


def test_larger_surer_whole_and_sharp_is_better() -> None:
    """Each of the four by itself."""
    small, large = box_at(0.5, 0.6, 0.05, 0.15), box_at(0.5, 0.6, 0.1, 0.3)
    assert _quality(large) > 1.5 * _quality(small)
    assert _quality(large, score=0.9) > _quality(large, score=0.5)
    assert _quality(large) > 1.5 * _quality(Box(0.0, 0.3, 0.1, 0.6))
    assert _quality(large) > _quality(large, Box(0.5, 0.4, 0.7, 0.9))
    assert _quality(large) == _quality(large, Box(0.5, 0.1, 0.7, 0.5))  # what stands farther away hides nothing
    blurred = np.asarray(cv2.GaussianBlur(_NOISE, (31, 31), 9), np.uint8)
    assert _quality(large) > 1.5 * _quality(large, image=blurred)


def _alert(frame_s: float, track_id: int = 1) -> Alert:
    """As the lane raises it at that moment."""
    at, box = frame_at(frame_s).received_at, box_at(0.5, 0.5)
    named = ("rule", "square", RuleKind.INTRUSION, Severity.HIGH, "person")
    return Alert("alert", CAMERA, *named, 0.9, box, at, at, evidence=None, track_id=track_id)


class _Scene:
    """One person in front of a noisy wall, told to `BestViews` frame by frame."""

    def __init__(self) -> None:
        self.views = BestViews()
        self.now_s = 0.0

    def show(self, height: float, *alerts: Alert, state: TrackState = TrackState.CONFIRMED) -> tuple[BetterView, ...]:
        """A frame later the person is so high, as a share of the picture."""
        box = box_at(0.5, 0.9, height / 3, height)
        frame = frame_at(self.now_s, _NOISE)
        found = detections_of(frame, [(box, "person", 0.8)])
        views = self.views.follow(frame, [self._track(box, state)], found, alerts, self.now_s)
        self.now_s += _STEP_S
        return views

    def _track(self, box: Box, state: TrackState) -> Track:
        track = walk((box.foot.x, box.foot.y), state=state)
        return Track(track.id, track.label, state, box, 0.8, 0.0, self.now_s, 1, track.path)


def test_a_better_picture_after_the_alert_is_told_when_its_time_is_up() -> None:
    """Once, with the box and the moment of the best frame, and with that frame's pixels."""
    scene = _Scene()
    alert = _alert(0.6)
    told = [scene.show(0.1), scene.show(0.1), scene.show(0.1), scene.show(0.1, alert)]
    told += [scene.show(height) for height in (0.2, 0.4, 0.6, 0.4, *[0.2] * 20)]
    (view,) = [view for views in told for view in views]
    assert view.alert_id == alert.id
    assert view.seen_at == frame_at(6 * _STEP_S).received_at
    assert view.box.bottom - view.box.top == pytest.approx(0.6, abs=0.01)
    shown = cv2.imdecode(np.frombuffer(view.evidence.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == _NOISE.shape
    assert [bool(views) for views in told].index(True) == pytest.approx(3 + LOOK_ON_S / _STEP_S, abs=1)


def test_a_better_picture_from_before_the_alert_counts_too() -> None:
    """Somebody walks away over the line: he was seen best when he came."""
    scene = _Scene()
    for height in (0.6, 0.5, 0.3):
        scene.show(height)
    told = [scene.show(0.1, _alert(0.6))] + [scene.show(0.1) for _ in range(25)]
    (view,) = [view for views in told for view in views]
    assert view.seen_at == frame_at(0.0).received_at


def test_a_sight_of_long_ago_is_not_the_alerts_scene() -> None:
    """Ten seconds before it at most."""
    scene = _Scene()
    scene.show(0.6)
    for _ in range(75):
        scene.show(0.2)
    told = [scene.show(0.1, _alert(15.2))] + [scene.show(0.1) for _ in range(25)]
    (view,) = [view for views in told for view in views]
    assert view.box.bottom - view.box.top == pytest.approx(0.2, abs=0.01)


def test_nothing_better_nothing_told() -> None:
    """The picture of the moment was the best one, or nearly."""
    scene = _Scene()
    scene.show(0.3)
    told = [scene.show(0.6, _alert(0.2))] + [scene.show(0.61) for _ in range(25)]
    assert [view for views in told for view in views] == []


def test_an_object_that_leaves_is_told_of_at_once() -> None:
    """Nobody waits for a better sight of what is gone."""
    scene = _Scene()
    scene.show(0.1, _alert(0.0))
    scene.show(0.5)
    assert len(scene.show(0.5, state=TrackState.ENDED)) == 1
    assert scene.views.size_bytes == 0.0


def test_the_words_of_an_object_at_the_right_edge_stay_in_the_picture() -> None:
    """As many drawn pixels as in the middle."""
    drawn = []
    for right in (0.6, 1.0):
        evidence = draw_evidence(
            ArrayPicture(grey_image(0, 640, 360)), Box(right - 0.02, 0.4, right, 0.6), "person", 0.8
        )
        image = cv2.imdecode(np.frombuffer(evidence.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        drawn.append(int((image > 60).sum()))
    assert drawn[1] == pytest.approx(drawn[0], rel=0.1)


def test_predicted_boxes_are_no_sights() -> None:
    """Without detections a frame shows nothing of anybody."""
    views = BestViews()
    views.follow(frame_at(0.0, _NOISE), [walk((0.5, 0.5))], None, (), 0.0)
    assert views.size_bytes == 0.0


def test_many_large_objects_keep_few_pictures() -> None:
    """A hundred in view, each seen best in a frame of its own: memory stays bounded."""
    views = BestViews()
    large = np.zeros((1080, 1920, 3), np.uint8)
    tracks: list[Track] = []
    for number in range(1, 101):
        now_s = number * _STEP_S
        box = box_at(0.5, 0.5)
        tracks.append(Track(number, "person", TrackState.CONFIRMED, box, 0.8, 0.0, now_s, 1, ()))
        frame = frame_at(now_s, large.copy())
        views.follow(frame, tracks, detections_of(frame, [(box, "person", 0.8)]), (), now_s)
        assert 0.0 < views.size_bytes <= MOST_BYTES


def test_a_lane_tells_alerts_at_once_and_views_later() -> None:
    """Through gate-less frames of a lane: the alert comes with its own picture, the view with the same alert's id."""
    lane = CameraLane(CameraPlan(CAMERA, (intrusion(),)), AnalyticsSettings(), ManualClock())
    alerts: list[Alert] = []
    views: list[BetterView] = []
    for index in range(40):
        frame = frame_at(index * _STEP_S, grey_image())
        height = 0.1 + 0.01 * min(index, 20)
        found = detections_of(frame, [(box_at(0.5, 0.7, 0.1, height), "person", 0.9)])
        result = lane.conclude(frame, Outcome.ANALYSED, found)
        alerts += result.alerts
        views += result.views
    assert [view.alert_id for view in views] == [alert.id for alert in alerts]
    assert len(alerts) == 1
    assert isinstance(alerts[0].evidence, Evidence)
    assert views[0].seen_at > alerts[0].frame_received_at
