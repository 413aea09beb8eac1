"""What the tracker must do with any walk, any times and any nonsense."""

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.detection import MOTION, Detections, Outcome
from analytics.geometry import Box
from analytics.lane import CameraLane
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.sort_tracker import MOST_HIDDEN, SortTracker
from analytics.track import TrackState
from tests.fakes.clock import ManualClock
from tests.fakes.detector import Sighted, detections_of
from tests.fakes.picture import CAMERA, frame_at
from tests.fakes.tracks import box_at, intrusion, walk

_VEHICLES = frozenset({"car", "truck"})


def _seen(now_s: float, *sighted: Sighted) -> Detections:
    return detections_of(frame_at(now_s), sighted)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.08, 0.6), min_size=6, max_size=20),
    st.floats(0.0, 0.12),
    st.floats(0, 2 * math.pi),
    st.integers(0, 1000),
)
def test_a_walker_is_one_track_at_irregular_times(steps_s: list[float], speed: float, way: float, seed: int) -> None:
    """Frames come when they come and boxes jitter by a twentieth; the id stays."""
    tracker, chance, now_s, ids = SortTracker(0.45), random.Random(seed), 0.0, set()
    for step_s in steps_s:
        now_s += step_s
        x = 0.5 + speed * math.cos(way) * now_s + chance.gauss(0, 0.0025)
        y = 0.5 + speed * math.sin(way) * now_s + chance.gauss(0, 0.0025)
        ids |= {track.id for track in tracker.update(_seen(now_s, (box_at(x, y), "person", 0.8)), now_s)}
    assert len(ids) == 1


@given(
    st.lists(
        st.tuples(*[st.floats(width=32, allow_nan=True, allow_infinity=True)] * 5, st.sampled_from(["person", "car"])),
        max_size=12,
    )
)
def test_nonsense_is_no_object(rows: list[tuple[float, float, float, float, float, str]]) -> None:
    """NaN, infinity and inside-out boxes are passed over; what is made of the rest lies in the picture."""
    tracker = SortTracker(0.45)
    for index in range(4):
        detections = Detections(
            CAMERA,
            1,
            index,
            np.array([row[:4] for row in rows], np.float32).reshape(-1, 4),
            np.array([row[4] for row in rows], np.float32),
            tuple(row[5] for row in rows),
        )
        for track in tracker.update(detections, index * 0.2):
            edges = (track.box.left, track.box.top, track.box.right, track.box.bottom)
            assert all(0 <= edge <= 1 for edge in edges)


def test_a_box_of_nan_leaves_its_neighbours_alone() -> None:
    """One broken row costs the other object nothing."""
    tracker = SortTracker(0.45)
    for index in range(6):
        broken = (Box(math.nan, 0.1, 0.2, 0.3), "person", 0.9)
        tracks = tracker.update(_seen(index * 0.2, (box_at(0.5, 0.5), "person", 0.8), broken), index * 0.2)
    assert [track.state for track in tracks] == [TrackState.CONFIRMED]


def test_a_hundred_objects_keep_a_hundred_ids() -> None:
    """All walking the same way, one box width apart."""
    tracker, ids = SortTracker(0.45), set()
    for index in range(20):
        now_s = index * 0.2
        people = [
            (box_at(0.05 + 0.09 * column + 0.01 * now_s, 0.1 + 0.09 * row, 0.04, 0.08), "person", 0.8)
            for row in range(10)
            for column in range(10)
        ]
        ids |= {track.id for track in tracker.update(_seen(now_s, *people), now_s)}
    assert len(ids) == 100


def test_what_stood_still_is_hidden_and_comes_back_as_itself() -> None:
    """A car parked for a minute, behind a bus for half a minute."""
    tracker = SortTracker(0.45)
    car = (box_at(0.5, 0.5, 0.2, 0.15), "car", 0.8)
    for index in range(61):
        (before,) = tracker.update(_seen(index, car), index)
    assert before.still_since_s == 0.0
    states = [track.state for index in range(61, 91) for track in tracker.update(_seen(index), index)]
    assert states[:2] == [TrackState.LOST] * 2
    assert set(states[2:]) == {TrackState.HIDDEN}
    (after,) = tracker.update(_seen(91, (box_at(0.505, 0.5, 0.2, 0.15), "truck", 0.5)), 91)
    assert (after.id, after.state, after.still_since_s) == (before.id, TrackState.CONFIRMED, 0.0)


