"""Deletes what is past its time, and what has to make room: row first, then the file, with a line in the audit log."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from ingest.clock import Clock
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.recordings import gap_store, hold_store, plan_store, store, volume_store
from vms_api.recordings.plan import Retention, retention_of
from vms_api.recordings.problem_board import ProblemBoard, ProblemCode
from vms_api.recordings.retention import Candidate, Deletion, certificates, clock_jump, deletions, still_needed
from vms_api.recordings.settings import RecordingSettings
from vms_api.recordings.store import DeletableQuery, Garbage
from vms_api.recordings.volume import VolumeState, shortage
from vms_api.recordings.volume_board import VolumeBoard
from vms_api.recordings.volume_store import RetentionClock

log = structlog.get_logger()

RUN_EVERY_S = 30.0
AGE_EVERY_S = 3600.0
"""What is past its ceiling goes once an hour, so that the audit log has a line for each hour and not for each file."""
HEADROOM = 50
"""A volume that is short gets this part of its size more than it lacks, for the same reason."""
MOST_UNLINKED = 500
"""Files in one order to the node; what is left over goes with the next."""
STALE_AFTER = timedelta(minutes=2)
"""A volume's figures that are older say nothing about how short it is now."""
LATE_AFTER = timedelta(days=1)
"""Recordings that are past their ceiling by this much should be gone; also how long a file may wait for its node."""


