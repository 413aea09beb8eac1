"""All that the control process has to do with rates, put together once."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from vms_api.nodes.link import NodeLink, NodeState
from vms_api.notify.mail_sender import MailServer
from vms_api.rates.day_histories import CountingGround
from vms_api.rates.desk import RateDesk
from vms_api.rates.exclusion_desk import ExclusionDesk
from vms_api.rates.turn import RateTurn
from vms_api.rates.watch import NodeWatch
from vms_api.recordings.desk import Surroundings
from vms_api.reports.report_desk import ReportDesk
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class RateDesks:
    """What is asked about rates, what counts them, and the reports on them."""

    desk: RateDesk
    exclusions: ExclusionDesk
    reports: ReportDesk
    watch: NodeWatch
    turn: RateTurn


def rate_desks(settings: SiteFile, around: Surroundings, mail_password: str | None) -> RateDesks:
    """The parts, each with what it needs of the others."""
    database, audit, clock, node = around.database, around.audit, around.clock, around.link
    zone, site = ZoneInfo(settings.site.time_zone), settings.site
    ground = CountingGround(settings.rates, settings.recording, zone)
    mail = MailServer.of(settings.notify, site.name, site.language, zone, mail_password)
    desk = RateDesk(database, ground, around.rights, audit, clock)
    folder: Path = settings.storage.data_dir / "report-files"
    reports = ReportDesk(folder, desk, around, mail, settings.rates.keep_reports_days)
    return RateDesks(
        desk=desk,
        exclusions=ExclusionDesk(database, audit, clock),
        reports=reports,
        watch=NodeWatch(database, clock, lambda: _up_since(node)),
        turn=RateTurn(desk, database, settings.rates, clock, reports.make_due),
    )


def _up_since(node: NodeLink) -> datetime | None:
    return node.since if node.state is NodeState.UP else None
