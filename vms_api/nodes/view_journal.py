"""The live views that are open: each begins with an audit row and ends with one that says how long it was."""

from collections.abc import Collection, Sequence
from datetime import datetime

from ingest.clock import Clock
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.audit.look_store import OpenLook
from vms_api.database import Database
from vms_api.nodes.view_store import open_views

SETTLE_S = 3.0
"""A heartbeat younger than a view may have been written before the view was: it is not taken for its end."""


class ViewJournal:
    """Kept in memory and in the database, so that a view that outlives this process is ended by the next one."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._views: dict[str, tuple[OpenLook, float]] = {}

    async def opened(self, view: OpenLook, stream: str, *, unmasked: bool = False, audio: bool = False) -> None:
        """A node has opened a view; returns once that is recorded."""
        detail = {"stream": stream} | ({"unmasked": True} if unmasked else {}) | ({"audio": True} if audio else {})
        entry = AuditEntry(AuditKind.VIEW_START, view.actor, view.place, view.id, view.purpose, detail)
        async with self._database.write() as transaction:
            await open_views.insert(transaction, view)
            await self._audit.record(transaction, entry)
        self._views[view.id] = (view, self._clock.monotonic_s())

    async def ended(self, view_id: str, reason: str) -> None:
        """A view has ended; harmless when that was recorded before."""
        found = self._views.pop(view_id, None)
        if found is not None:
            view, since_s = found
            await self._record_end(view, reason, self._clock.monotonic_s() - since_s)

    async def keep(self, view_ids: Collection[str]) -> Sequence[str]:
        """The node has these views open and no others; returns the ids of those that have ended."""
        settled_s = self._clock.monotonic_s() - SETTLE_S
        gone = [key for key, (_, since_s) in self._views.items() if key not in view_ids and since_s < settled_s]
        for view_id in gone:
            await self.ended(view_id, "browser gone")
        return gone

    async def end_all(self, reason: str) -> None:
        """The node is gone, and its views with it."""
        for view_id in list(self._views):
            await self.ended(view_id, reason)

    async def recover(self) -> None:
        """Ends what was open when the process before this one died; how long it really was, nobody knows."""
        async with self._database.read() as connection:
            left = await open_views.list_open(connection)
        for view in left:
            await self._record_end(view, "control process ended", _seconds(view.opened_at, self._clock.now()))

    async def _record_end(self, view: OpenLook, reason: str, duration_s: float) -> None:
        actor = SYSTEM if reason == "control process ended" else view.actor
        detail = {"reason": reason, "duration_s": round(duration_s, 1), "viewer": view.actor.username}
        entry = AuditEntry(AuditKind.VIEW_END, actor, view.place, view.id, view.purpose, detail)
        async with self._database.write() as transaction:
            if await open_views.delete(transaction, view.id):
                await self._audit.record(transaction, entry)


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())
