"""The background look at alerts whose time has come: few at a time, each look one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from ingest.clock import Clock
from vms_api.alerts import store as alert_store
from vms_api.alerts.alert import Alert
from vms_api.database import Database, Transaction
from vms_api.dispatch import store
from vms_api.dispatch.company import take_along
from vms_api.dispatch.dispatcher import Dispatcher
from vms_api.dispatch.escalation import Standing
from vms_api.dispatch.plan import Timer
from vms_api.events import Event, EventLog

BATCH = 20
"""Most alerts of one transaction: what waits to be written is not held up while thousands are due."""
_GLANCE_S = 1.0
_BREATH_S = 0.05


class DispatchRounds:
    """Finds by an index who is due. A killed process has taken each step wholly or not at all, and none twice."""

    def __init__(self, database: Database, dispatcher: Dispatcher, events: EventLog, clock: Clock) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._events = events
        self._clock = clock
        self._seen: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            looked_at = await self.look()
            await asyncio.sleep(_BREATH_S if looked_at == BATCH else _GLANCE_S)

    async def look(self) -> int:
        """Takes the longest due, at most BATCH; how many there were."""
        await self._mind_the_clock()
        async with self._database.read() as connection:
            if not await store.is_any_due(connection, self._clock.now()):
                return 0
        async with self._database.write() as transaction:
            due = await store.due_alerts(transaction.connection, self._clock.now(), BATCH)
            await self.take(transaction, due)
        return len(due)

    async def take(self, transaction: Transaction, due: Sequence[tuple[Alert, Timer]]) -> None:
        """Takes these alerts as far as they have come by now."""
        told: list[Alert] = []
        for alert, timer in due:
            standing = self._dispatcher.gone_on(Standing(alert, timer))
            after = standing.alert
            if after != alert:
                await alert_store.update_alert(transaction, after)
                told += [*await take_along(transaction, alert, after, self._dispatcher.entries(standing)), after]
            await self._dispatcher.keep(transaction, standing)
        if told:
            await self._events.record_all(transaction, [_event(alert) for alert in told])

    async def _mind_the_clock(self) -> None:
        """After a start, and whenever the clock was put back, what was set by the other time is looked at."""
        now, seen = self._clock.now(), self._seen
        if seen is None or now < seen:
            async with self._database.write() as transaction:
                await store.wake_ahead(transaction, now)
        self._seen = now


def _event(alert: Alert) -> Event:
    return Event(None, "alert.updated", alert.model_dump(mode="json"), alert.area_id)
