"""All that the control process has to do with overview and map, put together once."""

from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.overview.plan_desk import PlanDesk
from vms_api.overview.positions import PositionBoard


@dataclass(frozen=True, slots=True)
class OverviewDesks:
    """Drawings of places, and where the cameras are."""

    plans: PlanDesk
    positions: PositionBoard


def overview_desks(database: Database, events: EventLog, audit: AuditLog, clock: Clock) -> OverviewDesks:
    """The parts."""
    return OverviewDesks(PlanDesk(database, events, audit, clock), PositionBoard())
