"""Centres, their rosters and their handovers over the API."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.dispatch import store as dispatch_store
from vms_api.dispatch.ladder import centre_name, centres
from vms_api.dispatch.store import OpenCount
from vms_api.duty.handover import Handover, HandoverIn
from vms_api.duty.roster import RosterIn
from vms_api.duty.roster_desk import OnDuty, RosterShown

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class CentreShown(BaseModel):
    """A centre: who is on duty now, and what it has still to answer. `parent_id`: the next centre up, if it is seen."""

    area_id: str
    name: str
    phone: str | None
    parent_id: str | None
    on_duty: OnDuty
    open: int
    overdue: int


@router.get("/centres")
async def list_centres(access: CurrentAccess, control: ControlPart) -> Page[CentreShown]:
    """The centres whose alerts the caller sees, parents before children, all on one page."""
    tree, seen = access.rights.tree, access.area_ids(Permission.ALERT_VIEW)
    async with control.database.read() as connection:
        counts = await dispatch_store.count_open(connection)
    items = []
    for area in tree:
        here, *above = centres(tree, area.id)
        if here.id != area.id or area.id not in seen:
            continue
        count = counts.get(area.id, OpenCount(0, 0))
        shown = CentreShown(
            area_id=area.id,
            name=centre_name(area),
            phone=area.centre.phone if area.centre else None,
            parent_id=above[0].id if above and above[0].id in seen else None,
            on_duty=control.dispatch.rosters.on_duty(area.id),
            open=count.open,
            overdue=count.overdue,
        )
        items.append(shown)
    return Page(items=items, next_cursor=None)


@router.get("/centres/{area_id}/roster")
async def read_roster(access: CurrentAccess, area_id: Id, control: ControlPart) -> RosterShown:
    """The centre's roster, with the coming week's gaps and overlaps."""
    access.require(Permission.ALERT_VIEW, area_id)
    return control.dispatch.rosters.shown(area_id)


@router.put("/centres/{area_id}/roster")
async def replace_roster(
    access: CurrentAccess, actor: CurrentActor, area_id: Id, body: RosterIn, control: ControlPart
) -> RosterShown:
    """Replaces the roster. Shifts may overlap: the answer says where."""
    access.require(Permission.ALERT_DISPATCH, area_id)
    return await control.dispatch.rosters.replace(area_id, body, actor)


@router.get("/centres/{area_id}/on-duty")
async def read_on_duty(
    access: CurrentAccess,
    area_id: Id,
    control: ControlPart,
    at: Annotated[Moment | None, Query(description="Now, if none is given.")] = None,
) -> OnDuty:
    """Who is on duty at the centre."""
    access.require(Permission.ALERT_VIEW, area_id)
    return control.dispatch.rosters.on_duty(area_id, at)


@router.get("/centres/{area_id}/handovers")
async def list_handovers(
    access: CurrentAccess, area_id: Id, control: ControlPart, cursor: Cursor = None, limit: Limit = 20
) -> Page[Handover]:
    """What was handed over at the centre, the newest first."""
    access.require(Permission.ALERT_VIEW, area_id)
    before = decode_cursor(cursor, 1)[0] if cursor else None
    found = await control.dispatch.handovers.listed(area_id, before, limit + 1)
    more = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


@router.post("/centres/{area_id}/handovers", status_code=201)
async def hand_over(
    access: CurrentAccess, actor: CurrentActor, area_id: Id, body: HandoverIn, control: ControlPart
) -> Handover:
    """Hands over: what is open and what is faulty is taken down by the system at this moment."""
    access.require(Permission.ALERT_HANDLE, area_id)
    return await control.dispatch.handovers.hand_over(area_id, body.note, actor)


@router.post("/handovers/{handover_id}/sign")
async def sign_handover(
    access: CurrentAccess, actor: CurrentActor, handover_id: Id, body: HandoverIn, control: ControlPart
) -> Handover:
    """Takes over: signed by somebody else, once."""
    handover = await control.dispatch.handovers.find(handover_id)
    access.require(Permission.ALERT_HANDLE, handover.centre_id)
    return await control.dispatch.handovers.sign(handover_id, body.note, actor)
