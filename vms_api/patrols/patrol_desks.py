"""All that plans, times and measures patrols, put together once."""

from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.duty.roster_board import RosterBoard
from vms_api.events import EventLog
from vms_api.patrols.chaser import Chaser
from vms_api.patrols.due_rounds import DueRounds
from vms_api.patrols.excuse_desk import ExcuseDesk
from vms_api.patrols.lookout import PatrolLookout
from vms_api.patrols.plan_desk import PatrolPlanDesk
from vms_api.patrols.prompting import Prompter
from vms_api.patrols.settings import PatrolSettings


@dataclass(frozen=True, slots=True)
class PatrolDesks:
    """What there is to patrol, when and by whom."""

    plans: PatrolPlanDesk
    due: DueRounds
    lookout: PatrolLookout
    excuses: ExcuseDesk


@dataclass(frozen=True, slots=True)
class PatrolGround:
    """What of the control process patrols need."""

    database: Database
    events: EventLog
    audit: AuditLog
    rights: RightsBoard
    rosters: RosterBoard
    clock: Clock


def patrol_desks(settings: PatrolSettings, around: PatrolGround) -> PatrolDesks:
    """The parts, each with what it needs of the others. Schedules are in the zone of the rosters, the site's."""
    database, audit, rights, clock, zone = (
        around.database,
        around.audit,
        around.rights,
        around.clock,
        around.rosters.zone,
    )
    prompter = Prompter(rights, around.rosters)
    chaser = Chaser(around.events, audit, prompter, settings.patience)
    return PatrolDesks(
        plans=PatrolPlanDesk(database, audit, rights, clock, zone),
        due=DueRounds(database, audit, chaser, clock, zone),
        lookout=PatrolLookout(database, prompter, clock, zone),
        excuses=ExcuseDesk(database, around.events, audit, clock),
    )
