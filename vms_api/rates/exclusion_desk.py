"""Asking for an exclusion, approving it, and ending it. Each step is recorded."""

from collections.abc import Collection, Sequence

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.account import User
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.errors import NotFound
from vms_api.rates import decision_store
from vms_api.rates.errors import ExclusionDecided, OwnExclusion
from vms_api.rates.exclusion import Exclusion, ExclusionIn


class ExclusionDesk:
    """Exclusions of cameras. The camera's area is that of the asking: who may decide there decides."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def ask(self, body: ExclusionIn, area_id: str, user: User, actor: Actor) -> Exclusion:
        """Asks for it; it is not in force yet."""
        exclusion = Exclusion(
            **body.model_dump(),
            id=new_identifier(),
            area_id=area_id,
            asked_by=user.username,
            asked_by_id=user.id,
            asked_at=self._clock.now(),
        )
        async with self._database.write() as transaction:
            await decision_store.insert_exclusion(transaction, exclusion)
            detail = body.model_dump(mode="json", exclude={"camera_id"})
            place = Place(area_id, body.camera_id)
            entry = AuditEntry(AuditKind.RATE_EXCLUDE, actor, place, exclusion.id, detail=detail)
            await self._audit.record(transaction, entry)
        return exclusion

    async def list_for(self, area_ids: Collection[str]) -> Sequence[Exclusion]:
        """Those of cameras of these areas, the latest first."""
        async with self._database.read() as connection:
            return await decision_store.list_exclusions(connection, area_ids)

    async def find(self, exclusion_id: str) -> Exclusion:
        """The exclusion.

        Raises:
            NotFound: there is none with that id.

        """
        async with self._database.read() as connection:
            found = await decision_store.find_exclusion(connection, exclusion_id)
        if found is None:
            raise NotFound("no such exclusion")
        return found

    async def approve(self, exclusion: Exclusion, user: User, actor: Actor) -> Exclusion:
        """It is in force, also for days that are counted already: they are counted again when somebody asks.

        Raises:
            OwnExclusion: whoever asked does not approve.
            ExclusionDecided: it was approved already, or is gone.

        """
        if user.id == exclusion.asked_by_id:
            raise OwnExclusion
        async with self._database.write() as transaction:
            now = self._clock.now()
            if not await decision_store.approve(transaction, exclusion.id, user.id, user.username, now):
                raise ExclusionDecided
            await self._record(transaction, AuditKind.RATE_EXCLUDE_APPROVE, exclusion, actor)
        return await self.find(exclusion.id)

    async def end(self, exclusion: Exclusion, actor: Actor) -> None:
        """It does not go on; what it covered so far stays approved."""
        async with self._database.write() as transaction:
            await decision_store.end_exclusion(transaction, exclusion.id, self._clock.now())
            await self._record(transaction, AuditKind.RATE_EXCLUDE_END, exclusion, actor)

    async def _record(self, transaction: Transaction, kind: AuditKind, exclusion: Exclusion, actor: Actor) -> None:
        place, detail = Place(exclusion.area_id, exclusion.camera_id), {"why": exclusion.why}
        await self._audit.record(transaction, AuditEntry(kind, actor, place, exclusion.id, detail=detail))
