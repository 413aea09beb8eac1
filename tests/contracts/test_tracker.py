"""What every tracker must keep to."""

from collections.abc import Sequence

import pytest

from analytics.detection import Detections
from analytics.sort_tracker import SortTracker
from analytics.track import Track, TrackState
from analytics.tracker import Tracker
from tests.fakes.detector import Sighted, detections_of
from tests.fakes.picture import frame_at
from tests.fakes.tracks import box_at

_STEP_S = 0.2


@pytest.fixture(params=[SortTracker], ids=["sort"])
def tracker(request: pytest.FixtureRequest) -> Tracker:
    made: Tracker = request.param(min_score=0.45)
    return made


def _seen(now_s: float, *sighted: Sighted) -> Detections:
    return detections_of(frame_at(now_s), sighted)


def _walker(now_s: float, *, speed: float = 0.1, label: str = "person", score: float = 0.8) -> Sighted:
    return box_at(0.1 + speed * now_s, 0.5), label, score


def _follow(tracker: Tracker, seconds: float, *, start_s: float = 0.0, speed: float = 0.1) -> Sequence[Track]:
    tracks: Sequence[Track] = ()
    for index in range(round(seconds / _STEP_S) + 1):
        now_s = start_s + index * _STEP_S
        tracks = tracker.update(_seen(now_s, _walker(now_s, speed=speed)), now_s)
    return tracks


def test_one_object_is_one_confirmed_track(tracker: Tracker) -> None:
    """With its foot near where it was seen last."""
    (track,) = _follow(tracker, 3.0)
    assert track.state is TrackState.CONFIRMED
    assert track.box.foot.x == pytest.approx(0.4, abs=0.01)
    assert (track.first_seen_s, track.last_seen_s, track.hit_count) == (0.0, pytest.approx(3.0), 16)


def test_a_runner_who_leaves_the_own_box_behind_is_followed(tracker: Tracker) -> None:
    """One and a half box widths a frame: overlap would find nothing."""
    (track,) = _follow(tracker, 2.0, speed=0.375)
    assert track.hit_count == 11


def test_one_sighting_proves_nothing(tracker: Tracker) -> None:
    """A single detection is tentative and gone soon."""
    (track,) = tracker.update(_seen(0.0, _walker(0.0)), 0.0)
    assert track.state is TrackState.TENTATIVE
    states = [track.state for index in range(1, 8) for track in tracker.update(_seen(index * 0.2), index * 0.2)]
    assert states[-1] is TrackState.ENDED
    assert TrackState.CONFIRMED not in states


def test_a_doubtful_detection_begins_no_track(tracker: Tracker) -> None:
    """Below the score that settings ask for."""
    assert not tracker.update(_seen(0.0, _walker(0.0, score=0.3)), 0.0)


def test_a_doubtful_detection_keeps_a_track(tracker: Tracker) -> None:
    """What was known is believed on weaker evidence."""
    _follow(tracker, 2.0)
    (track,) = tracker.update(_seen(2.2, _walker(2.2, score=0.3)), 2.2)
    assert track.state is TrackState.CONFIRMED


def test_an_object_out_of_sight_is_lost_and_then_ends_once(tracker: Tracker) -> None:
    """After two seconds of analysed frames without it."""
    _follow(tracker, 2.0)
    states = []
    for index in range(1, 20):
        now_s = 2.0 + index * _STEP_S
        states.append([track.state for track in tracker.update(_seen(now_s), now_s)])
    assert states[0] == [TrackState.LOST]
    assert states.count([TrackState.ENDED]) == 1
    assert states[11:] == [[]] * 8


def test_time_without_analysed_frames_ends_nothing(tracker: Tracker) -> None:
    """A standing object stays through minutes of gated frames, and is the same afterwards."""
    (before,) = _follow(tracker, 2.0, speed=0.0)
    for index in range(300):
        (waiting,) = tracker.predict(2.0 + index * _STEP_S)
        assert waiting.state is TrackState.CONFIRMED
    (after,) = tracker.update(_seen(62.0, _walker(62.0, speed=0.0)), 62.0)
    assert after.id == before.id


def test_what_left_while_nobody_looked_ends_after_the_next_looks(tracker: Tracker) -> None:
    """The first look after a minute finds it missing, and two seconds of looks end it."""
    _follow(tracker, 2.0)
    assert [track.state for track in tracker.update(_seen(62.0), 62.0)] == [TrackState.LOST]
    assert [track.state for track in tracker.update(_seen(64.0), 64.0)] == [TrackState.ENDED]


def test_a_hidden_walker_keeps_the_id(tracker: Tracker) -> None:
    """A second behind a lamp post."""
    (before,) = _follow(tracker, 2.0)
    for index in range(1, 5):
        tracker.update(_seen(2.0 + index * _STEP_S), 2.0 + index * _STEP_S)
    (after,) = tracker.update(_seen(3.0, _walker(3.0)), 3.0)
    assert (after.id, after.state) == (before.id, TrackState.CONFIRMED)


def test_crossing_walkers_keep_their_ids(tracker: Tracker) -> None:
    """Two who pass each other are not exchanged."""
    ids: dict[str, set[int]] = {"there": set(), "back": set()}
    for index in range(30):
        now_s = index * _STEP_S
        there, back = box_at(0.2 + 0.1 * now_s, 0.50), box_at(0.8 - 0.1 * now_s, 0.53)
        tracks = tracker.update(_seen(now_s, (there, "person", 0.8), (back, "person", 0.8)), now_s)
        for track in tracks:
            name = "there" if abs(track.box.foot.y - 0.5) < 0.015 else "back"
            ids[name].add(track.id)
    assert [len(ids["there"]), len(ids["back"])] == [1, 1]
    assert ids["there"] != ids["back"]


def test_classes_are_not_mixed_but_kin_are(tracker: Tracker) -> None:
    """A person never continues a car; a van is car and truck by turns and one track."""
    for index in range(10):
        label = ("car", "truck", "car")[index % 3]
        tracks = tracker.update(_seen(index * 0.2, _walker(index * 0.2, label=label)), index * 0.2)
    assert [(track.label, track.hit_count) for track in tracks] == [("car", 10)]
    assert len(tracker.update(_seen(2.0, _walker(2.0, label="person")), 2.0)) == 2


@pytest.mark.parametrize("step_s", [0.04, 0.2, 1.0])
def test_a_track_is_confirmed_at_any_frame_rate(tracker: Tracker, step_s: float) -> None:
    """By time and evidence, not by a count of frames alone."""
    for index in range(round(3.0 / step_s) + 1):
        tracks = tracker.update(_seen(index * step_s, _walker(index * step_s)), index * step_s)
        if index * step_s < 0.3:
            assert tracks[0].state is TrackState.TENTATIVE
    assert tracks[0].state is TrackState.CONFIRMED


def test_a_reset_forgets_the_tracks_but_not_the_numbers(tracker: Tracker) -> None:
    """An id is never used twice."""
    (before,) = _follow(tracker, 1.0)
    tracker.reset()
    assert not tracker.predict(1.0)
    (after,) = tracker.update(_seen(0.0, _walker(0.0)), 0.0)
    assert after.id > before.id


def test_paths_are_bounded(tracker: Tracker) -> None:
    """Nothing grows with the time that an object stays."""
    (track,) = _follow(tracker, 60.0, speed=0.01)
    assert len(track.path) == 32
