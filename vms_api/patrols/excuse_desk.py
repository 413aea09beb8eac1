"""Why a round was missed, late, aborted or abandoned: somebody says so afterwards. An entry, never an edit."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from ingest.clock import Clock
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database
from vms_api.errors import NotFound
from vms_api.events import EventLog
from vms_api.patrols import round_store
from vms_api.patrols.chaser import ROUND
from vms_api.patrols.errors import PatrolNothingToExcuse
from vms_api.patrols.round import EXCUSE, RoundEntry, RoundSummary
from vms_api.patrols.round_lifecycle import RoundState


class ExcuseIn(BaseModel):
    """What somebody has to say."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class ExcuseDesk:
    """The figures stay as they are: an excuse explains, it does not make a round walked."""

    def __init__(self, database: Database, events: EventLog, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._events = events
        self._audit = audit
        self._clock = clock

    async def area_of(self, round_id: str) -> str:
        """Where the round is.

        Raises:
            NotFound: no such round.

        """
        async with self._database.read() as connection:
            return (await _existing(connection, round_id)).area_id

    async def add(self, round_id: str, body: ExcuseIn, actor: Actor) -> None:
        """Adds an entry to the round.

        Raises:
            NotFound: no such round.
            PatrolNothingToExcuse: it was walked in time, or still may be.

        """
        async with self._database.write() as transaction:
            found = await _existing(transaction.connection, round_id)
            if not (found.late or found.state in {RoundState.MISSED, RoundState.ABORTED, RoundState.ABANDONED}):
                raise PatrolNothingToExcuse
            entry = RoundEntry(self._clock.now(), EXCUSE, actor.user_id, actor.username, body.text)
            await round_store.add_history(transaction, round_id, entry)
            detail = {"name": found.name, "due_at": found.due_at.isoformat(), "text": body.text}
            row = AuditEntry(AuditKind.PATROL_EXCUSE, actor, Place(found.area_id), round_id, detail=detail)
            await self._audit.record(transaction, row)
            excused = await _existing(transaction.connection, round_id)
            await self._events.record(transaction, ROUND, excused.model_dump(mode="json"), excused.area_id)


async def _existing(connection: Connection, round_id: str) -> RoundSummary:
    found = await round_store.find_round(connection, round_id)
    if found is None:
        raise NotFound("no such patrol round")
    return found
