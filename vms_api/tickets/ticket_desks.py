"""All that the control process does about repairs, put together once."""

from dataclasses import dataclass
from pathlib import Path

from vms_api.tickets.desk import TicketDesk, TicketGround
from vms_api.tickets.maintenance_desk import MaintenanceDesk
from vms_api.tickets.retention import TicketRetention
from vms_api.tickets.rounds import TicketRounds


@dataclass(frozen=True, slots=True)
class TicketDesks:
    """Where faults come in and are handled, what time alone brings, what goes, and when cameras are expected away."""

    desk: TicketDesk
    rounds: TicketRounds
    retention: TicketRetention
    maintenance: MaintenanceDesk


def ticket_desks(ground: TicketGround, files: Path) -> TicketDesks:
    """The parts, each with what it needs of the others; `files` is the folder of what is put to tickets and alerts."""
    desk = TicketDesk(ground)
    return TicketDesks(desk, TicketRounds(desk, ground), TicketRetention(ground, files), MaintenanceDesk(ground))
