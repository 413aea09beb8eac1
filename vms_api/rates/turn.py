"""The nightly turn: counts the day before, and again the days before that for what came late."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta

import structlog

from ingest.clock import Clock
from vms_api.care import store as care_store
from vms_api.database import Database
from vms_api.duty.civil_time import instant_of
from vms_api.rates import fact_store
from vms_api.rates.desk import RateDesk
from vms_api.rates.errors import DayNotCountable
from vms_api.rates.settings import RateSettings

log = structlog.get_logger()

GLANCE_S = 30.0
_CLOCK_CHECKS_KEPT = timedelta(days=100)


class RateTurn:
    """Counts what is due. What was missed while the process was down is made up for, as far back as can be counted."""

    def __init__(
        self,
        desk: RateDesk,
        database: Database,
        settings: RateSettings,
        clock: Clock,
        then: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk = desk
        self._database = database
        self._settings = settings
        self._clock = clock
        self._then = then
        self._done: date | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(GLANCE_S)

    async def look(self) -> None:
        """One look: counts if the time has come, then whatever hangs on the counted days, such as reports."""
        today, now = self._desk.today(), self._clock.now()
        if now >= self._due_at(today) and self._done != today:
            for day in await self._due_days(today):
                await self._count(day)
            async with self._database.write() as transaction:
                await care_store.forget_clock_checks(transaction, now - _CLOCK_CHECKS_KEPT)
            self._done = today
        await self._then()

    def _due_at(self, today: date) -> datetime:
        return instant_of(today, time.fromisoformat(self._settings.count_at), self._desk.zone)

    async def _due_days(self, today: date) -> list[date]:
        """The day before and some before it, and every day that was never counted since the first one that was."""
        yesterday = today - timedelta(days=1)
        again = {yesterday - timedelta(days=back) for back in range(self._settings.count_again_days + 1)}
        earliest = self._desk.earliest()
        async with self._database.read() as connection:
            counted = await fact_store.counted_days(connection, earliest, yesterday)
            is_counted_today = yesterday in counted and counted[yesterday].computed_at >= self._due_at(today)
        if is_counted_today:
            return []
        first = min(counted, default=yesterday)
        missed = {first + timedelta(days=ahead) for ahead in range((yesterday - first).days)} - set(counted)
        return sorted(day for day in {*missed, *again} if max(earliest, min(first, yesterday)) <= day <= yesterday)

    async def _count(self, day: date) -> None:
        try:
            counted = await self._desk.count(day, "nightly")
        except DayNotCountable as problem:
            log.warning("rates.not-counted", day=day.isoformat(), reason=problem.detail)
        else:
            log.info("rates.counted", day=day.isoformat(), version=counted.version, changed=counted.changed)
