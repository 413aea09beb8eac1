"""Areas: adding, changing, moving and removing them. Where the caller may do that is decided by the guard before."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.alerts import store as alert_store
from vms_api.areas import store
from vms_api.areas.area import Area, AreaIn, AreaPatch, AreaTree
from vms_api.areas.errors import AreaNotEmpty, RootFixed
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras import placement_store
from vms_api.cameras.store import count_cameras
from vms_api.database import Database, Transaction
from vms_api.dispatch import store as dispatch_store
from vms_api.errors import InvalidRequest, NotFound
from vms_api.events import EventLog
from vms_api.exports import store as export_store
from vms_api.patrols import picture_store, round_store
from vms_api.patrols import plan_store as patrol_plan_store
from vms_api.rates import fact_store
from vms_api.reports import schedule_store
from vms_api.tickets import maintenance_store
from vms_api.tickets import store as ticket_store


class AreaDesk:
    """Changes the tree. A move takes along everything below; the rights granted above are in force at once."""

    def __init__(
        self, database: Database, rights: RightsBoard, clock: Clock, audit: AuditLog, events: EventLog
    ) -> None:
        self._database = database
        self._rights = rights
        self._clock = clock
        self._audit = audit
        self._events = events

    async def name_root(self, name: str) -> None:
        """Names the area above all after the site, once."""
        async with self._database.write() as transaction:
            root = (await store.read_tree(transaction.connection)).root
            if root.name:
                return
            await store.update_areas(transaction, [replace(root, name=name)])
            await self._rights.record_change(transaction)

    async def add(self, body: AreaIn, actor: Actor) -> Area:
        """A new area.

        Raises:
            NotFound: no such parent.
            AreaNameTaken, AreaCodeTaken: by an area beside it.
            AreaTooDeep: the tree has levels enough.

        """
        now = self._clock.now()
        wanted = Area(new_identifier(), body.parent_id, body.name, body.kind, body.code, "", now, now, body.centre)
        async with self._database.write() as transaction:
            tree = await store.read_tree(transaction.connection)
            (area,) = tree.placed(wanted, _existing(tree, body.parent_id))
            await store.insert_area(transaction, area)
            await self._rights.record_change(transaction)
            await self._record(transaction, AuditKind.AREA_ADD, actor, area, parent_id=area.parent_id)
            await self._tell(transaction, area.id)
        return area

    async def change(self, area_id: str, patch: AreaPatch, actor: Actor) -> Area:
        """Changes any part of an area; another parent moves it with all that is below.

        Raises:
            NotFound: no such area or parent.
            RootFixed: the area above all does not move.
            AreaCycle, AreaTooDeep, AreaNameTaken, AreaCodeTaken: the tree would not be one.

        """
        given = {key: getattr(patch, key) for key in patch.model_fields_set}
        if None in (given.get("name", ""), given.get("kind", "")):
            raise InvalidRequest.field("name", "null", "name and kind cannot be empty")
        async with self._database.write() as transaction:
            tree = await store.read_tree(transaction.connection)
            current = _existing(tree, area_id)
            parent_id = given.pop("parent_id", current.parent_id)
            wanted = replace(current, **given, updated_at=self._clock.now())
            if current.parent_id is None and parent_id is not None:
                raise RootFixed
            placed = [wanted] if parent_id is None else tree.placed(wanted, _existing(tree, parent_id))
            await store.update_areas(transaction, placed)
            if current.centre is not None and placed[0].centre is None:
                await dispatch_store.unplace(transaction, area_id, self._clock.now())
            await self._rights.record_change(transaction)
            changes = difference(_facts(current, patch.model_fields_set), _facts(placed[0], patch.model_fields_set))
            await self._record(transaction, AuditKind.AREA_CHANGE, actor, current, changes=changes)
            await self._tell(transaction, area_id)
        return placed[0]

    async def remove(self, area_id: str, actor: Actor) -> None:
        """Removes an empty area with the grants on it; alerts of the past pass to the area above.

        Raises:
            NotFound: no such area.
            RootFixed: the area above all stays.
            AreaNotEmpty: it has cameras, or areas below it.

        """
        async with self._database.write() as transaction:
            tree = await store.read_tree(transaction.connection)
            area = _existing(tree, area_id)
            if area.parent_id is None:
                raise RootFixed
            if len(tree.below(area)) > 1 or await count_cameras(transaction.connection, area_id):
                raise AreaNotEmpty
            await alert_store.hand_over(transaction, area_id, area.parent_id)
            await dispatch_store.unplace(transaction, area_id, self._clock.now())
            await export_store.hand_over(transaction, area_id, area.parent_id)
            await patrol_plan_store.hand_over(transaction, area_id, area.parent_id)
            await round_store.hand_over(transaction, area_id, area.parent_id)
            await picture_store.hand_over(transaction, area_id, area.parent_id)
            await ticket_store.hand_over(transaction, area_id, area.parent_id)
            await maintenance_store.hand_over(transaction, area_id, area.parent_id)
            await placement_store.hand_over(transaction, area_id, area.parent_id)
            await fact_store.hand_over(transaction, area_id, area.parent_id)
            await schedule_store.hand_over(transaction, area_id, area.parent_id)
            await store.delete_area(transaction, area_id)
            await self._rights.record_change(transaction)
            await self._record(transaction, AuditKind.AREA_REMOVE, actor, area, parent_id=area.parent_id)
            await self._tell(transaction, area.parent_id)

    async def _record(
        self, transaction: Transaction, kind: AuditKind, actor: Actor, area: Area, **detail: object
    ) -> None:
        detail = {"name": area.name, **detail}
        await self._audit.record(transaction, AuditEntry(kind, actor, Place(area.id), area.id, detail=detail))

    async def _tell(self, transaction: Transaction, area_id: str) -> None:
        """Whoever sees that area reads the tree again: what it may show of it differs from person to person."""
        await self._events.record(transaction, "area.changed", {"id": area_id}, area_id)


def _facts(area: Area, fields: Iterable[str]) -> dict[str, Any]:
    """These fields as the audit log keeps them."""
    facts = {key: getattr(area, key) for key in fields}
    return facts | {"centre": area.centre.model_dump() if area.centre else None} if "centre" in facts else facts


def _existing(tree: AreaTree, area_id: str) -> Area:
    area = tree.find(area_id)
    if area is None:
        raise NotFound("no such area")
    return area
