"""What no sane site sends: pictures of one pixel, pictures of 8K, a hundred objects, zones that are no areas."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert import Alert
from analytics.attention import Attention
from analytics.detection import MOTION, Outcome
from analytics.evidence import MOST_BYTES, draw_evidence
from analytics.geometry import Box, Point
from analytics.lane import CameraLane
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackState
from analytics.zone import Zone
from ingest.array_picture import ArrayPicture
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


@pytest.mark.parametrize(("size", "drawn"), [((4320, 7680), (2160, 3840)), ((9, 5000), (7, 3840)), ((1, 1), (1, 1))])
def test_evidence_of_any_size_is_a_picture_that_can_be_sent(size: tuple[int, int], drawn: tuple[int, int]) -> None:
    """Larger ones are drawn smaller, with the box where it was."""
    picture = ArrayPicture(np.full((*size, 3), 90, np.uint8))
    evidence = draw_evidence(picture, Box(0.25, 0.25, 0.75, 0.75), "person", 0.9)
    image = cv2.imdecode(np.frombuffer(evidence.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape[:2] == (evidence.height, evidence.width) == drawn


def test_evidence_full_of_noise_stays_within_its_bytes() -> None:
    """Noise of 4K at night is the largest JPEG there is; base64 makes four bytes of three, and eight MiB are taken."""
    noise = np.random.default_rng(5).integers(0, 256, (2160, 3840, 3), np.uint8)
    evidence = draw_evidence(ArrayPicture(noise), Box(0.25, 0.25, 0.75, 0.75), "person", 0.9)
    assert 0 < len(evidence.jpeg) <= MOST_BYTES
    assert evidence.width / evidence.height == pytest.approx(16 / 9, abs=0.01)
