"""Points, boxes and polygons in normalised picture coordinates: x to the right, y down, both 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass


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
        """Bottom centre: where a standing object meets the ground, the point that rules test."""
        return Point((self.left + self.right) / 2, self.bottom)


Polygon = Sequence[Point]
