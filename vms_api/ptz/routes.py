"""Moving cameras over the API."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Actor, Place
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.ptz.command import DeviceLink, GoIn, IdleReturnIn, MoveIn, PresetIn, Ptz, Stopped, StoredPosition
from vms_api.ptz.desk import Mover
from vms_api.ptz.lease import RANK, Operator

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
Token = Annotated[str, Path(max_length=128)]


@router.put("/cameras/{camera_id}/device", status_code=204)
async def link_device(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: DeviceLink, control: ControlPart
) -> None:
    """Says which ONVIF device a camera belongs to; it must be on the host of the camera's stream."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.devices.ptz.link(camera_id, body, actor)


@router.get("/cameras/{camera_id}/ptz")
async def read_ptz(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Ptz:
    """Whether the camera can be moved from here, and who moves it now."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    return await control.devices.ptz.state(camera_id)


@router.get("/cameras/{camera_id}/ptz/presets")
async def list_presets(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Page[StoredPosition]:
    """The positions stored in the camera, all on one page."""
    access.require_camera(Permission.PTZ_CONTROL, camera_id)
    return Page(items=await control.devices.ptz.presets(camera_id), next_cursor=None)


@router.post("/cameras/{camera_id}/ptz/move", status_code=204)
async def move_camera(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: MoveIn, control: ControlPart
) -> None:
    """Moves the camera, which ends by itself. It is the caller's for fifteen seconds after each act."""
    await control.devices.ptz.move(_mover(access, actor, camera_id), body)


@router.post("/cameras/{camera_id}/ptz/stop")
async def stop_camera(access: CurrentAccess, actor: CurrentActor, camera_id: Id, control: ControlPart) -> Stopped:
    """Stops the camera; repeated until it says that it stands."""
    return await control.devices.ptz.stop(_mover(access, actor, camera_id))


@router.post("/cameras/{camera_id}/ptz/go", status_code=204)
async def turn_camera(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: GoIn, control: ControlPart
) -> None:
    """Turns the camera to a preset, or home."""
    await control.devices.ptz.go(_mover(access, actor, camera_id), body)


@router.post("/cameras/{camera_id}/ptz/presets", status_code=201)
async def add_preset(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: PresetIn, control: ControlPart
) -> StoredPosition:
    """Stores where the camera points now as a new preset."""
    return await control.devices.ptz.store_preset(_mover(access, actor, camera_id), body)


@router.put("/cameras/{camera_id}/ptz/presets/{token}")
async def replace_preset(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, token: Token, body: PresetIn, control: ControlPart
) -> StoredPosition:
    """Stores where the camera points now in place of a preset."""
    return await control.devices.ptz.store_preset(_mover(access, actor, camera_id), body, token)


@router.delete("/cameras/{camera_id}/ptz/presets/{token}", status_code=204)
async def remove_preset(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, token: Token, control: ControlPart
) -> None:
    """Forgets a preset of the camera."""
    await control.devices.ptz.remove_preset(_mover(access, actor, camera_id), token)


@router.put("/cameras/{camera_id}/ptz/idle-return")
async def set_idle_return(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: IdleReturnIn, control: ControlPart
) -> Ptz:
    """Says where the camera turns by itself when nobody had it for a while."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.devices.ptz.set_idle_return(camera_id, body, actor)
    return await control.devices.ptz.state(camera_id)


def _mover(access: Access, actor: Actor, camera_id: str) -> Mover:
    area_id = access.require_camera(Permission.PTZ_CONTROL, camera_id)
    holdings = access.rights.holders(Permission.PTZ_CONTROL, area_id)
    ranks = [RANK.get(holding.grant.role, 0) for holding in holdings if holding.user_id == access.user.id]
    operator = Operator(access.user.id, access.user.username, max(ranks, default=0))
    return Mover(Place(area_id, camera_id), operator, actor)
