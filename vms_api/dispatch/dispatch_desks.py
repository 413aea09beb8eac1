"""All that decides who answers for alerts, put together once."""

from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.log import AuditLog
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Connection, Database
from vms_api.dispatch.dispatcher import Dispatcher
from vms_api.dispatch.rounds import DispatchRounds
from vms_api.dispatch.rule_desk import DispatchRuleDesk
from vms_api.dispatch.supervision import Supervision
from vms_api.duty.handover_desk import HandoverDesk
from vms_api.duty.roster_board import RosterBoard
from vms_api.duty.roster_desk import RosterDesk
from vms_api.events import EventLog
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class DispatchDesks:
    """Where alerts go, by when, and who is on duty there."""

    dispatcher: Dispatcher
    rules: DispatchRuleDesk
    supervision: Supervision
    rounds: DispatchRounds
    board: RosterBoard
    rosters: RosterDesk
    handovers: HandoverDesk

    async def load(self, connection: Connection) -> None:
        """Takes rules and rosters into memory."""
        await self.dispatcher.load(connection)
        await self.board.load(connection)


@dataclass(frozen=True, slots=True)
class DispatchGround:
    """What of the control process dispatching needs."""

    database: Database
    events: EventLog
    audit: AuditLog
    rights: RightsBoard
    health: HealthBoard
    clock: Clock


def dispatch_desks(settings: SiteFile, around: DispatchGround) -> DispatchDesks:
    """The parts, each with what it needs of the others."""
    zone, rights, audit, clock = settings.site.time_zone, around.rights, around.audit, around.clock
    database, board = around.database, RosterBoard(rights, zone)
    rosters = RosterDesk(database, audit, rights, board, clock)
    dispatcher = Dispatcher(rights, board, audit, clock, settings.dispatch.plan, zone)
    return DispatchDesks(
        dispatcher=dispatcher,
        rules=DispatchRuleDesk(database, audit, rights, dispatcher),
        supervision=Supervision(database, around.events, dispatcher, rights, clock),
        rounds=DispatchRounds(database, dispatcher, around.events, clock),
        board=board,
        rosters=rosters,
        handovers=HandoverDesk(database, audit, rights, around.health, rosters, clock),
    )
