"""What has changed in a place and stays so."""

from collections.abc import Callable

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.detection import GONE_OBJECT, LEFT_OBJECT
from analytics.geometry import Box, area_of, overlap_area
from analytics.still_change import TELL_S, StillChange
from analytics.track import Track
from ingest.frame import Image

_HEIGHT, _WIDTH = 180, 320
_BAG = Box(0.5, 0.5, 0.56, 0.6)
_NOISE = np.random.default_rng(7)
_GROUND = cv2.GaussianBlur(_NOISE.integers(80, 140, (_HEIGHT, _WIDTH), np.uint8), (0, 0), 4)


def _with(*patches: tuple[Box, int], light: float = 1.0) -> Image:
    """The place with rectangles of a brightness, lit so, with the camera's noise."""
    picture = _GROUND.astype(np.float32)
    for box, level in patches:
        picture[round(box.top * _HEIGHT) : round(box.bottom * _HEIGHT), _columns(box)] = level
    noisy = picture * light + _NOISE.normal(0, 2.5, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _columns(box: Box) -> slice:
    return slice(round(box.left * _WIDTH), round(box.right * _WIDTH))


def _watch(change: StillChange, pictures: Callable[[float], Image], start_s: float, end_s: float) -> list[list[Track]]:
    return [list(change.observe(pictures(now_s), now_s)) for now_s in np.arange(start_s, end_s, 0.5).tolist()]


def test_what_is_put_down_is_told_where_it_stands() -> None:
    """Once, with one id, its age counted from when it was put there."""
    change = StillChange()
    assert not any(_watch(change, lambda _: _with(), 0, 40))
    told = _watch(change, lambda _: _with((_BAG, 30)), 40, 80)
    assert not any(told[:4])
    assert {len(tracks) for tracks in told[2 * round(TELL_S) + 4 :]} == {1}
    last = told[-1][0]
    assert {track.id for tracks in told for track in tracks} == {last.id}
    assert (last.label, abs(last.still_since_s - 41) < 2) == (LEFT_OBJECT, True)
    both = overlap_area(last.box, _BAG)
    assert both > 0.6 * max(area_of(last.box), area_of(_BAG))


def test_what_is_taken_away_is_told_as_gone() -> None:
    """It stood there when the camera looked first."""
    change = StillChange()
    assert not any(_watch(change, lambda _: _with((_BAG, 30)), 0, 40))
    (gone,) = _watch(change, lambda _: _with(), 40, 60)[-1]
    assert gone.label == GONE_OBJECT


def test_what_is_taken_back_is_forgotten() -> None:
    """No change is left, and none the other way round."""
    change = StillChange()
    _watch(change, lambda _: _with(), 0, 40)
    assert _watch(change, lambda _: _with((_BAG, 30)), 40, 100)[-1]
    assert not any(_watch(change, lambda _: _with(), 100, 160)[8:])


def test_who_walks_by_is_no_change_and_hides_none() -> None:
    """Somebody crosses the picture over and over, in front of the bag too."""
    change = StillChange()

    def walker(now_s: float) -> tuple[Box, int]:
        left = (0.15 * now_s) % 0.9
        return Box(left, 0.35, left + 0.06, 0.65), 220

    assert not any(_watch(change, lambda now_s: _with(walker(now_s)), 0, 60))
    told = _watch(change, lambda now_s: _with((_BAG, 30), walker(now_s)), 60, 120)
    assert sum(bool(tracks) for tracks in told[20:]) > 70


def test_light_is_no_object() -> None:
    """A cloud, a lamp and a switch to infrared change everything; nothing was put down."""
    change = StillChange()
    assert not any(_watch(change, lambda now_s: _with(light=1.0 + 0.3 * np.sin(now_s / 15)), 0, 100))
    assert not any(_watch(change, lambda _: _with(light=0.35), 100, 140))
    assert not any(_watch(change, lambda _: 255 - _with(), 140, 180))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 60), st.lists(st.floats(0, 5), max_size=8))
def test_any_picture_at_any_time_is_taken(height: int, width: int, steps_s: list[float]) -> None:
    """One pixel, other sizes midway, no time between two."""
    change, now_s = StillChange(), 0.0
    for index, step_s in enumerate(steps_s):
        now_s += step_s
        picture = np.full((height, width + (index > 4)), (40 * index) % 256, np.uint8)
        assert len(change.observe(picture, now_s)) <= 32
