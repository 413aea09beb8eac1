"""Plans as a rotation of the wall."""

from typing import Literal

from pydantic import BaseModel


class TourStop(BaseModel):
    """A camera and for how many seconds it stays."""

    camera_id: str
    dwell_s: float
    preset: str | None


class PatrolTour(BaseModel):
    """A plan's route as the caller may see it."""

    plan_id: str
    name: str
    area_id: str
    grid: Literal[1, 4, 9]
    stops: list[TourStop]


class PatrolTours(BaseModel):
    """All of them, on one page."""

    items: list[PatrolTour]
    next_cursor: None = None
