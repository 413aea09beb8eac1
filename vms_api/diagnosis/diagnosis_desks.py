"""All that the control process has to do with the diagnosis of pictures, put together once."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from vms_api.diagnosis.desk import DiagnosisGround, QualityDesk
from vms_api.diagnosis.watch import QualityWatch
from vms_api.recordings.desk import Surroundings
from vms_api.settings import SiteFile
from vms_api.tickets.desk import TicketDesk


@dataclass(frozen=True, slots=True)
class DiagnosisDesks:
    """Taking verdicts in, and noticing that there are none."""

    desk: QualityDesk
    watch: QualityWatch


def diagnosis_desks(settings: SiteFile, around: Surroundings, tickets: TicketDesk) -> DiagnosisDesks:
    """The parts, each with what it needs of the others."""
    zone = ZoneInfo(settings.site.time_zone)
    desk = QualityDesk(DiagnosisGround(around, tickets, settings.diagnosis, zone))
    watch = QualityWatch(desk, around.database, around.health, settings.diagnosis, around.clock)
    return DiagnosisDesks(desk, watch)
