"""Where a rule looks: an area or a line drawn on the picture."""

from dataclasses import dataclass

from analytics.geometry import Point


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon with at least three corners."""

    id: str
    name: str
    corners: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Tripwire:
    """A named line of two or more points. Its left is on the left hand of somebody walking from first to last point."""

    id: str
    name: str
    points: tuple[Point, ...]
