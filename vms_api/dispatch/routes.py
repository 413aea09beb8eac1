"""Dispatch rules over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.dispatch.dispatch_rule import DispatchRule, DispatchRuleIn
from vms_api.dispatch.settings import DispatchSettings

router = APIRouter(prefix="/dispatch-rules")

Id = Annotated[str, Path(max_length=64)]


class DispatchRules(BaseModel):
    """The rules, all on one page, and the times of the site where none of them speaks of an alert."""

    items: list[DispatchRule]
    next_cursor: None = None
    fallback: DispatchSettings


@router.get("")
async def list_dispatch_rules(access: CurrentAccess, control: ControlPart) -> DispatchRules:
    """The rules of the areas whose alerts the caller sees."""
    seen = access.area_ids(Permission.ALERT_VIEW)
    items = [rule for rule in control.dispatch.rules.listed() if rule.area_id in seen]
    return DispatchRules(items=items, fallback=control.settings.dispatch)


@router.post("", status_code=201)
async def add_dispatch_rule(
    access: CurrentAccess, actor: CurrentActor, body: DispatchRuleIn, response: Response, control: ControlPart
) -> DispatchRule:
    """Makes a rule for the alerts of an area."""
    _require(access, body.area_id)
    rule = await control.dispatch.rules.add(body, actor)
    response.headers["Location"] = f"/api/v1/dispatch-rules/{rule.id}"
    return rule


@router.put("/{dispatch_rule_id}")
async def replace_dispatch_rule(
    access: CurrentAccess, actor: CurrentActor, dispatch_rule_id: Id, body: DispatchRuleIn, control: ControlPart
) -> DispatchRule:
    """Replaces a rule. Another area takes the rights for both."""
    _require(access, control.dispatch.rules.find(dispatch_rule_id).area_id)
    _require(access, body.area_id)
    return await control.dispatch.rules.replace(dispatch_rule_id, body, actor)


@router.delete("/{dispatch_rule_id}", status_code=204)
async def remove_dispatch_rule(
    access: CurrentAccess, actor: CurrentActor, dispatch_rule_id: Id, control: ControlPart
) -> None:
    """Removes a rule; the alerts that it placed stay where they are."""
    _require(access, control.dispatch.rules.find(dispatch_rule_id).area_id)
    await control.dispatch.rules.remove(dispatch_rule_id, actor)


def _require(access: Access, area_id: str) -> None:
    """Lets pass who makes rules and dispatches there: neither the maintainer of cameras nor the dispatcher alone."""
    access.require(Permission.ALERT_DISPATCH, area_id)
    access.require(Permission.RULE_MANAGE, area_id)
