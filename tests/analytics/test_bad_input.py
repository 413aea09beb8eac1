"""What no sane site sends: pictures of one pixel, pictures of 8K, a hundred objects, zones that are no areas."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert import Alert
from analytics.attention import Attention
from analytics.detection import MOTION, Outcome
from analytics.geometry import Point
from analytics.lane import CameraLane
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackState
from analytics.zone import Zone
from tests.fakes.clock import ManualClock
from tests.fakes.detector import Sighted, detections_of
from tests.fakes.picture import CAMERA, frame_at
from tests.fakes.tracks import box_at, intrusion, walk

_STEP_S = 0.2


def _lane(corners: Sequence[tuple[float, float]]) -> CameraLane:
    zone = Zone("odd", "odd", tuple(Point(x, y) for x, y in corners))
    rule = replace(intrusion(), zone=zone, labels=frozenset({"person", MOTION}))
    return CameraLane(CameraPlan(CAMERA, (rule,)), AnalyticsSettings(), ManualClock())


def _alerts(lane: CameraLane, *sighted: Sighted, pictures: int = 6) -> list[Alert]:
    told: list[Alert] = []
    for index in range(pictures):
        frame = frame_at(index * _STEP_S)
        lane.wants_inference(frame)
        told.extend(lane.conclude(frame, Outcome.ANALYSED, detections_of(frame, sighted)).alerts)
    return told


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (4320, 7680)])
def test_pictures_of_any_size_are_judged(size: tuple[int, int]) -> None:
    """One pixel, one row, one column, 8K: motion in them is motion, and a detection in them is an alert."""
    lane = _lane([(0, 0), (1, 0), (1, 1), (0, 1)])
    told = []
    for index in range(4):
        frame = frame_at(index * _STEP_S, np.full((*size, 3), 60 + 40 * (index % 2), np.uint8))
        assert lane.wants_inference(frame) or index
        found = detections_of(frame, [(box_at(0.5, 0.5), "person", 0.9)])
        told.extend(lane.conclude(frame, Outcome.ANALYSED, found).alerts)
    assert [alert.label for alert in told] == ["person"]


def test_a_hundred_objects_are_a_hundred_tracks() -> None:
    """Ten rows of ten, each followed by itself for two seconds and told once."""
    lane = _lane([(0, 0), (1, 0), (1, 1), (0, 1)])
    told: list[Alert] = []
    for index in range(10):
        frame = frame_at(index * _STEP_S)
        feet = [(0.05 + 0.09 * column + 0.004 * index, 0.09 + 0.1 * row) for row in range(10) for column in range(10)]
        found = detections_of(frame, [(box_at(*foot, width=0.03, height=0.07), "person", 0.9) for foot in feet])
        result = lane.conclude(frame, Outcome.ANALYSED, found)
        told.extend(result.alerts)
    assert [track.state for track in result.update.tracks] == [TrackState.CONFIRMED] * 100
    assert len({track.id for track in result.update.tracks}) == 100
    assert len(told) == 100


@pytest.mark.parametrize(
    "corners",
    [
        [(1.2, 1.2), (1.8, 1.2), (1.5, 1.8)],
        [(0.5, 0.5)] * 3,
        [(0.1, 0.1), (0.5, 0.5), (0.9, 0.9)],
    ],
    ids=["outside", "a point", "a stroke"],
)
def test_a_zone_without_area_in_the_picture_raises_nothing(corners: list[tuple[float, float]]) -> None:
    """Nobody can stand there; the camera goes on."""
    assert _alerts(_lane(corners), (box_at(0.3, 0.6), "person", 0.9)) == []


def test_of_a_zone_that_crosses_itself_each_loop_is_inside() -> None:
    """Even-odd, as the page fills it: both wings of a bow tie, and neither gap."""
    tie = [(0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)]
    for foot, alerts in (((0.2, 0.5), 1), ((0.8, 0.5), 1), ((0.5, 0.15), 0), ((0.5, 0.85), 0)):
        assert len(_alerts(_lane(tie), (box_at(*foot), "person", 0.9))) == alerts


_Corners = st.lists(st.tuples(st.floats(-2, 3), st.floats(-2, 3)), min_size=3, max_size=12)


@given(_Corners, st.floats(0, 1), st.floats(0, 1), st.floats(0, 50))
def test_patience_keeps_its_bounds_for_any_zone(
    corners: list[tuple[float, float]], x: float, y: float, speed: float
) -> None:
    """Never below the wait at an edge, never above the longest one."""
    zone = Zone("any", "any", tuple(Point(*corner) for corner in corners))
    attention = Attention((replace(intrusion(), zone=zone),), AnalyticsSettings())
    track = replace(walk((x, y)), speed=speed)
    assert 0.35 <= attention.patience_s(track, [track]) <= 1.0
    assert attention.patience_with(track.box) in (0.0, 0.35, 0.55)
