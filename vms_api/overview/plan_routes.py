"""Drawings of places over the API."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.overview.plan_image import Bounds
from vms_api.overview.plan_store import AreaPlan

router = APIRouter(prefix="/areas/{area_id}/plan")

Id = Annotated[str, Path(max_length=64)]

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The drawing", "content": {"image/png": {}, "image/jpeg": {}}},
}


class PlanShown(BaseModel):
    """The drawing of an area without its pixels. `url` changes with the drawing."""

    area_id: str
    width: int
    height: int
    bounds: Bounds
    updated_at: datetime
    updated_by: str | None
    url: str

    @classmethod
    def of(cls, plan: AreaPlan) -> "PlanShown":
        """As the API shows it."""
        return cls(
            area_id=plan.area_id,
            width=plan.width,
            height=plan.height,
            bounds=plan.bounds,
            updated_at=plan.updated_at,
            updated_by=plan.updated_by,
            url=f"/api/v1/areas/{plan.area_id}/plan",
        )


@router.post("", status_code=201, openapi_extra=_BODY)
async def keep_plan(
    access: CurrentAccess,
    actor: CurrentActor,
    area_id: Id,
    request: Request,
    bounds: Annotated[Bounds, Query()],
    control: ControlPart,
) -> PlanShown:
    """Keeps a drawing of the area, in place of the one before: JPEG, PNG or WebP, at most 20 MB, north up.

    The body is the file itself, `application/octet-stream`. It is drawn anew, so that nothing but its pixels is kept.
    """
    access.require(Permission.AREA_MANAGE, area_id)
    return PlanShown.of(await control.overview.plans.keep(area_id, request.stream(), bounds, actor))


@router.get("", response_class=Response, responses=_PICTURE)
async def read_plan(access: CurrentAccess, actor: CurrentActor, area_id: Id, control: ControlPart) -> Response:
    """The drawing. The look is recorded."""
    access.require(Permission.CAMERA_VIEW, area_id)
    plan, picture = await control.overview.plans.look(area_id, actor)
    return Response(picture, media_type=plan.media_type, headers={"Cache-Control": "private, no-store"})


@router.patch("")
async def move_plan(
    access: CurrentAccess, actor: CurrentActor, area_id: Id, body: Bounds, control: ControlPart
) -> PlanShown:
    """Puts the drawing elsewhere on the map."""
    access.require(Permission.AREA_MANAGE, area_id)
    return PlanShown.of(await control.overview.plans.move(area_id, body, actor))


@router.delete("", status_code=204)
async def remove_plan(access: CurrentAccess, actor: CurrentActor, area_id: Id, control: ControlPart) -> None:
    """Removes the drawing."""
    access.require(Permission.AREA_MANAGE, area_id)
    await control.overview.plans.remove(area_id, actor)
