"""Points, boxes and polygons in normalised picture coordinates: x to the right, y down, both 0 to 1."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

CUT = 0.98
"""A box that ends below this goes on out of the picture."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, top left to bottom right."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def foot(self) -> Point:
        """Bottom centre: where a standing object meets the ground, the point that rules test.

        Of what goes on out of the picture it is the lowest place that counts as in it, so that a zone drawn to the
        picture's edge, or nearly, holds who comes in there.
        """
        return Point((self.left + self.right) / 2, min(self.bottom, CUT))


Polygon = Sequence[Point]


def side_of(point: Point, start: Point, end: Point) -> float:
    """Positive on the right hand of somebody walking from start to end, negative on the left, 0 on the line.

    y grows downwards, so the right hand is where the cross product is positive.
    """
    return (end.x - start.x) * (point.y - start.y) - (end.y - start.y) * (point.x - start.x)


def is_inside(point: Point, polygon: Polygon) -> bool:
    """Whether the point lies in the polygon (even-odd rule); each edge belongs to one of its two sides only."""
    inside = False
    for start, end in _edges(polygon):
        if (start.y > point.y) != (end.y > point.y):
            crossing_x = start.x + (point.y - start.y) * (end.x - start.x) / (end.y - start.y)
            inside ^= point.x < crossing_x
    return inside


def along_path(point: Point, path: Sequence[Point]) -> float:
    """How far along an open line the place nearest to the point lies, measured from the line's start."""
    walked, best, nearest = 0.0, 0.0, math.inf
    for start, end in pairwise(path):
        length = math.hypot(end.x - start.x, end.y - start.y)
        share = _share_along(point, start, end)
        distance = _distance_to_segment(point, start, end)
        if distance < nearest:
            nearest, best = distance, walked + share * length
        walked += length
    return best


def distance_to_outline(point: Point, polygon: Polygon) -> float:
    """Shortest distance to the polygon's edge."""
    return min(_distance_to_segment(point, start, end) for start, end in _edges(polygon))


def distance_to_path(point: Point, path: Sequence[Point]) -> float:
    """Shortest distance to an open line of two or more points."""
    return min(_distance_to_segment(point, start, end) for start, end in pairwise(path))


def signed_crossings(before: Point, after: Point, path: Sequence[Point]) -> int:
    """How often the straight step from before to after crosses the path: to its right counts +1, to its left -1.

    Points that lie exactly on the other line belong to its right, so that a path through shared points counts once.
    """
    return sum(_signed_crossing(before, after, start, end) for start, end in pairwise(path))


def area_of(box: Box) -> float:
    """Width times height, as a share of the picture."""
    return max(box.right - box.left, 0.0) * max(box.bottom - box.top, 0.0)


def overlap_area(one: Box, other: Box) -> float:
    """The area that both cover."""
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(across, 0.0) * max(down, 0.0)


def gap_between(one: Box, other: Box) -> float:
    """How far apart two boxes are along the axis that parts them more; 0 where they touch."""
    across = max(one.left, other.left) - min(one.right, other.right)
    down = max(one.top, other.top) - min(one.bottom, other.bottom)
    return max(across, down, 0.0)


def join_near(boxes: Sequence[Box], distance: float) -> tuple[Box, ...]:
    """Boxes less than the distance apart become one that covers them."""
    joined: list[Box] = []
    for box in boxes:
        merged = box
        while near := [other for other in joined if gap_between(merged, other) < distance]:
            joined = [other for other in joined if other not in near]
            merged = _hull((merged, *near))
        joined.append(merged)
    return tuple(joined)


def _signed_crossing(before: Point, after: Point, start: Point, end: Point) -> int:
    was_right, is_right = side_of(before, start, end) >= 0, side_of(after, start, end) >= 0
    if was_right == is_right:
        return 0
    if (side_of(start, before, after) >= 0) == (side_of(end, before, after) >= 0):
        return 0
    return 1 if is_right else -1


def _edges(polygon: Polygon) -> Iterator[tuple[Point, Point]]:
    return zip(polygon, (*polygon[1:], polygon[0]), strict=True)


def _distance_to_segment(point: Point, start: Point, end: Point) -> float:
    across, down = end.x - start.x, end.y - start.y
    along = _share_along(point, start, end)
    return math.hypot(point.x - start.x - along * across, point.y - start.y - along * down)


def _share_along(point: Point, start: Point, end: Point) -> float:
    """Where on the way from start to end, 0 to 1, the place nearest to the point lies."""
    across, down = end.x - start.x, end.y - start.y
    length_squared = across * across + down * down
    if length_squared == 0:
        return 0.0
    along = ((point.x - start.x) * across + (point.y - start.y) * down) / length_squared
    return min(max(along, 0.0), 1.0)


def _hull(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )
