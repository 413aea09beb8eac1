"""All that is done on patrol rounds, put together once."""

from dataclasses import dataclass

from vms_api.alerts.desk import AlertDesk
from vms_api.database import Connection
from vms_api.patrols import plan_store
from vms_api.patrols.assist_desk import AssistDesk
from vms_api.patrols.picture_desk import PatrolPictureDesk
from vms_api.patrols.plan import PatrolStop
from vms_api.patrols.round_book import RoundBook, RoundGround
from vms_api.patrols.round_desk import RoundDesk
from vms_api.patrols.stop_desk import StopDesk
from vms_api.playback.past_pictures import PastPictures
from vms_api.recordings.desk import Surroundings
from vms_api.tickets.desk import TicketDesk


@dataclass(frozen=True, slots=True)
class RoundDesks:
    """Who goes on a round, what is done at its stops, what is kept of them, and what is known of them."""

    rounds: RoundDesk
    stops: StopDesk
    pictures: PatrolPictureDesk
    assist: AssistDesk


def round_desks(around: Surroundings, alerts: AlertDesk, tickets: TicketDesk) -> RoundDesks:
    """The parts, each with what it needs of the others."""
    ground = RoundGround(
        database=around.database,
        events=around.events,
        audit=around.audit,
        clock=around.clock,
        rights=around.rights,
        health=around.health,
        alerts=alerts,
        tickets=tickets,
        stops_of=_stops_of,
    )
    book = RoundBook(ground)
    return RoundDesks(
        rounds=RoundDesk(ground, book),
        stops=StopDesk(ground, book),
        pictures=PatrolPictureDesk(ground, book, around.client),
        assist=AssistDesk(ground, book, PastPictures(around.database, around.client, around.clock)),
    )


async def _stops_of(connection: Connection, plan_id: str, version: int) -> tuple[PatrolStop, ...]:
    """The stops of a plan as they were in that version, which is kept even when the plan is removed."""
    found = await plan_store.find_version(connection, plan_id, version)
    return found.content.stops if found else ()
