"""Setting and lifting legal holds."""

from collections.abc import Sequence

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.errors import InvalidRequest
from vms_api.recordings import hold_store
from vms_api.recordings.hold import Hold, HoldIn


class HoldDesk:
    """From the commit of a hold on nothing of its span is deleted."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def list(self) -> Sequence[Hold]:
        """The holds in force, the newest first."""
        async with self._database.read() as connection:
            return await hold_store.list_holds(connection, self._clock.now())

    async def add(self, body: HoldIn, area_id: str, actor: Actor) -> Hold:
        """A new hold on a camera of that area.

        Raises:
            InvalidRequest: it would have expired already.

        """
        now = self._clock.now()
        if body.expires_at is not None and body.expires_at <= now:
            raise InvalidRequest.field("expires_at", "time-past", "this time has passed")
        hold = Hold(id=new_identifier(), created_at=now, created_by=actor.username or "", **body.model_dump())
        async with self._database.write() as transaction:
            await hold_store.insert_hold(transaction, hold)
            detail = hold.model_dump(mode="json", include={"start", "end", "reason", "expires_at"})
            entry = AuditEntry(AuditKind.RECORDING_HOLD, actor, Place(area_id, hold.camera_id), hold.id, detail=detail)
            await self._audit.record(transaction, entry)
        return hold

    async def find(self, hold_id: str) -> Hold | None:
        """The hold with that id, if it is in force."""
        async with self._database.read() as connection:
            hold = await hold_store.find_hold(connection, hold_id)
        return hold if hold is not None and hold.is_active(self._clock.now()) else None

    async def lift(self, hold: Hold, area_id: str | None, actor: Actor) -> None:
        """Ends a hold; what it kept goes by the retention from now on."""
        async with self._database.write() as transaction:
            await hold_store.lift_hold(transaction, hold.id, self._clock.now(), actor.username)
            place = Place(area_id, hold.camera_id)
            entry = AuditEntry(AuditKind.RECORDING_RELEASE, actor, place, hold.id, detail={"reason": hold.reason})
            await self._audit.record(transaction, entry)
