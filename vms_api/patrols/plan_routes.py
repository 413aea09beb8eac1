"""Patrol plans over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.patrols.plan import PatrolPlan, PatrolPlanIn, PatrolPlanListed, PatrolPreview, PatrolPreviewIn
from vms_api.patrols.template import TEMPLATES, PatrolTemplate

router = APIRouter(prefix="/patrol-plans")

PlanId = Annotated[str, Path(max_length=64)]


@router.get("")
async def list_patrol_plans(
    access: CurrentAccess,
    control: ControlPart,
    area_id: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PatrolPlanListed]:
    """The plans of an area and those below it, by name; of all areas when none is named."""
    area_ids = access.area_ids_below(Permission.PATROL_VIEW, area_id)
    after = decode_cursor(cursor, 2) if cursor else None
    found = await control.patrols.plans.listed(area_ids, (after[0], after[1]) if after else None, limit + 1)
    more = encode_cursor(found[limit - 1].name, found[limit - 1].id) if len(found) > limit else None
    return Page(items=[PatrolPlanListed.of(row) for row in found[:limit]], next_cursor=more)


@router.get("/templates")
async def list_patrol_templates(access: CurrentAccess) -> Page[PatrolTemplate]:
    """Plans to begin with, all on one page: without cameras and people, which every area has its own of."""
    access.area_ids(Permission.PATROL_VIEW)
    return Page(items=list(TEMPLATES), next_cursor=None)


@router.post("/preview")
async def preview_patrol_plan(access: CurrentAccess, body: PatrolPreviewIn, control: ControlPart) -> PatrolPreview:
    """When the next rounds would be due by a schedule; those of a plan that is there already for its own id."""
    if not access.allows_somewhere(Permission.PATROL_VIEW):
        access.require_site(Permission.PATROL_VIEW)
    return control.patrols.plans.preview(body)


@router.post("", status_code=201)
async def add_patrol_plan(
    access: CurrentAccess, actor: CurrentActor, body: PatrolPlanIn, response: Response, control: ControlPart
) -> PatrolPlan:
    """Makes a plan for an area."""
    access.require(Permission.PATROL_MANAGE, body.area_id)
    plan = await control.patrols.plans.add(body, actor)
    response.headers["Location"] = f"/api/v1/patrol-plans/{plan.id}"
    return plan


@router.get("/{plan_id}")
async def read_patrol_plan(access: CurrentAccess, plan_id: PlanId, control: ControlPart) -> PatrolPlan:
    """A plan with its stops, as it is now."""
    plan = await control.patrols.plans.shown(plan_id)
    access.require(Permission.PATROL_VIEW, plan.area_id)
    return plan


@router.put("/{plan_id}")
async def replace_patrol_plan(
    access: CurrentAccess, actor: CurrentActor, plan_id: PlanId, body: PatrolPlanIn, control: ControlPart
) -> PatrolPlan:
    """Replaces a plan by a new version; rounds keep theirs. Another area takes the rights for both."""
    access.require(Permission.PATROL_MANAGE, (await control.patrols.plans.find(plan_id)).area_id)
    access.require(Permission.PATROL_MANAGE, body.area_id)
    return await control.patrols.plans.replace(plan_id, body, actor)


@router.delete("/{plan_id}", status_code=204)
async def remove_patrol_plan(access: CurrentAccess, actor: CurrentActor, plan_id: PlanId, control: ControlPart) -> None:
    """Removes a plan: no further round will be due, what was patrolled stays on record."""
    access.require(Permission.PATROL_MANAGE, (await control.patrols.plans.find(plan_id)).area_id)
    await control.patrols.plans.remove(plan_id, actor)
