"""Privacy masks as the API takes and shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from vms_api.cameras.zone import Point, ZoneName, is_self_intersecting
from vms_api.errors import FieldError, ZoneSelfIntersecting

MAX_POLYGONS = 16


class MaskPolygon(BaseModel):
    """One covered area, 3 to 32 points in normalised picture coordinates; the outline must not cross itself."""

    model_config = ConfigDict(extra="forbid")

    name: ZoneName
    points: Annotated[list[Point], Field(min_length=3, max_length=32)]


class MasksIn(BaseModel):
    """All masks of a camera; an empty list lifts them. `base_version` is the version they were drawn from."""

    model_config = ConfigDict(extra="forbid")

    polygons: Annotated[list[MaskPolygon], Field(max_length=MAX_POLYGONS)]
    base_version: Annotated[int, Field(ge=0)]


class Masks(BaseModel):
    """One version of a camera's masks; 0 is a camera that nobody has ever masked.

    `polygons` null: what is stored cannot be read, and no picture of the camera is shown until masks are drawn anew.
    """

    version: int
    polygons: list[MaskPolygon] | None
    changed_at: datetime | None
    changed_by: str | None


NEVER_MASKED = Masks(version=0, polygons=[], changed_at=None, changed_by=None)


def check_outlines(body: MasksIn) -> None:
    """Refuses outlines that leave open what is inside.

    Raises:
        ZoneSelfIntersecting: one crosses or touches itself.

    """
    errors = [
        FieldError(f"polygons.{index}.points", ZoneSelfIntersecting.code, "the outline crosses or touches itself")
        for index, polygon in enumerate(body.polygons)
        if is_self_intersecting(polygon.points)
    ]
    if errors:
        raise ZoneSelfIntersecting(errors=errors)
