"""Care of devices over the API."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.care.device import Device, NoticesIn, PinIn, RelayIn
from vms_api.care.notice import Notice
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.nothing_in import NothingIn

router = APIRouter()

_LONGEST_NUMBER = 18

Id = Annotated[str, Path(max_length=64)]
RelayToken = Annotated[str, Path(max_length=128)]


@router.get("/cameras/{camera_id}/device")
async def read_device(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Device:
    """What is known of the camera's device since the last look at it; nothing is asked of it now."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    return await _shown(access, camera_id, control)


@router.post("/cameras/{camera_id}/device/check")
async def check_device(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, _body: NothingIn, control: ControlPart
) -> Device:
    """Looks at the device now. A login that it has refused is not tried again until it is changed."""
    access.require_camera(Permission.DEVICE_CARE, camera_id)
    await control.devices.care.check(camera_id, actor)
    return await _shown(access, camera_id, control)


@router.post("/cameras/{camera_id}/device/clock")
async def set_device_clock(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, _body: NothingIn, control: ControlPart
) -> Device:
    """Sets the device's clock to that of this site; it stops following a time server, if it did."""
    access.require_camera(Permission.DEVICE_CARE, camera_id)
    await control.devices.acts.set_clock(camera_id, actor)
    return await _shown(access, camera_id, control)


@router.post("/cameras/{camera_id}/device/reboot", status_code=204)
async def reboot_device(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, _body: NothingIn, control: ControlPart
) -> None:
    """Has the device start anew: for a minute or two the camera sends nothing."""
    access.require_camera(Permission.DEVICE_CARE, camera_id)
    await control.devices.acts.reboot(camera_id, actor)


@router.post("/cameras/{camera_id}/device/keyframe", status_code=204)
async def ask_key_frame(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, _body: NothingIn, control: ControlPart
) -> None:
    """Has the device send a key frame of each stream now."""
    access.require_camera(Permission.DEVICE_CARE, camera_id)
    await control.devices.acts.ask_key_frame(camera_id, actor)


@router.put("/cameras/{camera_id}/device/certificate")
async def pin_certificate(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: PinIn, control: ControlPart
) -> Device:
    """Takes only this certificate of the device from now on, if it is the one that the device shows; null: any more."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.devices.care.pin(camera_id, body.fingerprint_sha256, actor)
    return await _shown(access, camera_id, control)


@router.put("/cameras/{camera_id}/device/expected")
async def take_expected(access: CurrentAccess, actor: CurrentActor, camera_id: Id, control: ControlPart) -> Device:
    """Makes the settings that were seen at the last look those that are expected."""
    access.require_camera(Permission.DEVICE_CARE, camera_id)
    await control.devices.care.take_expected(camera_id, actor)
    return await _shown(access, camera_id, control)


@router.post("/cameras/{camera_id}/device/relays/{token}")
async def switch_relay(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, token: RelayToken, body: RelayIn, control: ControlPart
) -> Device:
    """Switches a relay output of the device."""
    access.require_camera(Permission.DEVICE_RELAY, camera_id)
    await control.devices.acts.set_relay(camera_id, token, actor, is_active=body.active)
    return await _shown(access, camera_id, control)


@router.put("/cameras/{camera_id}/device/notices")
async def want_notices(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: NoticesIn, control: ControlPart
) -> Device:
    """Says whether the device is listened to even where no rule needs its notices."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.devices.notices.want(camera_id, actor, is_wanted=body.wanted)
    return await _shown(access, camera_id, control)


@router.get("/cameras/{camera_id}/device/notices")
async def list_notices(
    access: CurrentAccess, camera_id: Id, control: ControlPart, cursor: Cursor = None, limit: Limit = 50
) -> Page[Notice]:
    """What the camera's device has noticed, the newest first; the last thousand are kept."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    found = await control.devices.notices.listed(camera_id, _number(cursor), limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


def _number(cursor: str | None) -> int | None:
    """The number in a cursor.

    Raises:
        InvalidRequest: not a cursor of ours.

    """
    if cursor is None:
        return None
    (text,) = decode_cursor(cursor, 1)
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return int(text)


async def _shown(access: Access, camera_id: str, control: Control) -> Device:
    """The device; where it is reached is for those who manage the camera."""
    device = await control.devices.care.read(camera_id)
    area_id = access.board.area_of(camera_id)
    if area_id is not None and access.allows(Permission.CAMERA_MANAGE, area_id):
        return device
    return device.model_copy(update={"device_url": None})
