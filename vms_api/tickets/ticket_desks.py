"""All that the control process does about repairs, put together once."""

from dataclasses import dataclass

from vms_api.tickets.desk import TicketDesk, TicketGround


@dataclass(frozen=True, slots=True)
class TicketDesks:
    """Where faults come in and are handled."""

    desk: TicketDesk


def ticket_desks(ground: TicketGround) -> TicketDesks:
    """The parts, each with what it needs of the others."""
    return TicketDesks(desk=TicketDesk(ground))
