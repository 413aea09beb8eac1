"""Unmasked viewing over the API: ask, decide, list. The view itself is opened with `?unmasked=true`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Place
from vms_api.cameras import unmask_store
from vms_api.cameras.unmask import UnmaskRequest, UnmaskRequestIn, UnmaskState
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
State = Annotated[UnmaskState | None, Query()]


@router.post("/cameras/{camera_id}/unmask-requests", status_code=201)
async def ask_to_unmask(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: UnmaskRequestIn, control: ControlPart
) -> UnmaskRequest:
    """Asks to see a camera without its masks; somebody else with the same permission has to approve it."""
    place = Place(access.require_camera(Permission.UNMASKED_VIEW, camera_id), camera_id)
    return await control.unmasks.ask(place, body, access.user, actor)


@router.get("/unmask-requests")
async def list_unmask_requests(
    access: CurrentAccess, control: ControlPart, state: State = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[UnmaskRequest]:
    """Requests about cameras that the caller might unmask, newest first."""
    area_ids = access.area_ids(Permission.UNMASKED_VIEW)
    before = decode_cursor(cursor, 1)[0] if cursor else None
    async with control.database.read() as connection:
        found = await unmask_store.list_requests(connection, area_ids, state, before, limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


@router.post("/unmask-requests/{request_id}/approve")
async def approve_unmasking(
    access: CurrentAccess, actor: CurrentActor, request_id: Id, control: ControlPart
) -> UnmaskRequest:
    """Grants what somebody else has asked for, from now on for the minutes asked for."""
    place = await _decidable(access, request_id, control)
    return await control.unmasks.decide(request_id, UnmaskState.APPROVED, place, access.user, actor)


@router.post("/unmask-requests/{request_id}/reject")
async def reject_unmasking(
    access: CurrentAccess, actor: CurrentActor, request_id: Id, control: ControlPart
) -> UnmaskRequest:
    """Refuses what somebody else has asked for."""
    place = await _decidable(access, request_id, control)
    return await control.unmasks.decide(request_id, UnmaskState.REJECTED, place, access.user, actor)


async def _decidable(access: Access, request_id: str, control: Control) -> Place:
    camera_id = await control.unmasks.camera_of(request_id)
    return Place(access.require_camera(Permission.UNMASKED_VIEW, camera_id), camera_id)
