"""All that plans, times and measures patrols, put together once."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.patrols.plan_desk import PatrolPlanDesk
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class PatrolDesks:
    """What there is to patrol, when and by whom."""

    plans: PatrolPlanDesk


def patrol_desks(
    settings: SiteFile, database: Database, audit: AuditLog, rights: RightsBoard, clock: Clock
) -> PatrolDesks:
    """The parts, each with what it needs of the others."""
    zone = ZoneInfo(settings.site.time_zone)
    return PatrolDesks(plans=PatrolPlanDesk(database, audit, rights, clock, zone))
