"""The tree of areas over the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.areas.area import Area, AreaIn, AreaKind, AreaPatch, Centre
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.errors import NotFound

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


class AreaShown(BaseModel):
    """An area as the caller sees it: `parent_id` is null for the topmost one that the caller sees.

    `is_top`: nothing lies above it, seen or not.

    `camera_count` is that of the area itself, `permissions` what the caller may do here.
    """

    id: str
    parent_id: str | None
    is_top: bool
    name: str
    kind: AreaKind
    code: str | None
    centre: Centre | None
    camera_count: int
    permissions: list[Permission]
    created_at: datetime
    updated_at: datetime


@router.get("/areas")
async def list_areas(access: CurrentAccess, control: ControlPart) -> Page[AreaShown]:
    """The areas that the caller sees, parents before children, all on one page."""
    counts = control.rights.camera_counts()
    areas = [area for area in access.rights.tree if access.sees(area.id)]
    return Page(items=[_shown(access, area, counts) for area in areas], next_cursor=None)


@router.post("/areas", status_code=201)
async def add_area(
    access: CurrentAccess, actor: CurrentActor, body: AreaIn, response: Response, control: ControlPart
) -> AreaShown:
    """Adds an area below another one."""
    access.require(Permission.AREA_MANAGE, body.parent_id)
    area = await control.areas.add(body, actor)
    response.headers["Location"] = f"/api/v1/areas/{area.id}"
    return _shown(access, area, {})


@router.get("/areas/{area_id}")
async def read_area(access: CurrentAccess, area_id: Id, control: ControlPart) -> AreaShown:
    """One area."""
    access.require(Permission.AREA_VIEW, area_id)
    return _shown(access, _existing(access, area_id), control.rights.camera_counts())


@router.patch("/areas/{area_id}")
async def change_area(
    access: CurrentAccess, actor: CurrentActor, area_id: Id, body: AreaPatch, control: ControlPart
) -> AreaShown:
    """Renames or moves an area. A move takes the right for the area, for the one it leaves and for the one it joins."""
    access.require(Permission.AREA_MANAGE, area_id)
    current = _existing(access, area_id)
    if body.parent_id is not None and body.parent_id != current.parent_id:
        for parent_id in filter(None, (current.parent_id, body.parent_id)):
            access.require(Permission.AREA_MANAGE, parent_id)
    area = await control.areas.change(area_id, body, actor)
    return _shown(access, area, control.rights.camera_counts())


@router.delete("/areas/{area_id}", status_code=204)
async def remove_area(access: CurrentAccess, actor: CurrentActor, area_id: Id, control: ControlPart) -> None:
    """Removes an empty area with the grants on it; alerts of the past pass to the area above."""
    access.require(Permission.AREA_MANAGE, area_id)
    if parent_id := _existing(access, area_id).parent_id:
        access.require(Permission.AREA_MANAGE, parent_id)
    await control.areas.remove(area_id, actor)


def _existing(access: Access, area_id: str) -> Area:
    area = access.rights.tree.find(area_id)
    if area is None:
        raise NotFound("no such area")
    return area


def _shown(access: Access, area: Area, counts: Mapping[str, int]) -> AreaShown:
    return AreaShown(
        id=area.id,
        parent_id=area.parent_id if area.parent_id and access.sees(area.parent_id) else None,
        is_top=area.parent_id is None,
        name=area.name,
        kind=area.kind,
        code=area.code,
        centre=area.centre,
        camera_count=counts.get(area.id, 0),
        permissions=sorted(permission for permission in Permission if access.allows(permission, area.id)),
        created_at=area.created_at,
        updated_at=area.updated_at,
    )
