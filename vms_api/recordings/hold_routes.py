"""Legal holds over the API."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.errors import NotFound
from vms_api.recordings.hold import Hold, HoldIn

router = APIRouter(prefix="/recordings/holds")

Id = Annotated[str, Path(max_length=64)]


class HoldList(BaseModel):
    """The holds that the caller sees."""

    items: list[Hold]


@router.get("")
async def list_holds(access: CurrentAccess, control: ControlPart) -> HoldList:
    """The holds in force on cameras whose recordings the caller may see, the newest first.

    Those on cameras that were removed are seen by who may see all.
    """
    areas, site = access.area_ids(Permission.PLAYBACK_VIEW), access.rights.tree.root.id
    holds = await control.recordings.holds.list()
    return HoldList(items=[hold for hold in holds if (access.board.area_of(hold.camera_id) or site) in areas])


@router.post("", status_code=201)
async def add_hold(access: CurrentAccess, actor: CurrentActor, body: HoldIn, control: ControlPart) -> Hold:
    """Keeps a span of a camera's recordings until `expires_at`, or until it is lifted."""
    area_id = access.require_camera(Permission.RECORDING_HOLD, body.camera_id)
    return await control.recordings.holds.add(body, area_id, actor)


@router.delete("/{hold_id}", status_code=204)
async def lift_hold(access: CurrentAccess, actor: CurrentActor, hold_id: Id, control: ControlPart) -> None:
    """Lifts a hold. One on a camera that was removed is lifted by who runs the whole site."""
    hold = await control.recordings.holds.find(hold_id)
    if hold is None:
        raise NotFound("no such hold")
    area_id = access.board.area_of(hold.camera_id)
    if area_id is None:
        access.require_site(Permission.RECORDING_HOLD)
    else:
        access.require(Permission.RECORDING_HOLD, area_id)
    await control.recordings.holds.lift(hold, area_id, actor)
