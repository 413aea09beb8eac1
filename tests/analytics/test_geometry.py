"""Points against polygons and lines."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.geometry import Box, Point, distance_to_outline, distance_to_path, is_inside, side_of, signed_crossings

_SHARE = st.floats(0, 1, allow_nan=False, width=32)
_POINTS = st.builds(Point, _SHARE, _SHARE)
_SQUARE = (Point(0.2, 0.2), Point(0.8, 0.2), Point(0.8, 0.8), Point(0.2, 0.8))


def test_the_foot_is_the_middle_of_the_lower_edge() -> None:
    """Rules test where an object stands."""
    assert Box(0.2, 0.1, 0.4, 0.5).foot == Point(0.30000000000000004, 0.5)


def test_who_comes_in_over_the_lower_edge_stands_in_a_zone_drawn_to_it() -> None:
    """Its foot is still out of the picture; that zone, and one drawn nearly to the edge, hold it all the same."""
    car = Box(0.2, 0.7, 0.6, 1.0)
    for edge in (1.0, 0.99):
        assert is_inside(car.foot, (Point(0.1, 0.5), Point(0.9, 0.5), Point(0.9, edge), Point(0.1, edge)))
    assert not is_inside(car.foot, _SQUARE)


@given(_POINTS)
def test_a_square_contains_exactly_what_lies_between_its_sides(point: Point) -> None:
    """Inside agrees with plain comparison, away from the edge."""
    assume(distance_to_outline(point, _SQUARE) > 1e-6)
    assert is_inside(point, _SQUARE) == (0.2 < point.x < 0.8 and 0.2 < point.y < 0.8)


@given(st.lists(_POINTS, min_size=3, max_size=8), _POINTS)
def test_turning_a_polygon_round_changes_nothing(corners: list[Point], point: Point) -> None:
    """The order of the corners and where it begins do not matter."""
    assume(distance_to_outline(point, corners) > 1e-6)
    expected = is_inside(point, corners)
    assert is_inside(point, corners[::-1]) == expected
    assert is_inside(point, [*corners[2:], *corners[:2]]) == expected


def test_right_is_where_the_right_hand_is() -> None:
    """Walking to the right of the picture, the right hand points down."""
    assert side_of(Point(0.5, 0.9), Point(0, 0.5), Point(1, 0.5)) > 0
    assert side_of(Point(0.5, 0.1), Point(0, 0.5), Point(1, 0.5)) < 0


def test_a_step_over_the_line_counts_with_its_direction() -> None:
    """To the right is +1, to the left is -1."""
    line = (Point(0, 0.5), Point(1, 0.5))
    assert signed_crossings(Point(0.5, 0.4), Point(0.5, 0.6), line) == 1
    assert signed_crossings(Point(0.5, 0.6), Point(0.5, 0.4), line) == -1


def test_a_step_past_the_end_of_the_line_is_no_crossing() -> None:
    """The line ends where it ends."""
    assert signed_crossings(Point(0.9, 0.4), Point(0.9, 0.6), (Point(0, 0.5), Point(0.8, 0.5))) == 0


def test_a_step_through_a_corner_counts_once() -> None:
    """Two segments share the corner, only one of them has it."""
    bent = (Point(0.0, 0.5), Point(0.5, 0.5), Point(1.0, 0.5))
    assert signed_crossings(Point(0.5, 0.4), Point(0.5, 0.6), bent) == 1


@given(st.lists(_POINTS, min_size=3, max_size=8))
def test_a_closed_walk_crosses_a_closed_line_evenly(walk: list[Point]) -> None:
    """Who comes back to the start has crossed a ring as often inwards as outwards."""
    ring = (*_SQUARE, _SQUARE[0])
    steps = zip(walk, [*walk[1:], walk[0]], strict=True)
    assert sum(signed_crossings(before, after, ring) for before, after in steps) == 0


@given(_POINTS)
def test_distance_to_a_point_like_line_is_the_plain_distance(point: Point) -> None:
    """A line of length zero is a point."""
    spot = Point(0.5, 0.5)
    expected = math.hypot(point.x - 0.5, point.y - 0.5)
    assert math.isclose(distance_to_path(point, (spot, spot)), expected, abs_tol=1e-9)
