"""What the overview tells of repair tickets."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from vms_api.database import Connection
from vms_api.overview import store
from vms_api.overview.day import Change, ChangeKind
from vms_api.overview.trouble import Trouble
from vms_api.tickets.lifecycle import OPEN_STATES, TicketState
from vms_api.tickets.list_store import TicketQuery, find_tickets
from vms_api.tickets.ticket import Ticket

_MOST = 500
_WAITING = OPEN_STATES - {TicketState.FIXED}
"""What is mended, and only has to be looked at again, is not wrong any more."""


class TicketsToday(NamedTuple):
    """Tickets of a day: how many there were, and the latest of what happened."""

    opened: int
    closed: int
    changes: list[Change]


async def ticket_troubles(connection: Connection, area_ids: Collection[str], now: datetime) -> list[Trouble]:
    """Open tickets, as troubles with whoever mends them. A paused one is in somebody's hands too."""
    asked = TicketQuery(area_ids, _WAITING, limit=_MOST)
    return [_trouble(ticket.at(now)) for ticket in await find_tickets(connection, asked)]


async def tickets_today(connection: Connection, area_ids: Collection[str], since: datetime, most: int) -> TicketsToday:
    """What was opened and closed since then."""
    opened = await store.tickets_since(connection, area_ids, "opened_at", since)
    closed = await store.tickets_since(connection, area_ids, "closed_at", since)
    changes = [_change("ticket-opened", ticket.opened_at, ticket) for ticket in opened[:most]]
    changes += [_change("ticket-closed", ticket.closed_at, ticket) for ticket in closed[:most] if ticket.closed_at]
    return TicketsToday(len(opened), len(closed), changes)


def _trouble(ticket: Ticket) -> Trouble:
    return Trouble(
        kind="ticket",
        code=ticket.cause,
        severity=ticket.severity,
        name=ticket.camera_name,
        since=ticket.found_at,
        subject_id=ticket.id,
        camera_id=ticket.camera_id,
        area_id=ticket.area_id,
        who=_who(ticket),
        due_at=ticket.due_at,
        overdue=ticket.overdue,
        repeats=ticket.repeats,
        state=ticket.state,
        number=ticket.number,
    )


def _who(ticket: Ticket) -> str | None:
    return ticket.assignee or (ticket.contractor.name if ticket.contractor else None)


def _change(kind: ChangeKind, at: datetime, ticket: Ticket) -> Change:
    return Change(
        kind=kind,
        at=at,
        name=ticket.camera_name,
        camera_id=ticket.camera_id,
        subject_id=ticket.id,
        who=_who(ticket),
        code=ticket.cause,
    )
