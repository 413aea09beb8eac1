"""Where people say why they look, and where that is asked for."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place, StatedPurpose
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.errors import FieldError
from vms_api.purposes import store
from vms_api.purposes.errors import PurposeRequired, PurposeUnknown
from vms_api.purposes.policy import covering, is_asked
from vms_api.purposes.purpose import Purpose
from vms_api.purposes.settings import Occasion, PurposeSettings


class AreaReach(Protocol):
    """What purposes need to know of areas and grants."""

    def lineage(self, area_id: str) -> Sequence[str]:
        """The ids of the area and of all areas above it."""
        ...

    def distance(self, user_id: str, area_id: str) -> int | None:
        """How many levels the area is below the nearest one granted to the person; None when none is."""
        ...


class PurposeDesk:
    """Takes purposes, and finds the one that a look goes by."""

    def __init__(
        self, database: Database, audit: AuditLog, reach: AreaReach, settings: PurposeSettings, clock: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._reach = reach
        self._settings = settings
        self._clock = clock

    async def state(
        self, actor: Actor, key: str, reference: str, area_id: str | None, cameras: Sequence[Place]
    ) -> Purpose:
        """The person says why; it holds for the site's `valid_minutes`.

        Raises:
            PurposeUnknown: not one of the site's list.

        """
        if key not in {choice.key for choice in self._settings.choices}:
            raise PurposeUnknown(errors=[FieldError("key", "purpose-unknown", "not in the list of purposes")])
        now = self._clock.now()
        purpose = Purpose(
            id=new_identifier(),
            user_id=actor.user_id or "",
            key=key,
            reference=reference,
            area_id=area_id,
            camera_ids=tuple(place.camera_id for place in cameras if place.camera_id),
            created_at=now,
            expires_at=now + timedelta(minutes=self._settings.valid_minutes),
        )
        async with self._database.write() as transaction:
            await store.insert_purpose(transaction, purpose)
            for place in cameras or [Place(area_id)]:
                entry = AuditEntry(AuditKind.PURPOSE_STATE, actor, place, purpose.id, purpose.stated())
                await self._audit.record(transaction, entry)
        return purpose

    async def valid(self, user_id: str) -> Sequence[Purpose]:
        """What the person has stated and may still go by."""
        async with self._database.read() as connection:
            return await store.list_valid(connection, user_id, self._clock.now())

    async def go_by(self, occasion: Occasion, actor: Actor, place: Place) -> StatedPurpose | None:
        """The purpose a look is recorded with; None where none was stated and none is asked for.

        Raises:
            PurposeRequired: one is asked for and none that covers the place holds.

        """
        user_id, area_id = actor.user_id or "", place.area_id or ""
        purpose = covering(await self.valid(user_id), place, self._reach.lineage(area_id))
        if purpose is not None:
            return purpose.stated()
        if is_asked(occasion, self._reach.distance(user_id, area_id), self._settings):
            raise PurposeRequired(occasion)
        return None
