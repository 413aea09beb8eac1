"""All that the control process does about repairs, put together once."""

from dataclasses import dataclass

from vms_api.tickets.desk import TicketDesk, TicketGround
from vms_api.tickets.maintenance_desk import MaintenanceDesk
from vms_api.tickets.rounds import TicketRounds


@dataclass(frozen=True, slots=True)
class TicketDesks:
    """Where faults come in and are handled, what time alone brings, and when cameras are expected to be away."""

    desk: TicketDesk
    rounds: TicketRounds
    maintenance: MaintenanceDesk


def ticket_desks(ground: TicketGround) -> TicketDesks:
    """The parts, each with what it needs of the others."""
    desk = TicketDesk(ground)
    return TicketDesks(desk, TicketRounds(desk, ground), MaintenanceDesk(ground))
