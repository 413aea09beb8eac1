"""What becomes of tickets by time alone. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from vms_api.tickets.cause import BY_HAND, Cause
from vms_api.tickets.lifecycle import TicketAct, TicketState
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.ticket import Ticket

_SEEN_AT_ONCE = frozenset({Cause.OFFLINE, Cause.NOT_RECORDING, Cause.STORAGE, Cause.NODE})
"""Of these it is known at every moment how it stands; the others wait for the next look at device or picture."""


class Step(NamedTuple):
    """An act of the system, and why."""

    act: TicketAct
    why: str


def next_step(ticket: Ticket, *, is_camera_there: bool, now: datetime, settings: TicketSettings) -> Step | None:
    """What is to be done about an open ticket now.

    One whose camera was removed is closed; a pause with an end ends; what was reported as mended and is not seen to be
    well in time goes back; and one that nobody took on is closed when its fault has stayed away for long.
    """
    if not is_camera_there:
        return Step(TicketAct.CLOSE, "camera-removed")
    if ticket.pause and ticket.pause.until and ticket.pause.until <= now:
        return Step(TicketAct.RESUME, "pause-over")
    if ticket.state is TicketState.FIXED and _is_unproved(ticket, now, settings):
        has_somebody = ticket.assignee_id is not None or ticket.contractor is not None
        return Step(TicketAct.SEND_BACK if has_somebody else TicketAct.REOPEN, "not-well")
    if ticket.state is TicketState.OPEN and ticket.cleared_at is not None:
        is_long = now - ticket.cleared_at >= timedelta(hours=settings.forget_hours)
        return Step(TicketAct.CLOSE, "went-away") if is_long else None
    return None


def _is_unproved(ticket: Ticket, now: datetime, settings: TicketSettings) -> bool:
    """Whether the fault should have been seen to be gone by now. What only people can see is theirs to close."""
    if ticket.cause in BY_HAND or ticket.fixed_at is None or ticket.cleared_at is not None:
        return False
    soon = timedelta(minutes=settings.after_minutes + settings.clear_minutes)
    return now - ticket.fixed_at >= (soon if ticket.cause in _SEEN_AT_ONCE else timedelta(hours=settings.confirm_hours))
