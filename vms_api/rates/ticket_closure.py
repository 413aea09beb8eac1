"""Ticket closure: repair tickets closed by their due time, of those that fell due. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from vms_api.rates.rate import Tally


class DueTicket(NamedTuple):
    """As much of a ticket as is counted. Times in microseconds; paused time has moved `due_us` already."""

    due_us: int
    closed_us: int | None


def ticket_closure(tickets: Iterable[DueTicket], now_us: int) -> Tally:
    """The tickets that fall due in the window. One that is open and not due yet is not counted."""
    closed = decided = 0
    for ticket in tickets:
        is_in_time = ticket.closed_us is not None and ticket.closed_us <= ticket.due_us
        decided += is_in_time or ticket.due_us <= now_us
        closed += is_in_time
    return Tally(closed, decided, decided)
