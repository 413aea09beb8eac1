"""The background turn of patrols: rounds become due, people are reminded, and what nobody walks is missed.

Each step is one transaction and each round is told apart by its plan and due time, so a process that is killed anywhere
writes none twice. The clock may do what it likes:

- It was put forward, or the site was off: what would have been due meanwhile is recorded as missed, of each plan the
  last CAUGHT_UP rounds of the last CATCH_UP; for what is older a row of the audit log says from when to when.
- It was put back: rounds that nobody took and that have not come yet by the clock of now are withdrawn, with a row
  of the audit log for each plan, and will be due again in their time.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database, Transaction
from vms_api.patrols import clock_store, due_store, plan_store, round_store
from vms_api.patrols.chase import ChaseStep, begun
from vms_api.patrols.chaser import Chaser
from vms_api.patrols.clock_store import RoundClock
from vms_api.patrols.due_store import WrittenRound
from vms_api.patrols.plan import PatrolPlanRow
from vms_api.patrols.round import DueRound
from vms_api.patrols.schedule import dues, next_due

BATCH = 20
"""Most plans and most rounds of one transaction: what waits to be written is not held up while thousands are due."""
CATCH_UP = timedelta(days=7)
CAUGHT_UP = 200
_AT_ONCE = 20
"""Most rounds of one plan in one transaction."""
_GLANCE_S = 1.0
_BREATH_S = 0.05
_INSTANT = timedelta(microseconds=1)


class DueRounds:
    """Finds by an index what is due; a look when nothing is costs one question to the database."""

    def __init__(self, database: Database, audit: AuditLog, chaser: Chaser, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._audit = audit
        self._chaser = chaser
        self._clock = clock
        self._zone = zone
        self._seen: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            looked_at = await self.look()
            await asyncio.sleep(_BREATH_S if looked_at else _GLANCE_S)

    async def look(self) -> int:
        """Takes what has been due for longest, a few; how many plans and rounds that were."""
        await self._mind_the_clock()
        now = self._clock.now()
        async with self._database.read() as connection:
            if not await due_store.is_any_due(connection, now):
                return 0
        async with self._database.write() as transaction:
            plans = await plan_store.due_plans(transaction.connection, now, BATCH)
            for plan in plans:
                await self._begin(transaction, plan, now)
            clocks = await clock_store.due_clocks(transaction.connection, now, BATCH)
            for clock in clocks:
                await self._chaser.look(transaction, clock, now)
        return len(plans) + len(clocks)

    async def _begin(self, transaction: Transaction, plan: PatrolPlanRow, now: datetime) -> None:
        """Writes the rounds of the plan that have become due, and when the next one will be."""
        since = plan.next_due_at or now
        oldest = max(since, now - CATCH_UP)
        found = dues(plan.schedule, plan.id, oldest, now + _INSTANT, self._zone)
        kept = found[-CAUGHT_UP:]
        if oldest > since or len(kept) < len(found):
            await self._record_gap(transaction, plan, since, kept[0] if kept else now)
        batch, rest = kept[:_AT_ONCE], kept[_AT_ONCE:]
        written = [await self._write(transaction, plan, due_at, now) for due_at in batch]
        await self._chaser.miss_unseen(transaction, [round_id for round_id in written if round_id is not None], now)
        upcoming = rest[0] if rest else next_due(plan.schedule, plan.id, now, self._zone)
        await plan_store.set_next_due(transaction, plan.id, upcoming)

    async def _write(
        self, transaction: Transaction, plan: PatrolPlanRow, due_at: datetime, now: datetime
    ) -> str | None:
        """A round that is due; its id, if it was over before anybody could be told."""
        deadline_at = due_at + timedelta(seconds=plan.deadline_s)
        due = DueRound(
            plan_id=plan.id,
            plan_version=plan.version,
            name=plan.name,
            area_id=plan.area_id,
            due_at=due_at,
            deadline_at=deadline_at,
            stop_count=plan.stop_count,
            order=_shuffled(plan, due_at) if plan.order == "shuffled" and deadline_at > now else None,
            complete_at=plan.complete_at,
            grid=plan.grid,
        )
        round_id = await round_store.add_due(transaction, due)
        if round_id is None or deadline_at <= now:
            return round_id
        await clock_store.put_clock(transaction, RoundClock(round_id, *begun(due_at, deadline_at)))
        await self._chaser.prompt(transaction, round_id, plan)
        return None

    async def _record_gap(
        self, transaction: Transaction, plan: PatrolPlanRow, since: datetime, until: datetime
    ) -> None:
        """Says that rounds of this time were not even written as missed: the site was off for too long."""
        detail = {"name": plan.name, "unrecorded_from": since.isoformat(), "unrecorded_to": until.isoformat()}
        entry = AuditEntry(AuditKind.PATROL_MISSED, SYSTEM, Place(plan.area_id), plan.id, detail=detail)
        await self._audit.record(transaction, entry)

    async def _mind_the_clock(self) -> None:
        """After a start, and whenever the clock was put back, what was set by the other time is set anew."""
        now, seen = self._clock.now(), self._seen
        if seen is None or now < seen:
            async with self._database.write() as transaction:
                early = await due_store.ahead_of(transaction.connection, now)
                if early:
                    await self._withdraw(transaction, early)
                for plan in await plan_store.waiting_plans(transaction.connection, now):
                    await self._set_anew(transaction, plan, [each.due_at for each in early if each.plan_id == plan.id])
                for round_id in await due_store.late_unwatched(transaction.connection):
                    await clock_store.put_clock(transaction, RoundClock(round_id, now, ChaseStep.ABANDON))
        self._seen = now

    async def _set_anew(self, transaction: Transaction, plan: PatrolPlanRow, withdrawn: Sequence[datetime]) -> None:
        """What was withdrawn will be due again; else the next round is the first one from now on."""
        after = min((self._clock.now(), *(at - _INSTANT for at in withdrawn)))
        upcoming = next_due(plan.schedule, plan.id, after, self._zone)
        if upcoming != plan.next_due_at:
            await plan_store.set_next_due(transaction, plan.id, upcoming)

    async def _withdraw(self, transaction: Transaction, early: Sequence[WrittenRound]) -> None:
        await due_store.withdraw(transaction, [each.id for each in early])
        for plan_id, mine in groupby(sorted(early, key=lambda each: each.plan_id), key=lambda each: each.plan_id):
            written = list(mine)
            times = [each.due_at.isoformat() for each in written]
            detail = {"count": len(times), "due_from": min(times), "due_to": max(times), "reason": "clock-put-back"}
            entry = AuditEntry(AuditKind.PATROL_WITHDRAW, SYSTEM, Place(written[0].area_id), plan_id, detail=detail)
            await self._audit.record(transaction, entry)


def _shuffled(plan: PatrolPlanRow, due_at: datetime) -> tuple[int, ...]:
    """The places of the stops in an order of this round's own, the same however often it is asked for."""
    places = list(range(plan.stop_count))
    Random(f"{plan.id}/{due_at.isoformat()}").shuffle(places)  # noqa: S311 - an order of walking, no secret
    return tuple(places)
