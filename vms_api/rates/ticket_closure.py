"""Ticket closure: repair tickets closed by their due time, of those that fell due. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from vms_api.rates.rate import Tally
from vms_api.tickets.lifecycle import TicketState


class DueTicket(NamedTuple):
    """As much of a ticket as is counted. Times in microseconds; paused time has moved `due_us` already."""

    state: str
    due_us: int
    fixed_us: int | None
    closed_us: int | None


def ticket_closure(tickets: Iterable[DueTicket], now_us: int) -> Tally:
    """The tickets that fall due in the window. One that is paused, or open and not due yet, is not counted.

    What counts is when the fault was reported as mended, once the ticket is closed: a closed one has its proof.
    """
    closed = decided = 0
    for ticket in tickets:
        is_closed = ticket.state == TicketState.CLOSED
        decided += is_closed or (ticket.due_us <= now_us and ticket.state != TicketState.PAUSED)
        closed += is_closed and (ticket.fixed_us or ticket.closed_us or 0) <= ticket.due_us
    return Tally(closed, decided, decided)
