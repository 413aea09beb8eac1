"""How long the detector's next look may wait."""

from dataclasses import replace

import pytest

from analytics.attention import Attention
from analytics.detection import MOTION
from analytics.settings import AnalyticsSettings
from analytics.track import Track
from tests.fakes.tracks import box_at, intrusion, line_crossing, walk

_SETTINGS = AnalyticsSettings()
_ATTENTION = Attention((intrusion(), line_crossing()), _SETTINGS)


def _track(x: float, y: float, speed: float, track_id: int = 1) -> Track:
    return replace(walk((x, y), track_id=track_id), speed=speed)


@pytest.mark.parametrize(
    ("x", "speed", "wait_s"),
    [
        (0.49, 0.05, _SETTINGS.known_motion_s),
        (0.65, 0.05, 0.6),
        (0.02, 0.03, _SETTINGS.far_motion_s),
        (0.49, 0.5, _SETTINGS.fast_motion_s),
        (0.02, 0.5, _SETTINGS.fast_motion_s),
    ],
    ids=["at the line", "inside, a few steps from its edge", "far away", "fast", "fast and far away"],
)
def test_the_wait_depends_on_speed_and_on_the_way_to_an_edge(x: float, speed: float, wait_s: float) -> None:
    """Of somebody who is alone."""
    track = _track(x, 0.5, speed)
    assert _ATTENTION.patience_s(track, [track]) == pytest.approx(wait_s)


def test_two_who_pass_each_other_are_never_left_for_long() -> None:
    """Far from every edge, but they might swap their tracks."""
    one, other = _track(0.02, 0.5, 0.03), _track(0.06, 0.5, 0.03, track_id=2)
    assert _ATTENTION.patience_s(one, [one, other]) == _SETTINGS.known_motion_s
    apart = _track(0.02, 0.95, 0.03, track_id=2)
    assert _ATTENTION.patience_s(one, [one, apart]) == _SETTINGS.far_motion_s


def test_a_class_that_no_rule_watches_is_far_from_every_edge() -> None:
    """A dog on the line of a rule for people."""
    dog = replace(_track(0.49, 0.5, 0.03), label="dog")
    assert _ATTENTION.patience_s(dog, [dog]) == _SETTINGS.far_motion_s


def test_what_is_new_is_looked_at_at_once_where_a_rule_decides() -> None:
    """Inside a zone, as out of a door, and at an edge; elsewhere it waits, the shorter the larger it is."""
    assert _ATTENTION.patience_with(box_at(0.35, 0.6)) == 0.0
    assert _ATTENTION.patience_with(box_at(0.16, 0.6)) == 0.0
    assert _ATTENTION.patience_with(box_at(0.03, 0.97)) == _SETTINGS.known_motion_s
    assert _ATTENTION.patience_with(box_at(0.05, 0.97, width=0.1, height=0.15)) == _SETTINGS.fast_motion_s


def test_what_comes_in_without_a_name_is_looked_at_as_if_it_were_new() -> None:
    """Its foot, out of the picture, does not move: nobody knows how fast it walks until the whole of it is there."""
    entering = replace(_track(0.35, 0.99, 0.0), label=MOTION, box=box_at(0.35, 1.0, height=0.4))
    assert _ATTENTION.patience_s(entering, [entering]) == _ATTENTION.patience_with(entering.box)
    assert _ATTENTION.patience_s(entering, [entering]) < _SETTINGS.known_motion_s
    named = replace(entering, label="person")
    assert _ATTENTION.patience_s(named, [named]) >= _SETTINGS.known_motion_s
