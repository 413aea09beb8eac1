"""Tells people of rounds: that one is due, once more, and that it was not walked. Each with history and events."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Transaction
from vms_api.events import Event, EventLog
from vms_api.patrols import clock_store, plan_store, round_store, stop_store
from vms_api.patrols.chase import Look, Outcome, lingering, looked_at
from vms_api.patrols.clock_store import RoundClock
from vms_api.patrols.plan import PatrolPlanRow
from vms_api.patrols.prompting import Prompter, Told
from vms_api.patrols.round import LATE, RoundEntry, RoundSummary
from vms_api.patrols.round_lifecycle import TRANSITIONS, RoundAct

DUE, REMINDER, MISSED, ESCALATED = "patrol.due", "patrol.reminder", "patrol.missed", "patrol.escalated"
ROUND = "patrol.round"


class Chaser:
    """What the system does about rounds; everything in the transaction of the look."""

    def __init__(self, events: EventLog, audit: AuditLog, prompter: Prompter, patience: timedelta) -> None:
        self._events = events
        self._audit = audit
        self._prompter = prompter
        self._patience = patience

    async def prompt(self, transaction: Transaction, round_id: str, plan: PatrolPlanRow) -> None:
        """Tells those who are asked to walk it that a round is due."""
        found = await round_store.find_round(transaction.connection, round_id)
        if found is not None:
            told = self._prompter.asked(plan.people, plan.area_id, found.due_at)
            await self._events.record_all(transaction, [_event(DUE, found, told), _changed(found)])

    async def look(self, transaction: Transaction, clock: RoundClock, now: datetime) -> None:
        """Takes the step that the round has come to, and sets its clock for the next one."""
        found = await round_store.find_round(transaction.connection, clock.round_id)
        if found is None:
            await clock_store.delete_clock(transaction, clock.round_id)
            return
        look = await self._looked(transaction.connection, found, clock, now)
        await self._act(transaction, found, look, now)
        if look.next_at is None or look.next_step is None:
            await clock_store.delete_clock(transaction, clock.round_id)
        else:
            await clock_store.put_clock(transaction, RoundClock(clock.round_id, look.next_at, look.next_step))

    async def miss_unseen(self, transaction: Transaction, round_ids: Sequence[str], now: datetime) -> None:
        """Records rounds that were over before anybody could be told; supervisors hear of all of them at once."""
        for round_id in round_ids:
            found = await round_store.find_round(transaction.connection, round_id)
            if found is None:
                continue
            missed = await self._missed(transaction, found, "not-running", now)
            if round_id == round_ids[-1]:
                await self._tell_missed(transaction, missed, len(round_ids), now)

    async def _looked(self, connection: Connection, found: RoundSummary, clock: RoundClock, now: datetime) -> Look:
        if not found.late:
            return looked_at(found.state, clock.step, found.due_at, found.deadline_at, now)
        touched_at = await _touched_at(connection, found)
        return lingering(found.state, touched_at, self._patience, now)

    async def _act(self, transaction: Transaction, found: RoundSummary, look: Look, now: datetime) -> None:
        match look.outcome:
            case Outcome.REMIND:
                await self._remind(transaction, found, now)
            case Outcome.WARN:
                await self._remind(transaction, found, now)
                await self._escalate(transaction, found, 0, "not-taken", now)
            case Outcome.MISS:
                missed = await self._missed(transaction, found, "not-taken", now)
                await self._tell_missed(transaction, missed, 1, now)
            case Outcome.LATE:
                await self._be_late(transaction, found, now)
            case Outcome.ABANDON:
                await self._abandon(transaction, found, now)
            case Outcome.WAIT | Outcome.REST:
                return

    async def _remind(self, transaction: Transaction, found: RoundSummary, now: datetime) -> None:
        plan = await plan_store.find_any(transaction.connection, found.plan_id)
        if plan is None:
            return
        told = self._prompter.asked(plan.people, found.area_id, now)
        await round_store.add_history(transaction, found.id, RoundEntry(now, "remind", detail={"to": told.centre}))
        await self._events.record_all(transaction, [_event(REMINDER, found, told)])

    async def _missed(self, transaction: Transaction, found: RoundSummary, reason: str, now: datetime) -> RoundSummary:
        """Nobody has taken it in time, or the site was off: `reason` says which."""
        missed = found.model_copy(update={"state": TRANSITIONS.after(found.state, RoundAct.MISS)})
        await round_store.save_round(transaction, missed)
        await round_store.add_history(transaction, found.id, RoundEntry(now, "miss", detail={"reason": reason}))
        await self._record(transaction, AuditKind.PATROL_MISSED, found, {"reason": reason})
        return missed

    async def _tell_missed(self, transaction: Transaction, missed: RoundSummary, count: int, now: datetime) -> None:
        told = self._prompter.supervisors(missed.area_id, 0)
        news = _event(MISSED, missed, told, count=count)
        await self._events.record_all(transaction, [news, _changed(missed)])
        await self._escalate(transaction, missed, 1, "missed", now)

    async def _be_late(self, transaction: Transaction, found: RoundSummary, now: datetime) -> None:
        """Somebody is under way past the deadline; said once."""
        late = found.model_copy(update={"late": True})
        await round_store.save_round(transaction, late)
        await round_store.add_history(transaction, found.id, RoundEntry(now, LATE))
        await self._record(transaction, AuditKind.PATROL_LATE, found, {})
        await self._events.record_all(transaction, [_changed(late)])
        await self._escalate(transaction, late, 0, "late", now)

    async def _abandon(self, transaction: Transaction, found: RoundSummary, now: datetime) -> None:
        """Nobody has gone on with it for long: it is over as far as it came, and what was judged stands."""
        state = TRANSITIONS.after(found.state, RoundAct.ABANDON)
        over = found.model_copy(update={"state": state, "finished_at": now})
        touched_at = await _touched_at(transaction.connection, found)
        detail = {"reason": "nobody-went-on", "since": touched_at.isoformat(), "done": found.done_count}
        await stop_store.leave_all(transaction, found.id, now)
        await round_store.save_round(transaction, over)
        await round_store.add_history(transaction, found.id, RoundEntry(now, RoundAct.ABANDON, detail=detail))
        await self._record(transaction, AuditKind.PATROL_ABANDONED, found, detail)
        await self._events.record_all(transaction, [_changed(over)])
        await self._escalate(transaction, over, 0, "abandoned", now)

    async def _escalate(
        self, transaction: Transaction, found: RoundSummary, levels: int, reason: str, now: datetime
    ) -> None:
        """Tells the supervisors of the centre so many levels up; above the topmost there is nobody."""
        told = self._prompter.supervisors(found.area_id, levels)
        if told is None:
            return
        detail = {"to": told.centre, "reason": reason}
        await round_store.add_history(transaction, found.id, RoundEntry(now, "escalate", detail=detail))
        await self._record(transaction, AuditKind.PATROL_ESCALATE, found, detail)
        await self._events.record_all(transaction, [_event(ESCALATED, found, told, reason)])

    async def _record(
        self, transaction: Transaction, kind: AuditKind, found: RoundSummary, detail: Mapping[str, Any]
    ) -> None:
        told = {"name": found.name, "due_at": found.due_at.isoformat(), **detail}
        await self._audit.record(transaction, AuditEntry(kind, SYSTEM, Place(found.area_id), found.id, detail=told))


async def _touched_at(connection: Connection, found: RoundSummary) -> datetime:
    """When somebody last did anything about the round or at one of its stops, and not before it was found to be late.

    After a time without power, or a clock put forward, people have as long to go on as ever.
    """
    acted = await round_store.last_act(connection, found.id)
    stopped = await stop_store.last_touched(connection, found.id)
    return max(filter(None, (acted, stopped, found.due_at)))


def _event(kind: str, found: RoundSummary, told: Told | None, reason: str | None = None, count: int = 1) -> Event:
    """What pages and receivers are told: which round (the last of so many), and for whom the news is."""
    user_ids: Sequence[str] = told.user_ids if told else ()
    data = {
        "round_id": found.id,
        "plan_id": found.plan_id,
        "name": found.name,
        "area_id": found.area_id,
        "state": found.state,
        "due_at": found.due_at.isoformat(),
        "deadline_at": found.deadline_at.isoformat(),
        "centre": told.centre if told else None,
        "user_ids": list(user_ids),
        "reason": reason,
        "count": count,
    }
    return Event(None, kind, data, found.area_id)


def _changed(found: RoundSummary) -> Event:
    return Event(None, ROUND, found.model_dump(mode="json"), found.area_id)
