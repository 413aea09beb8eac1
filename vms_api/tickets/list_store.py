"""The lists of tickets: what is due next first, or the newest first."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from vms_api.database import Connection, to_us
from vms_api.tickets.cause import Cause
from vms_api.tickets.lifecycle import RUNNING, TicketState
from vms_api.tickets.store import ticket_cameras, ticket_of, tickets
from vms_api.tickets.ticket import Contractor, Ticket

Order = Literal["due", "newest"]


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """Which tickets are asked for: of these areas, in these states and of these causes (empty: of all).

    `assignee_id` is a person's id, `contractor` the name of a firm. `late_at`: those whose time was over by then.
    `after` are the sort keys of the last one seen: the due time in microseconds and the id, or the id alone.
    """

    area_ids: Collection[str]
    states: Collection[TicketState] = ()
    causes: Collection[Cause] = ()
    assignee_id: str | None = None
    contractor: str | None = None
    camera_id: str | None = None
    late_at: datetime | None = None
    order: Order = "due"
    after: tuple[str, ...] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class TicketCount:
    """How many tickets are open, how many of those are overdue, and how many nobody has yet."""

    open: int
    overdue: int
    unassigned: int


async def find_tickets(connection: Connection, asked: TicketQuery) -> Sequence[Ticket]:
    """A page of them."""
    due, newest = (tickets.c.due_at, tickets.c.id), (tickets.c.id.desc(),)
    query = sa.select(tickets).where(*_conditions(asked)).limit(asked.limit)
    query = query.order_by(*(due if asked.order == "due" else newest))
    return [ticket_of(row) for row in (await connection.execute(query)).mappings()]


def sort_keys(ticket: Ticket, order: Order) -> tuple[str, ...]:
    """What `after` is for the page that follows this ticket."""
    return (str(to_us(ticket.due_at)), ticket.id) if order == "due" else (ticket.id,)


async def count_tickets(connection: Connection, area_ids: Collection[str], now: datetime) -> TicketCount:
    """The figures of these areas."""
    late = tickets.c.state.in_(RUNNING) & (tickets.c.due_at < to_us(now))
    unassigned = tickets.c.assignee_id.is_(None) & tickets.c.contractor.is_(None)
    query = sa.select(sa.func.count(), _sum(late), _sum(unassigned)).select_from(tickets)
    query = query.where(tickets.c.state != TicketState.CLOSED, tickets.c.area_id.in_(area_ids))
    return TicketCount(*(await connection.execute(query)).one())


async def opened_between(
    connection: Connection, area_ids: Collection[str], since: datetime, until: datetime
) -> Sequence[Ticket]:
    """The tickets of these areas that were opened in [since, until), the oldest first, without duplicates."""
    query = (
        sa.select(tickets)
        .where(tickets.c.opened_at >= to_us(since), tickets.c.opened_at < to_us(until))
        .where(tickets.c.area_id.in_(area_ids), tickets.c.duplicate_of.is_(None))
        .order_by(tickets.c.opened_at, tickets.c.id)
    )
    return [ticket_of(row) for row in (await connection.execute(query)).mappings()]


async def due_unannounced(connection: Connection, now: datetime, limit: int) -> Sequence[Ticket]:
    """Tickets whose time is over and of which that has not been told, the longest due first."""
    late = (tickets.c.state.in_(RUNNING), tickets.c.due_at < to_us(now), tickets.c.late_told.is_(False))
    query = sa.select(tickets).where(*late).order_by(tickets.c.due_at).limit(limit)
    return [ticket_of(row) for row in (await connection.execute(query)).mappings()]


async def recent_contractors(connection: Connection, area_ids: Collection[str], limit: int = 20) -> list[Contractor]:
    """The firms that had tickets of these areas last, each once with its latest contact."""
    query = sa.select(tickets.c.contractor).where(tickets.c.contractor.is_not(None), tickets.c.area_id.in_(area_ids))
    found: dict[str, Contractor] = {}
    for row in await connection.execute(query.order_by(tickets.c.id.desc()).limit(500)):
        contractor = Contractor.model_validate(row.contractor)
        found.setdefault(contractor.name, contractor)
    return list(found.values())[:limit]


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _conditions(asked: TicketQuery) -> Iterator[sa.ColumnElement[bool]]:
    yield tickets.c.area_id.in_(asked.area_ids)
    if asked.states:
        yield tickets.c.state.in_(asked.states)
    if asked.causes:
        yield tickets.c.cause.in_(asked.causes)
    if asked.assignee_id is not None:
        yield tickets.c.assignee_id == asked.assignee_id
    if asked.contractor is not None:
        yield tickets.c.contractor["name"].as_string() == asked.contractor
    if asked.camera_id is not None:
        mine = sa.select(ticket_cameras.c.ticket_id).where(ticket_cameras.c.camera_id == asked.camera_id)
        yield tickets.c.id.in_(mine)
    if asked.late_at is not None:
        yield tickets.c.state.in_(RUNNING) & (tickets.c.due_at < to_us(asked.late_at))
    if asked.after is not None:
        yield _is_after(asked.after, asked.order)


def _is_after(after: tuple[str, ...], order: Order) -> sa.ColumnElement[bool]:
    if order == "newest":
        return tickets.c.id < after[0]
    due_at, id_ = int(after[0]), after[1]
    return sa.or_(tickets.c.due_at > due_at, sa.and_(tickets.c.due_at == due_at, tickets.c.id > id_))