@dataclass(frozen=True, slots=True)
class RetentionPorts:
    """What the retention needs of others: `unlink` asks the node, `area_of` names a camera's area for the audit."""

    unlink: Callable[[Sequence[Garbage]], Awaitable[None]]
    area_of: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one run goes by. `lacking` is by volume, in bytes; `wanted` with the headroom."""

    retention: Mapping[str, Retention]
    lacking: Mapping[str, int]
    wanted: Mapping[str, int]
    candidates: Sequence[Candidate]


class RetentionDesk:
    """One runs, in the background."""

    def __init__(
        self,
        database: Database,
        settings: RecordingSettings,
        volumes: VolumeBoard,
        problems: ProblemBoard,
        audit: AuditLog,
        clock: Clock,
        ports: RetentionPorts,
    ) -> None:
        self._database = database
        self._settings = settings
        self._volumes = volumes
        self._problems = problems
        self._audit = audit
        self._clock = clock
        self._ports = ports
        self._seen_s: float | None = None
        self._aged_s = -AGE_EVERY_S

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(RUN_EVERY_S)

    async def sweep(self) -> int:
        """One run; how many segments went. None go while the clock is not believed."""
        clock = await self._check_clock()
        if clock.halted_at is not None:
            await self._problems.replace({(ProblemCode.CLOCK_JUMPED, ""): {"jump_s": clock.jump_s}})
            return 0
        now = self._clock.now()
        plan = await self._plan(now)
        gone = await self._delete(plan, now)
        async with self._database.read() as connection:
            waiting = await store.list_garbage(connection, MOST_UNLINKED)
        if waiting:
            await self._ask_node(waiting)
        await self._problems.replace(await self._find_problems(plan, gone, now))
        return len(gone)

    async def confirm_clock(self, actor: Actor) -> None:
        """Somebody says that the clock is right: deleting goes on from here."""
        now = self._clock.now()
        async with self._database.write() as transaction:
            before = await volume_store.read_clock(transaction.connection)
            await volume_store.put_clock(transaction, RetentionClock(now))
            detail = {"jump_s": before.jump_s if before else None}
            await self._audit.record(transaction, AuditEntry(AuditKind.RECORDING_CLOCK, actor, detail=detail))
        self._seen_s = self._clock.monotonic_s()
        await self._problems.replace({})

    async def _check_clock(self) -> RetentionClock:
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        elapsed_s = None if self._seen_s is None else now_s - self._seen_s
        async with self._database.write() as transaction:
            clock = await volume_store.read_clock(transaction.connection) or RetentionClock(now)
            if clock.halted_at is not None:
                return clock
            jump = clock_jump(clock.seen_at, elapsed_s, now)
            if jump is None:
                clock = RetentionClock(now)
            else:
                clock = replace(clock, halted_at=now, jump_s=jump.total_seconds())
                log.error("retention.clock_jumped", jump_s=clock.jump_s)
            await volume_store.put_clock(transaction, clock)
        self._seen_s = now_s
        return clock

    async def _plan(self, now: datetime) -> _Plan:
        is_hour = self._clock.monotonic_s() - self._aged_s >= AGE_EVERY_S
        states = [state for state in await self._volumes.states() if now - state.at < STALE_AFTER]
        async with self._database.read() as connection:
            plans = await plan_store.list_plans(connection)
            cameras = await store.recorded_cameras(connection)
            retention = {camera_id: retention_of(plans.get(camera_id), self._settings) for camera_id in cameras}
            lacking, wanted = self._shortages(states, await store.garbage_bytes(connection))
            candidates: dict[str, Candidate] = {}
            for camera_id, kept in retention.items():
                asked = [DeletableQuery(camera_id, now - kept.floor, now, volume_id) for volume_id in wanted]
                asked += [DeletableQuery(camera_id, now - kept.ceiling, now)] if is_hour else []
                for query in asked:
                    found = await store.deletable(connection, query)
                    candidates |= {candidate.recording_id: candidate for candidate in found}
        self._aged_s = self._clock.monotonic_s() if is_hour else self._aged_s
        return _Plan(retention, lacking, wanted, list(candidates.values()))

    def _shortages(
        self, states: Sequence[VolumeState], pending: Mapping[str, int]
    ) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Bytes that volumes lack, and what is deleted to give them some room."""
        lacking: dict[str, int] = {}
        wanted: dict[str, int] = {}
        for state in states:
            known = self._volumes.settings.get(state.name)
            if known is None or state.volume_id is None:
                continue
            waiting = pending.get(state.volume_id, 0)
            if missing := shortage(state, known.quota_bytes, known.reserve_bytes, waiting):
                lacking[state.volume_id] = missing
                wanted[state.volume_id] = missing + (known.quota_bytes or state.total_bytes or 0) // HEADROOM
        return lacking, wanted

    async def _delete(self, plan: _Plan, now: datetime) -> Sequence[Deletion]:
        """Holds are read in the transaction that deletes: one that was just set holds."""
        if not plan.candidates:
            return ()
        async with self._database.write() as transaction:
            holds = await hold_store.list_holds(transaction.connection, now)
            gone = deletions(plan.candidates, plan.retention, holds, plan.wanted, now)
            await store.discard(transaction, gone, now)
            for camera_id, rule, candidates in certificates(gone):
                place = Place(self._ports.area_of(camera_id), camera_id)
                detail = {"rule": rule, **_certificate(candidates)}
                entry = AuditEntry(AuditKind.RECORDING_DELETE, SYSTEM, place, detail=detail)
                await self._audit.record(transaction, entry)
                await gap_store.forget_gaps(transaction, camera_id, now - plan.retention[camera_id].ceiling)
        return gone

    async def _ask_node(self, waiting: Sequence[Garbage]) -> None:
        try:
            await self._ports.unlink(waiting)
        except NodeUnavailable as reason:
            log.info("retention.node_away", reason=str(reason), count=len(waiting))
        except NodeProblem as problem:
            log.warning("retention.node_refused", code=problem.node_code, count=len(waiting))

    async def _find_problems(
        self, plan: _Plan, gone: Sequence[Deletion], now: datetime
    ) -> Mapping[tuple[ProblemCode, str], Mapping[str, Any]]:
        names = {state.volume_id: state.name for state in await self._volumes.states() if state.volume_id}
        found: dict[tuple[ProblemCode, str], Mapping[str, Any]] = {
            (ProblemCode.ONLY_LOCKED_LEFT, names.get(volume_id, volume_id)): {"missing_bytes": missing}
            for volume_id, missing in still_needed(plan.lacking, gone).items()
        }
        if (since := await self._late_since(plan, gone, now)) is not None:
            found[ProblemCode.DELETION_LATE, ""] = {"since": since.isoformat()}
        return found

    async def _late_since(self, plan: _Plan, gone: Sequence[Deletion], now: datetime) -> datetime | None:
        """Since when something should have been deleted that was not."""
        async with self._database.read() as connection:
            waits_since = await store.garbage_since(connection)
        chosen = {deletion.candidate.recording_id for deletion in gone}
        overdue = [
            candidate.ended_at + plan.retention[candidate.camera_id].ceiling
            for candidate in plan.candidates
            if candidate.recording_id not in chosen
        ]
        since = min([*overdue, *([waits_since] if waits_since else [])], default=now)
        return since if now - since > LATE_AFTER else None


def _certificate(candidates: Sequence[Candidate]) -> Mapping[str, Any]:
    """What the audit log says of the files that go."""
    return {
        "count": len(candidates),
        "from": min(candidate.started_at for candidate in candidates).isoformat(),
        "to": max(candidate.ended_at for candidate in candidates).isoformat(),
        "bytes": sum(candidate.size_bytes for candidate in candidates),
    }
