"""Maintenance windows asked for, approved by a second person and ended; and the repair times of areas."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.alerts.desk import Handler
from vms_api.audit.difference import difference
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.cameras import store as camera_store
from vms_api.cameras.errors import SecondPersonRequired
from vms_api.database import Connection, Transaction
from vms_api.errors import NotFound
from vms_api.tickets import maintenance_store
from vms_api.tickets.desk import TicketGround
from vms_api.tickets.errors import MaintenanceDecided, MaintenanceWrong
from vms_api.tickets.handling import utc
from vms_api.tickets.maintenance import MaintenanceWindow
from vms_api.tickets.times import TicketTimes

LONGEST = timedelta(days=90)
SomeId = Annotated[str, Field(min_length=1, max_length=64)]


class MaintenanceIn(BaseModel):
    """Work that is planned: on an area with all below it, or on some cameras; one of the two."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    area_id: SomeId | None = None
    camera_ids: Annotated[list[SomeId], Field(max_length=1000)] = []
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class MaintenanceDesk:
    """Windows count from their approval on. One that has begun is ended and never removed: rates refer to it."""

    def __init__(self, ground: TicketGround) -> None:
        self._ground = ground

    async def add(self, body: MaintenanceIn, by: Handler) -> MaintenanceWindow:
        """A window that waits for its approval.

        Raises:
            NotFound: an area or camera that the person does not see.
            NotAllowed: the person may not handle tickets there.
            MaintenanceWrong: as its class says.

        """
        async with self._ground.database.write() as transaction:
            window = await self._window(transaction.connection, new_identifier(), body, by)
            await maintenance_store.save_window(transaction, window)
            await self._record(transaction, AuditKind.MAINTENANCE_ADD, window, by, _plain(window))
        return window

    async def replace(self, window_id: str, body: MaintenanceIn, by: Handler) -> MaintenanceWindow:
        """The whole window anew, while it waits. Raises as `add`, and MaintenanceDecided once it is approved."""
        async with self._ground.database.write() as transaction:
            current = await self._found(transaction.connection, window_id, by, Permission.TICKET_HANDLE)
            if current.approved_at is not None:
                raise MaintenanceDecided
            window = await self._window(transaction.connection, window_id, body, by)
            await maintenance_store.save_window(transaction, window)
            changes = difference(_plain(current), _plain(window))
            await self._record(transaction, AuditKind.MAINTENANCE_CHANGE, window, by, {"changes": changes})
        return window

    async def approve(self, window_id: str, by: Handler) -> MaintenanceWindow:
        """Makes it count.

        Raises:
            NotFound: no such window, or not one that the person sees.
            NotAllowed: the person may not approve maintenance there.
            SecondPersonRequired: it is the person's own.
            MaintenanceDecided: it is approved, or over.

        """
        async with self._ground.database.write() as transaction:
            current = await self._found(transaction.connection, window_id, by, Permission.TICKET_MANAGE)
            now, actor = self._ground.clock.now(), by.actor
            if current.approved_at is not None or current.ends_at <= now:
                raise MaintenanceDecided
            if current.asked_by_id == actor.user_id:
                raise SecondPersonRequired
            window = replace(current, approved_at=now, approved_by_id=actor.user_id, approved_by=actor.username)
            await maintenance_store.save_window(transaction, window)
            await self._record(transaction, AuditKind.MAINTENANCE_APPROVE, window, by, _plain(window))
        return window

    async def end(self, window_id: str, by: Handler) -> None:
        """Ends one that is going on, now; removes one that waits or has not begun. Raises NotFound and NotAllowed.

        Raises:
            MaintenanceDecided: it is over.

        """
        async with self._ground.database.write() as transaction:
            current = await self._found(transaction.connection, window_id, by, Permission.TICKET_HANDLE)
            now = self._ground.clock.now()
            if current.ends_at <= now:
                raise MaintenanceDecided
            if current.approved_at is not None and current.starts_at < now:
                await maintenance_store.save_window(transaction, replace(current, ends_at=now))
            else:
                await maintenance_store.delete_window(transaction, window_id)
            await self._record(transaction, AuditKind.MAINTENANCE_END, current, by, _plain(current))

    async def listed(self, by_area: frozenset[str], since: datetime) -> Sequence[MaintenanceWindow]:
        """Those of these areas that are not over by then."""
        async with self._ground.database.read() as connection:
            return await maintenance_store.list_windows(connection, by_area, since)

    async def times(self) -> Mapping[str, TicketTimes]:
        """The repair times of every area that has some of its own."""
        async with self._ground.database.read() as connection:
            return await maintenance_store.read_times(connection)

    async def set_times(self, times: TicketTimes, by: Handler) -> None:
        """Takes the repair times of an area; they hold for faults that are found from now on.

        Raises:
            NotFound: no such area, or not one that the person sees.
            NotAllowed: the person may not set them there.

        """
        if self._ground.rights.index.tree.find(times.area_id) is None:
            raise NotFound("no such area")
        by.access.require(Permission.TICKET_MANAGE, times.area_id)
        async with self._ground.database.write() as transaction:
            await maintenance_store.save_times(transaction, times)
            detail = times.model_dump(exclude={"area_id"})
            entry = AuditEntry(AuditKind.TICKET_TIMES, by.actor, Place(times.area_id), times.area_id, detail=detail)
            await self._ground.audit.record(transaction, entry)

    async def _window(
        self, connection: Connection, window_id: str, body: MaintenanceIn, by: Handler
    ) -> MaintenanceWindow:
        now = self._ground.clock.now()
        starts_at, ends_at = utc(body.starts_at, now), utc(body.ends_at, now)
        if (body.area_id is None) == (not body.camera_ids):
            raise MaintenanceWrong
        area_id = body.area_id or await self._area_of(connection, body.camera_ids, by)
        if self._ground.rights.index.tree.find(area_id) is None:
            raise NotFound("no such area")
        by.access.require(Permission.TICKET_HANDLE, area_id)
        if not starts_at < ends_at <= starts_at + LONGEST or ends_at <= now:
            raise MaintenanceWrong
        return MaintenanceWindow(
            id=window_id,
            area_id=area_id,
            camera_ids=frozenset(body.camera_ids) or None,
            starts_at=max(starts_at, now),
            ends_at=ends_at,
            reason=body.reason,
            asked_at=now,
            asked_by_id=by.actor.user_id,
            asked_by=by.actor.username,
        )

    async def _area_of(self, connection: Connection, camera_ids: Sequence[str], by: Handler) -> str:
        """The area of the cameras: one window is of one area."""
        cameras = await camera_store.list_by_id(connection, set(camera_ids))
        if len(cameras) != len(set(camera_ids)):
            raise NotFound("no such camera")
        areas = {camera.area_id for camera in cameras}
        for area_id in areas:
            by.access.require(Permission.TICKET_HANDLE, area_id)
        if len(areas) != 1:
            raise MaintenanceWrong
        return areas.pop()

    async def _found(
        self, connection: Connection, window_id: str, by: Handler, permission: Permission
    ) -> MaintenanceWindow:
        window = await maintenance_store.find_window(connection, window_id)
        if window is None:
            raise NotFound("no such maintenance window")
        by.access.require(Permission.TICKET_VIEW, window.area_id)
        by.access.require(permission, window.area_id)
        return window

    async def _record(
        self,
        transaction: Transaction,
        kind: AuditKind,
        window: MaintenanceWindow,
        by: Handler,
        detail: Mapping[str, object],
    ) -> None:
        entry = AuditEntry(kind, by.actor, Place(window.area_id), window.id, detail=detail)
        await self._ground.audit.record(transaction, entry)


def _plain(window: MaintenanceWindow) -> dict[str, object]:
    """What the audit log says of a window."""
    return {
        "camera_ids": None if window.camera_ids is None else sorted(window.camera_ids),
        "starts_at": window.starts_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "reason": window.reason,
    }