def test_what_is_hidden_longer_than_it_stood_has_left() -> None:
    """Who comes to that place afterwards is somebody else; so is who appears beside it."""
    tracker = SortTracker(0.45)
    standing = (box_at(0.5, 0.5), "person", 0.8)
    for index in range(11):
        (before,) = tracker.update(_seen(index, standing), index)
    for index in range(11, 18):
        tracker.update(_seen(index), index)
    beside = tracker.update(_seen(18, (box_at(0.54, 0.5), "person", 0.8)), 18)
    assert {track.state for track in beside} == {TrackState.HIDDEN, TrackState.TENTATIVE}
    states = [track.state for index in range(19, 25) for track in tracker.update(_seen(index), index)]
    assert states.count(TrackState.ENDED) == 2
    (after,) = tracker.update(_seen(30, standing), 30)
    assert after.id != before.id


def test_hidden_places_are_bounded() -> None:
    """A picture of false sightings that come and go does not fill the memory."""
    tracker = SortTracker(0.45)
    for round_number in range(3):
        start_s = round_number * 100.0
        crowd = [
            (box_at(0.02 + 0.03 * column, 0.1 + 0.3 * round_number + 0.07 * row, 0.02, 0.05), "car", 0.8)
            for row in range(2)
            for column in range(30)
        ]
        for index in range(60):
            tracker.update(_seen(start_s + index, *crowd), start_s + index)
        for index in range(60, 65):
            tracks = tracker.update(_seen(start_s + index), start_s + index)
    assert sum(track.state is TrackState.HIDDEN for track in tracks) <= MOST_HIDDEN


@pytest.mark.parametrize("seed", range(4))
def test_a_parked_car_alerts_once_in_thirty_minutes(seed: int) -> None:
    """It drives in, parks across the edge of the zone and is seen in two looks of three, as car or truck.

    Absences last up to twenty seconds, the box jitters, and the camera reconnects twice; the rule has no quiet time.
    """
    chance, absent_until_s, alerts = random.Random(seed), 0.0, []
    rule = replace(intrusion(), labels=_VEHICLES)
    lane = CameraLane(CameraPlan(CAMERA, (rule,)), AnalyticsSettings(), ManualClock())
    for index in range(1800):
        now_s, epoch = float(index), 1 + (index >= 600) + (index >= 1200)
        x = min(0.05 + 0.05 * now_s, 0.22) + chance.gauss(0, 0.008)
        if now_s > 30 and chance.random() < 0.05:
            absent_until_s = now_s + chance.uniform(1, 20)
        seen = now_s >= absent_until_s and chance.random() < 0.95
        car = (box_at(x, 0.5 + chance.gauss(0, 0.004), 0.2, 0.15), chance.choice(["car", "car", "truck"]), 0.7)
        frame = frame_at(now_s, epoch=epoch)
        result = lane.conclude(frame, Outcome.ANALYSED, detections_of(frame, [car] if seen else []))
        alerts.extend(result.alerts)
    assert len(alerts) == 1


def test_ids_are_a_matter_of_one_camera() -> None:
    """Two cameras count from one each: an id says nothing outside its own camera."""
    seen = _seen(0.0, (box_at(0.5, 0.5), "person", 0.8))
    assert [SortTracker(0.45).update(seen, 0.0)[0].id for _ in range(2)] == [1, 1]


def test_a_short_reconnect_keeps_the_tracks() -> None:
    """Two seconds without the camera, which then counts its media time anew: still the same stay, no second alert."""
    lane = CameraLane(CameraPlan(CAMERA, (intrusion(),)), AnalyticsSettings(), ManualClock())
    alerts, ids = [], set()
    for index in range(30):
        epoch = 1 if index < 15 else 2
        frame = frame_at(index * 0.2 + (2.0 if epoch == 2 else 0.0), epoch=epoch)
        result = lane.conclude(frame, Outcome.ANALYSED, detections_of(frame, [(box_at(0.5, 0.5), "person", 0.8)]))
        alerts.extend(result.alerts)
        ids |= {track.id for track in result.update.tracks}
    assert (len(alerts), len(ids)) == (1, 1)


@pytest.mark.parametrize(("last_x", "looks"), [(0.97, 4), (0.6, 10)])
def test_who_has_walked_out_of_the_picture_is_not_looked_for_as_long(last_x: float, looks: int) -> None:
    """Five looks a second: 0.7 s beyond the edge and 2 s before it, both from the first look that does not show it."""
    tracker = SortTracker(0.45)
    for step in range(6):
        tracker.update(_seen(step / 5, (box_at(last_x - 0.05 * (5 - step), 0.5), "person", 0.9)), step / 5)
    missed = 0
    while tracker.update(_seen(1.2 + missed / 5), 1.2 + missed / 5)[0].state is not TrackState.ENDED:
        missed += 1
    assert missed == looks


def test_what_comes_in_without_a_name_is_beyond_doubt_before_its_foot_is_seen() -> None:
    """Its head has walked; a name that the detector gave weakly in one place stays doubtful."""
    here = replace(walk((0.5, 1.0), (0.5, 1.0)), score=0.5, still_since_s=0.0)
    assert here.is_doubtful
    assert not replace(here, label=MOTION).is_doubtful
