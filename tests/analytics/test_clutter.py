"""What moves without a name is believed on more evidence where much of it leads nowhere."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.clutter import NEW_S, WINDOW_S, Clutter
from analytics.detection import MOTION
from analytics.track import Track, TrackState
from tests.fakes.tracks import walk

_UP_S = 100.0
"""When the camera came up; all that follows happens soon after."""
_SEEN_S = _UP_S + 4


def _moving(sightings: int, *, track_id: int = 1, first_seen_s: float = _SEEN_S) -> Track:
    """One stride of its own width a sighting, straight on."""
    way = walk(*[(0.1 + 0.05 * step, 0.5) for step in range(sightings)], label=MOTION, track_id=track_id)
    return replace(way, first_seen_s=first_seen_s)


def _dead_ends(count: int) -> Sequence[Track]:
    return [replace(_moving(2, track_id=100 + number), state=TrackState.ENDED) for number in range(count)]


def _told(clutter: Clutter, track: Track, now_s: float = _SEEN_S + 1) -> bool:
    (told,) = clutter.hold_back([track], now_s, _UP_S)
    return told.state is TrackState.CONFIRMED


def test_where_nothing_stirs_three_sightings_are_enough() -> None:
    """And one dead end is chance."""
    clutter = Clutter()
    clutter.hold_back(_dead_ends(1), _SEEN_S, _UP_S)
    assert _told(clutter, _moving(3))


@pytest.mark.parametrize(("dead_ends", "too_few", "enough"), [(2, 3, 4), (6, 5, 6), (40, 10, 11)])
def test_dead_ends_ask_for_more_sightings(dead_ends: int, too_few: int, enough: int) -> None:
    """One more for each two of them, at most eight more."""
    clutter = Clutter()
    clutter.hold_back(_dead_ends(dead_ends), _SEEN_S, _UP_S)
    assert not _told(clutter, _moving(too_few))
    assert _told(clutter, _moving(enough))


def test_dead_ends_ask_for_a_straight_way() -> None:
    """Chance goes to and fro."""
    clutter = Clutter()
    clutter.hold_back(_dead_ends(4), _SEEN_S, _UP_S)
    wild = walk(*[(0.1 + 0.02 * step, 0.4 + 0.2 * (step % 2)) for step in range(9)], label=MOTION)
    assert not _told(clutter, replace(wild, first_seen_s=_SEEN_S))


def test_who_was_believed_stays_so_and_is_no_dead_end() -> None:
    """Whatever happens beside it; when it leaves, nothing was in vain."""
    clutter = Clutter()
    assert _told(clutter, _moving(3))
    clutter.hold_back([*_dead_ends(9), _moving(3)], _SEEN_S, _UP_S)
    assert _told(clutter, _moving(3))
    quiet = Clutter()
    for number in range(9):
        quiet.hold_back([_moving(3, track_id=number)], _SEEN_S, _UP_S)
        quiet.hold_back([replace(_moving(3, track_id=number), state=TrackState.ENDED)], _SEEN_S, _UP_S)
    assert _told(quiet, _moving(3, track_id=99))


def test_dead_ends_are_forgotten() -> None:
    """After ten seconds, and with the place."""
    for forget in (lambda _: WINDOW_S + 1, lambda clutter: clutter.reset() or 0.0):
        clutter = Clutter()
        clutter.hold_back(_dead_ends(9), _SEEN_S, _UP_S)
        assert _told(clutter, _moving(3), _SEEN_S + forget(clutter))


def test_a_place_that_is_known_asks_for_no_more() -> None:
    """Fifteen seconds after its camera came up the gate knows its rain: who is in it must not be lost."""
    for after_s, is_told in ((NEW_S - 0.1, False), (NEW_S, True)):
        clutter = Clutter()
        clutter.hold_back(_dead_ends(9), _UP_S + after_s, _UP_S)
        assert _told(clutter, _moving(3, first_seen_s=_UP_S + after_s), _UP_S + after_s) is is_told


@given(st.integers(0, 30), st.sampled_from(TrackState), st.floats(0, 200), st.sampled_from(["person", MOTION]))
def test_only_nameless_confirmed_tracks_change(dead_ends: int, state: TrackState, seen_s: float, label: str) -> None:
    """And nothing of them but that they are believed."""
    clutter = Clutter()
    clutter.hold_back(_dead_ends(dead_ends), _SEEN_S, _UP_S)
    track = replace(_moving(3), state=state, label=label, first_seen_s=seen_s)
    (told,) = clutter.hold_back([track], _SEEN_S, _UP_S)
    assert told == replace(track, state=told.state)
    assert told.state is state or (label, state, told.state) == (MOTION, TrackState.CONFIRMED, TrackState.TENTATIVE)
