"""Rules that need no picture, over the API."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.care.device_rule import DeviceRule, DeviceRuleIn
from vms_api.control import ControlPart
from vms_api.cursor import Page

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


@router.get("/cameras/{camera_id}/device-rules")
async def list_device_rules(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Page[DeviceRule]:
    """The camera's rules that need no picture, all on one page."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    return Page(items=list(await control.devices.rules.listed(camera_id)), next_cursor=None)


@router.post("/cameras/{camera_id}/device-rules", status_code=201)
async def add_device_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: DeviceRuleIn, control: ControlPart
) -> DeviceRule:
    """Makes a rule. One that switches a relay takes the right to switch it."""
    _require(access, camera_id, body)
    return await control.devices.rules.add(camera_id, body, actor)


@router.put("/cameras/{camera_id}/device-rules/{rule_id}")
async def replace_device_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, rule_id: Id, body: DeviceRuleIn, control: ControlPart
) -> DeviceRule:
    """Replaces a rule. One that switches a relay takes the right to switch it."""
    _require(access, camera_id, body)
    return await control.devices.rules.replace(camera_id, rule_id, body, actor)


@router.delete("/cameras/{camera_id}/device-rules/{rule_id}", status_code=204)
async def remove_device_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, rule_id: Id, control: ControlPart
) -> None:
    """Removes a rule; its alerts stay."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    await control.devices.rules.remove(camera_id, rule_id, actor)


def _require(access: Access, camera_id: str, body: DeviceRuleIn) -> None:
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    if body.relay:
        access.require_camera(Permission.DEVICE_RELAY, camera_id)
