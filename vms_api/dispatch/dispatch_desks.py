"""All that decides who answers for alerts, put together once."""

from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database
from vms_api.dispatch.dispatcher import Dispatcher
from vms_api.dispatch.rounds import DispatchRounds
from vms_api.duty.roster_board import RosterBoard
from vms_api.events import EventLog
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class DispatchDesks:
    """Where alerts go, by when, and who is on duty there."""

    dispatcher: Dispatcher
    rounds: DispatchRounds
    rosters: RosterBoard

    async def load(self, connection: Connection) -> None:
        """Takes rules and rosters into memory."""
        await self.dispatcher.load(connection)
        await self.rosters.load(connection)


@dataclass(frozen=True, slots=True)
class DispatchGround:
    """What of the control process dispatching needs."""

    database: Database
    events: EventLog
    audit: AuditLog
    rights: RightsBoard
    clock: Clock


def dispatch_desks(settings: SiteFile, around: DispatchGround) -> DispatchDesks:
    """The parts, each with what it needs of the others."""
    zone, rights, audit, clock = settings.site.time_zone, around.rights, around.audit, around.clock
    rosters = RosterBoard(rights, zone)
    dispatcher = Dispatcher(rights, rosters, audit, clock, settings.dispatch.plan, zone)
    return DispatchDesks(
        dispatcher=dispatcher,
        rounds=DispatchRounds(around.database, dispatcher, around.events, clock),
        rosters=rosters,
    )
