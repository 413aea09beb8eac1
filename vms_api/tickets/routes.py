"""Repair tickets over the API."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.actor import CurrentActor
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.tickets.cause import Cause
from vms_api.tickets.handling import (
    TicketActIn,
    TicketAssignIn,
    TicketCloseIn,
    TicketDueIn,
    TicketFixIn,
    TicketIn,
    TicketNoteIn,
    TicketPauseIn,
)
from vms_api.tickets.lifecycle import TicketAct, TicketState
from vms_api.tickets.list_store import Order, TicketQuery, count_tickets, find_tickets, recent_contractors, sort_keys
from vms_api.tickets.ticket import Contractor, Ticket, TicketDetail

router = APIRouter(prefix="/tickets")

Id = Annotated[str, Path(max_length=64)]
OneId = Annotated[str | None, Field(max_length=64)]


class TicketFilter(BaseModel):
    """Which tickets are asked for. `state` and `cause` may come several times; `order`: what is due next, or newest.

    `assignee` is a person's id, or `me`; `overdue=true`: only those whose time is over.
    """

    state: Annotated[list[TicketState], Field(max_length=len(TicketState))] = []
    cause: Annotated[list[Cause], Field(max_length=len(Cause))] = []
    area_id: OneId = None
    assignee: OneId = None
    contractor: Annotated[str | None, Field(max_length=80)] = None
    camera_id: OneId = None
    overdue: bool = False
    order: Order = "due"
    cursor: Cursor = None
    limit: Limit = 50


class TicketPage(BaseModel):
    """A page of tickets, and how many are open in the areas asked about, whatever the other filters say."""

    items: list[Ticket]
    next_cursor: str | None
    open: int
    overdue: int
    unassigned: int


class Assignee(BaseModel):
    """Somebody to whom a ticket can be given."""

    id: str
    username: str


class Assignees(BaseModel):
    """To whom tickets can be given: people who may handle them, and the firms that had tickets there before."""

    people: list[Assignee]
    contractors: list[Contractor]


@router.get("")
async def list_tickets(
    access: CurrentAccess, asked: Annotated[TicketFilter, Query()], control: ControlPart
) -> TicketPage:
    """The tickets that the caller sees; of an area with those below it, or of all."""
    now = control.clock.now()
    area_ids = access.area_ids_below(Permission.TICKET_VIEW, asked.area_id)
    query = TicketQuery(
        area_ids=area_ids,
        states=asked.state,
        causes=asked.cause,
        assignee_id=access.user.id if asked.assignee == "me" else asked.assignee,
        contractor=asked.contractor,
        camera_id=asked.camera_id,
        late_at=now if asked.overdue else None,
        order=asked.order,
        after=_after(asked),
        limit=asked.limit + 1,
    )
    async with control.database.read() as connection:
        found = [ticket.at(now) for ticket in await find_tickets(connection, query)]
        count = await count_tickets(connection, area_ids, now)
    more = encode_cursor(*sort_keys(found[asked.limit - 1], asked.order)) if len(found) > asked.limit else None
    return TicketPage(
        items=found[: asked.limit],
        next_cursor=more,
        open=count.open,
        overdue=count.overdue,
        unassigned=count.unassigned,
    )


@router.post("", status_code=201)
async def open_ticket(access: CurrentAccess, actor: CurrentActor, body: TicketIn, control: ControlPart) -> TicketDetail:
    """Writes down a fault that somebody has noticed; one that is open for the camera already is joined."""
    return await control.tickets.desk.open_by_hand(body, Handler(actor, access))


@router.get("/{ticket_id}")
async def read_ticket(access: CurrentAccess, actor: CurrentActor, ticket_id: Id, control: ControlPart) -> TicketDetail:
    """One ticket with its history, the oldest entry first."""
    return await control.tickets.desk.read(ticket_id, Handler(actor, access))


@router.get("/{ticket_id}/assignees")
async def list_assignees(access: CurrentAccess, actor: CurrentActor, ticket_id: Id, control: ControlPart) -> Assignees:
    """To whom it can be given."""
    ticket = await control.tickets.desk.read(ticket_id, Handler(actor, access))
    return await assignees_of(access, [ticket.area_id], control)


@router.post("/{ticket_id}/assign")
async def assign_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketAssignIn, control: ControlPart
) -> TicketDetail:
    """Gives it to somebody who may handle tickets there, or to a contractor."""
    return await control.tickets.desk.act(ticket_id, TicketAct.ASSIGN, body, Handler(actor, access))


@router.post("/{ticket_id}/due")
async def move_due_time(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketDueIn, control: ControlPart
) -> TicketDetail:
    """Sets another time by which it is to be mended. History and audit log keep the step."""
    return await control.tickets.desk.act(ticket_id, TicketAct.DUE, body, Handler(actor, access))


@router.post("/{ticket_id}/start")
async def start_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketActIn, control: ControlPart
) -> TicketDetail:
    """Says that the repair has begun; whoever begins what nobody has has it."""
    return await control.tickets.desk.act(ticket_id, TicketAct.START, body, Handler(actor, access))


@router.post("/{ticket_id}/pause")
async def pause_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketPauseIn, control: ControlPart
) -> TicketDetail:
    """Says why the repair has to wait; its time stands still."""
    return await control.tickets.desk.act(ticket_id, TicketAct.PAUSE, body, Handler(actor, access))


@router.post("/{ticket_id}/resume")
async def resume_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketActIn, control: ControlPart
) -> TicketDetail:
    """Says that the repair goes on."""
    return await control.tickets.desk.act(ticket_id, TicketAct.RESUME, body, Handler(actor, access))


@router.post("/{ticket_id}/fix")
async def fix_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketFixIn, control: ControlPart
) -> TicketDetail:
    """Reports that it is mended. It is closed once the fault is seen to be gone, and goes back if it is not."""
    return await control.tickets.desk.act(ticket_id, TicketAct.FIX, body, Handler(actor, access))


@router.post("/{ticket_id}/close")
async def close_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketCloseIn, control: ControlPart
) -> TicketDetail:
    """Closes it; a note says why where the fault is not seen to be gone and it is no duplicate."""
    return await control.tickets.desk.act(ticket_id, TicketAct.CLOSE, body, Handler(actor, access))


@router.post("/{ticket_id}/reopen")
async def reopen_ticket(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketActIn, control: ControlPart
) -> TicketDetail:
    """Sends it back to whoever had it."""
    return await control.tickets.desk.act(ticket_id, TicketAct.REOPEN, body, Handler(actor, access))


@router.post("/{ticket_id}/notes", status_code=201)
async def add_ticket_note(
    access: CurrentAccess, actor: CurrentActor, ticket_id: Id, body: TicketNoteIn, control: ControlPart
) -> TicketDetail:
    """Writes something down with it."""
    return await control.tickets.desk.note(ticket_id, body.note, Handler(actor, access))


async def assignees_of(access: Access, area_ids: Sequence[str], control: Control) -> Assignees:
    """To whom tickets of all these areas can be given. Raises NotFound and NotAllowed as `Access.require`."""
    for area_id in area_ids:
        access.require(Permission.TICKET_HANDLE, area_id)
    async with control.database.read() as connection:
        firms = await recent_contractors(connection, access.area_ids(Permission.TICKET_HANDLE))
    first, *rest = [control.tickets.desk.handlers(area_id) for area_id in area_ids]
    people = {id_: name for id_, name in first.items() if all(id_ in others for others in rest)}
    return Assignees(people=[Assignee(id=id_, username=name) for id_, name in people.items()], contractors=firms)


def _after(asked: TicketFilter) -> tuple[str, ...] | None:
    if asked.cursor is None:
        return None
    keys = decode_cursor(asked.cursor, 2 if asked.order == "due" else 1)
    if asked.order == "due" and not keys[0].isdecimal():
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return keys
