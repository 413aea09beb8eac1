"""Patrol plans: made, changed and removed, each with its version and its row."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import NotFound
from vms_api.patrols import plan_store
from vms_api.patrols.errors import PatrolCameraOutside, PatrolNeverDue, PatrolPersonUnfit, PatrolPlanStale
from vms_api.patrols.plan import (
    PatrolByName,
    PatrolPlan,
    PatrolPlanContent,
    PatrolPlanIn,
    PatrolPlanRow,
    PatrolPlanVersion,
    PatrolPreview,
    PatrolPreviewIn,
)
from vms_api.patrols.schedule import next_due

PREVIEWED = 10

PlanPlace = tuple[str, str]
"""Name and id of the last plan seen."""


class PatrolPlanDesk:
    """Whether somebody may manage the plans of an area is the routes' business."""

    def __init__(self, database: Database, audit: AuditLog, rights: RightsBoard, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._audit = audit
        self._rights = rights
        self._clock = clock
        self.zone = zone

    async def listed(
        self, area_ids: Collection[str], after: PlanPlace | None, limit: int | None
    ) -> Sequence[PatrolPlanRow]:
        """The plans of these areas by name."""
        async with self._database.read() as connection:
            return await plan_store.list_plans(connection, area_ids, after, limit)

    async def find(self, plan_id: str) -> PatrolPlanRow:
        """A plan without its stops.

        Raises:
            NotFound: no such plan.

        """
        async with self._database.read() as connection:
            return await _existing(connection, plan_id)

    async def shown(self, plan_id: str) -> PatrolPlan:
        """A plan with its stops.

        Raises:
            NotFound: no such plan.

        """
        async with self._database.read() as connection:
            row = await _existing(connection, plan_id)
            content = await _content(connection, row)
        return self._as_shown(row, content)

    def preview(self, body: PatrolPreviewIn) -> PatrolPreview:
        """The next few times at which rounds would be due."""
        dues: list[datetime] = []
        after: datetime | None = self._clock.now()
        while after is not None and len(dues) < PREVIEWED:
            after = next_due(body.schedule, body.plan_id or "", after, self.zone)
            dues += [after] if after is not None else []
        return PatrolPreview(dues=dues, time_zone=self.zone.key)

    async def add(self, body: PatrolPlanIn, actor: Actor) -> PatrolPlan:
        """A new plan.

        Raises:
            PatrolCameraOutside, PatrolPersonUnfit, PatrolNeverDue: as their classes say.

        """
        content = body.content
        self._check(content)
        made = self._version(new_identifier(), 1, content, actor)
        async with self._database.write() as transaction:
            await plan_store.insert_plan(transaction, made, self._next_due(made))
            await self._record(transaction, AuditKind.PATROL_PLAN_ADD, made, actor, _plain(content))
        return await self.shown(made.plan_id)

    async def replace(self, plan_id: str, body: PatrolPlanIn, actor: Actor) -> PatrolPlan:
        """The whole plan anew, as a new version; rounds that have begun or are due keep theirs.

        Raises:
            NotFound: no such plan.
            PatrolPlanStale: it was made from an older version.
            PatrolCameraOutside, PatrolPersonUnfit, PatrolNeverDue: as their classes say.

        """
        content = body.content
        self._check(content)
        async with self._database.write() as transaction:
            current = await _existing(transaction.connection, plan_id)
            if body.version is not None and body.version != current.version:
                raise PatrolPlanStale
            before = await _content(transaction.connection, current)
            made = self._version(plan_id, current.version + 1, content, actor)
            await plan_store.put_version(transaction, made, self._next_due(made, current.next_due_at))
            changes = difference(_plain(before), _plain(content))
            await self._record(transaction, AuditKind.PATROL_PLAN_CHANGE, made, actor, {"changes": changes})
        return await self.shown(plan_id)

    async def remove(self, plan_id: str, actor: Actor) -> None:
        """No further round will be due; those that were, and the versions they went by, stay.

        Raises:
            NotFound: no such plan.

        """
        async with self._database.write() as transaction:
            row = await _existing(transaction.connection, plan_id)
            await plan_store.remove_plan(transaction, plan_id, self._clock.now())
            detail = {"name": row.name, "version": row.version}
            entry = AuditEntry(AuditKind.PATROL_PLAN_REMOVE, actor, Place(row.area_id), plan_id, detail=detail)
            await self._audit.record(transaction, entry)

    def _check(self, content: PatrolPlanContent) -> None:
        lies_below = self._below(content.area_id)
        if strays := [at for at, stop in enumerate(content.stops) if stop.camera_id not in lies_below]:
            raise PatrolCameraOutside(strays)
        if isinstance(content.people, PatrolByName):
            index = self._rights.index
            unfit = [
                at
                for at, user_id in enumerate(content.people.user_ids)
                if not index.allows(user_id, Permission.PATROL_RUN, content.area_id)
            ]
            if unfit:
                raise PatrolPersonUnfit(unfit)
        if next_due(content.schedule, "", self._clock.now(), self.zone) is None:
            raise PatrolNeverDue

    def _below(self, area_id: str) -> Collection[str]:
        """The cameras of the area and of those below it."""
        tree = self._rights.index.tree
        area = tree.find(area_id)
        if area is None:
            return ()
        areas = {below.id for below in tree.below(area)}
        return {id_ for id_ in self._rights.camera_ids() if self._rights.area_of(id_) in areas}

    def _version(self, plan_id: str, version: int, content: PatrolPlanContent, actor: Actor) -> PatrolPlanVersion:
        return PatrolPlanVersion(
            plan_id=plan_id,
            version=version,
            content=content,
            at=self._clock.now(),
            user_id=actor.user_id,
            username=actor.username,
        )

    def _next_due(self, made: PatrolPlanVersion, awaited_at: datetime | None = None) -> datetime | None:
        """A round that was due and is not written yet is not lost by a change of its plan."""
        if not made.content.enabled:
            return None
        after = made.at if awaited_at is None else min(made.at, awaited_at - timedelta(microseconds=1))
        return next_due(made.content.schedule, made.plan_id, after, self.zone)

    def _as_shown(self, row: PatrolPlanRow, content: PatrolPlanContent) -> PatrolPlan:
        lies_below = self._below(row.area_id)
        missing = [stop.id for stop in content.stops if stop.camera_id not in lies_below]
        return PatrolPlan.of(row, content, self.zone.key, missing)

    async def _record(
        self,
        transaction: Transaction,
        kind: AuditKind,
        made: PatrolPlanVersion,
        actor: Actor,
        detail: Mapping[str, object],
    ) -> None:
        content = made.content
        told = {"name": content.name, "version": made.version, **detail}
        await self._audit.record(
            transaction, AuditEntry(kind, actor, Place(content.area_id), made.plan_id, detail=told)
        )


async def _existing(connection: Connection, plan_id: str) -> PatrolPlanRow:
    row = await plan_store.find_plan(connection, plan_id)
    if row is None:
        raise NotFound("no such patrol plan")
    return row


async def _content(connection: Connection, row: PatrolPlanRow) -> PatrolPlanContent:
    made = await plan_store.find_version(connection, row.id, row.version)
    if made is None:
        raise NotFound("no such version of the plan")
    # An area that is removed hands its plans to the one above: the row knows, the version is as it was made.
    return made.content.model_copy(update={"area_id": row.area_id})


def _plain(content: PatrolPlanContent) -> Mapping[str, object]:
    """What the audit log shows of a plan: the route by its length, for its versions keep it whole."""
    plain = content.model_dump(mode="json", exclude={"stops", "area_id", "name"})
    return {**plain, "stops": len(content.stops), "cameras": len(content.camera_ids)}
