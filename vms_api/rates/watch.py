"""Writes down when the node was heard. A process that is down writes nothing, so that its time is unknown."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from ingest.clock import Clock
from vms_api.database import Database
from vms_api.rates import watch_store

LOOK_EVERY_S = 10.0
"""A killed process loses at most this much of what it knew."""
_CLOCK_SLIP_S = 2.0
"""How far clock and monotonic time may drift apart between two looks; more is a step of the clock."""


class NodeWatch:
    """Extends the present watch at each look; begins a new one after silence or a step of the clock."""

    def __init__(self, database: Database, clock: Clock, up_since: Callable[[], datetime | None]) -> None:
        self._database = database
        self._clock = clock
        self._up_since = up_since
        self._started_at: datetime | None = None
        self._looked: tuple[datetime, float] | None = None
        self._of: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """One look; `up_since` says since when the node is there, None while it is not."""
        up_since, now, now_s = self._up_since(), self._clock.now(), self._clock.monotonic_s()
        if up_since is None:
            self._looked = None
            return
        if self._looked is None or self._of != up_since or not self._is_continued(now, now_s):
            # What was known before a step of the clock cannot be told apart from what came after it.
            self._started_at = now if self._looked is not None and self._of == up_since else min(up_since, now)
        self._of, self._looked = up_since, (now, now_s)
        if self._started_at is not None and self._started_at < now:
            async with self._database.write() as transaction:
                await watch_store.extend_watch(transaction, self._started_at, now)

    def _is_continued(self, now: datetime, now_s: float) -> bool:
        if self._looked is None:
            return False
        before, before_s = self._looked
        slip = (now - before) - timedelta(seconds=now_s - before_s)
        return abs(slip.total_seconds()) <= _CLOCK_SLIP_S
