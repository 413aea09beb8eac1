"""Patrol rounds over the API: the round itself."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.patrols import round_store
from vms_api.patrols.proposal import Proposal
from vms_api.patrols.protocol import Protocol
from vms_api.patrols.round import Round, RoundSummary
from vms_api.patrols.round_acts import AbortIn, HandOverIn, LeaseIn
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_store import RoundQuery

router = APIRouter(prefix="/patrol-rounds")

Id = Annotated[str, Path(max_length=64)]
OneId = Annotated[str | None, Field(max_length=64)]


class RoundFilter(BaseModel):
    """Which rounds are asked for. `state` may come several times; `mine`: those that the caller has in hand.

    `from` and `to`: due in [from, to).
    """

    state: Annotated[list[RoundState], Field(max_length=len(RoundState))] = []
    area_id: OneId = None
    plan_id: OneId = None
    mine: bool = False
    since: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: Annotated[AwareDatetime | None, Field(alias="to")] = None
    cursor: Cursor = None
    limit: Limit = 50


class Person(BaseModel):
    """Somebody who may go on a round."""

    id: str
    username: str


@router.get("")
async def list_rounds(
    access: CurrentAccess, asked: Annotated[RoundFilter, Query()], control: ControlPart
) -> Page[RoundSummary]:
    """The rounds that the caller sees, the latest due first; of an area with those below it, or of all."""
    query = RoundQuery(
        area_ids=access.area_ids_below(Permission.PATROL_VIEW, asked.area_id),
        states=asked.state or None,
        user_id=access.user.id if asked.mine else None,
        plan_id=asked.plan_id,
        since=asked.since,
        until=asked.until,
        before=_before(asked.cursor),
        limit=asked.limit + 1,
    )
    async with control.database.read() as connection:
        found = await round_store.list_rounds(connection, query)
    more = encode_cursor(*round_store.round_sort_key(found[asked.limit - 1])) if len(found) > asked.limit else None
    return Page(items=list(found[: asked.limit]), next_cursor=more)


@router.get("/{round_id}")
async def read_round(access: CurrentAccess, actor: CurrentActor, round_id: Id, control: ControlPart) -> Round:
    """One round with its stops."""
    return await control.rounds.rounds.read(round_id, Handler(actor, access))


@router.get("/{round_id}/protocol")
async def read_protocol(access: CurrentAccess, actor: CurrentActor, round_id: Id, control: ControlPart) -> Protocol:
    """What is printed of a round; its pictures are fetched by their addresses, and each of them is a look."""
    return await control.rounds.rounds.protocol(round_id, Handler(actor, access))


@router.get("/{round_id}/people")
async def list_people(access: CurrentAccess, actor: CurrentActor, round_id: Id, control: ControlPart) -> list[Person]:
    """To whom it can be handed over, the nearest first."""
    people = await control.rounds.rounds.heirs(round_id, Handler(actor, access))
    return [Person(id=user_id, username=name) for user_id, name in people.items()]


@router.get("/{round_id}/proposals")
async def list_proposals(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, control: ControlPart
) -> Page[Proposal]:
    """Cameras of the round's area that are worth a look beside its own, all on one page."""
    handler = Handler(actor, access)
    area_id = (await control.rounds.rounds.summary(round_id, handler)).area_id
    area_ids = access.area_ids_below(Permission.LIVE_VIEW, area_id)
    found = await control.rounds.assist.proposals(round_id, handler, area_ids)
    return Page(items=list(found), next_cursor=None)


@router.post("/{round_id}/take")
async def take_round(access: CurrentAccess, actor: CurrentActor, round_id: Id, control: ControlPart) -> Round:
    """Begins a due round, or takes one's own over to this screen."""
    return await control.rounds.rounds.take(round_id, Handler(actor, access))


@router.post("/{round_id}/pause")
async def pause_round(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, body: LeaseIn, control: ControlPart
) -> Round:
    """Stops for a while."""
    return await control.rounds.rounds.pause(round_id, Handler(actor, access), body)


@router.post("/{round_id}/resume")
async def resume_round(access: CurrentAccess, actor: CurrentActor, round_id: Id, control: ControlPart) -> Round:
    """Goes on, on this screen."""
    return await control.rounds.rounds.resume(round_id, Handler(actor, access))


@router.post("/{round_id}/hand-over")
async def hand_over_round(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, body: HandOverIn, control: ControlPart
) -> Round:
    """Gives it to somebody else."""
    return await control.rounds.rounds.hand_over(round_id, Handler(actor, access), body)


@router.post("/{round_id}/abort")
async def abort_round(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, body: AbortIn, control: ControlPart
) -> Round:
    """Ends it before its end."""
    return await control.rounds.rounds.abort(round_id, Handler(actor, access), body)


@router.post("/{round_id}/finish")
async def finish_round(
    access: CurrentAccess, actor: CurrentActor, round_id: Id, body: LeaseIn, control: ControlPart
) -> Round:
    """Ends it, once enough of its stops are done."""
    return await control.rounds.rounds.finish(round_id, Handler(actor, access), body)


def _before(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    due_at, round_id = decode_cursor(cursor, 2)
    if not due_at.lstrip("-").isdecimal():
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return int(due_at), round_id
