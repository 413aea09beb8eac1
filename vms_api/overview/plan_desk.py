"""Takes drawings of places in, and hands them out: each look at one is recorded, as a drawing shows a place."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace

from ingest.clock import Clock
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.errors import NotFound
from vms_api.events import EventLog
from vms_api.overview import plan_store
from vms_api.overview.errors import PlanTooLarge
from vms_api.overview.plan_image import MAX_BYTES, Bounds, redrawn
from vms_api.overview.plan_store import AreaPlan


class PlanDesk:
    """One drawing for each area. Where the caller may do that is decided by the guard before."""

    def __init__(self, database: Database, events: EventLog, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._events = events
        self._audit = audit
        self._clock = clock

    async def keep(self, area_id: str, chunks: AsyncIterator[bytes], bounds: Bounds, actor: Actor) -> AreaPlan:
        """Keeps a drawing for the area, in place of the one before.

        Raises:
            PlanTooLarge, PlanKindWrong, PlanDamaged: as their classes say.

        """
        data = await _received(chunks)
        image = await asyncio.to_thread(redrawn, data)
        now = self._clock.now()
        plan = AreaPlan(area_id, image.media_type, image.width, image.height, bounds, now, actor.username)
        detail = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), **bounds.model_dump()}
        async with self._database.write() as transaction:
            await plan_store.put_plan(transaction, plan, image)
            await self._remember(transaction, area_id, actor, detail)
        return plan

    async def move(self, area_id: str, bounds: Bounds, actor: Actor) -> AreaPlan:
        """Puts the drawing elsewhere on the map.

        Raises:
            NotFound: the area has none.

        """
        async with self._database.write() as transaction:
            found = await plan_store.find_plan(transaction.connection, area_id)
            if found is None:
                raise NotFound("the area has no drawing")
            plan = replace(found, bounds=bounds, updated_at=self._clock.now(), updated_by=actor.username)
            await plan_store.place_plan(transaction, plan)
            await self._remember(transaction, area_id, actor, bounds.model_dump())
        return plan

    async def remove(self, area_id: str, actor: Actor) -> None:
        """Removes the drawing.

        Raises:
            NotFound: the area has none.

        """
        async with self._database.write() as transaction:
            if not await plan_store.delete_plan(transaction, area_id):
                raise NotFound("the area has no drawing")
            await self._remember(transaction, area_id, actor, {"removed": True})

    async def look(self, area_id: str, actor: Actor) -> tuple[AreaPlan, bytes]:
        """The drawing; the look is recorded first.

        Raises:
            NotFound: the area has none.

        """
        async with self._database.read() as connection:
            plan = await plan_store.find_plan(connection, area_id)
            picture = await plan_store.read_picture(connection, area_id)
        if plan is None or picture is None:
            raise NotFound("the area has no drawing")
        await self._audit.record_alone(AuditEntry(AuditKind.PLAN_READ, actor, Place(area_id), area_id))
        return plan, picture

    async def _remember(self, transaction: Transaction, area_id: str, actor: Actor, detail: dict[str, object]) -> None:
        entry = AuditEntry(AuditKind.PLAN_CHANGE, actor, Place(area_id), area_id, detail=detail)
        await self._audit.record(transaction, entry)
        await self._events.record(transaction, "area.changed", {"id": area_id}, area_id)


async def _received(chunks: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        if len(data) + len(chunk) > MAX_BYTES:
            raise PlanTooLarge
        data += chunk
    return bytes(data)
