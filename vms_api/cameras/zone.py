"""Where a rule looks, as the API takes it: areas and lines in normalised picture coordinates."""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vms_api.errors import FieldError, InvalidRequest, ZoneSelfIntersecting

Coordinate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = tuple[Coordinate, Coordinate]
ZoneKind = Literal["area", "line"]
ZoneName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]

_POINT_COUNTS = {"area": (3, 32), "line": (2, 16)}


class ZoneIn(BaseModel):
    """A zone to be drawn. An area has 3 to 32 points, a line 2 to 16."""

    model_config = ConfigDict(extra="forbid")

    name: ZoneName
    kind: ZoneKind
    points: Annotated[list[Point], Field(min_length=2, max_length=32)]


class ZonePatch(BaseModel):
    """Any part of a zone."""

    model_config = ConfigDict(extra="forbid")

    name: ZoneName | None = None
    kind: ZoneKind | None = None
    points: Annotated[list[Point], Field(min_length=2, max_length=32)] | None = None


class Zone(ZoneIn):
    """A zone of a camera."""

    id: str


def check_outline(zone: ZoneIn) -> None:
    """Refuses what no rule could read.

    Raises:
        InvalidRequest: too few or too many points for the kind.
        ZoneSelfIntersecting: the outline of an area crosses or touches itself.

    """
    fewest, most = _POINT_COUNTS[zone.kind]
    if not fewest <= len(zone.points) <= most:
        raise InvalidRequest.field("points", "point-count", f"{zone.kind} takes {fewest} to {most} points")
    if zone.kind == "area" and is_self_intersecting(zone.points):
        message = "the outline crosses or touches itself"
        raise ZoneSelfIntersecting(errors=[FieldError("points", "zone-self-intersecting", message)])


def is_self_intersecting(points: Sequence[Point]) -> bool:
    """Whether a closed outline meets itself anywhere but at the corners its edges share."""
    size = len(points)
    edges = [(points[index], points[(index + 1) % size]) for index in range(size)]
    if any(start == end for start, end in edges):
        return True
    for first, second in combinations(range(size), 2):
        if second - first in (1, size - 1):
            middle = second if second - first == 1 else first
            if _folds_back(points[middle - 1], points[middle], points[(middle + 1) % size]):
                return True
        elif _meet(*edges[first], *edges[second]):
            return True
    return False


def _side(a: Point, b: Point, c: Point) -> float:
    """Positive, negative or zero as c lies on one side of the line a-b, on the other, or on it."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _folds_back(before: Point, corner: Point, after: Point) -> bool:
    along = (before[0] - corner[0]) * (after[0] - corner[0]) + (before[1] - corner[1]) * (after[1] - corner[1])
    return _side(before, corner, after) == 0 and along > 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    sides = (_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    spans = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    return any(side == 0 and _within(*span) for side, span in zip(sides, spans, strict=True))


def _within(a: Point, b: Point, c: Point) -> bool:
    """Whether c, known to be on the line a-b, lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])
