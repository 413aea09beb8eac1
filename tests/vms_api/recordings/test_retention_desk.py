"""Runs of the retention on a real database: what goes, what stays, and who hears of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.clock import START, ManualClock
from tests.vms_api.recordings.rows import CAMERA, VOLUME, segment
from vms_api.audit.entry import Actor
from vms_api.audit.log import AuditLog
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.database import Database
from vms_api.errors import NodeUnavailable
from vms_api.events import EventLog
from vms_api.recordings import gap_store, hold_store, plan_store, store
from vms_api.recordings.gap import Gap
from vms_api.recordings.hold import Hold
from vms_api.recordings.plan import RecordingPlan
from vms_api.recordings.problem_board import ProblemBoard, ProblemCode
from vms_api.recordings.retention_desk import AGE_EVERY_S, RetentionDesk, RetentionPorts
from vms_api.recordings.segment import Segment
from vms_api.recordings.settings import RecordingSettings, VolumeSettings
from vms_api.recordings.store import Garbage
from vms_api.recordings.volume import VolumeState
from vms_api.recordings.volume_board import VolumeBoard

pytestmark = pytest.mark.anyio

GB, DAY_S = 1_000_000_000, 86400.0
SETTINGS = RecordingSettings(
    retention_min_days=30,
    retention_max_days=90,
    volumes=(VolumeSettings(name="disk", path=Path("/unused"), reserve_bytes=5 * GB),),
)


@dataclass
class Stage:
    """A site's retention; `orders` are what the node was asked to unlink, `is_away` a node that does not answer."""

    database: Database
    clock: ManualClock
    events: EventLog
    board: VolumeBoard
    problems: ProblemBoard
    audit: AuditLog
    orders: list[Sequence[Garbage]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    is_away: bool = False

    def desk(self) -> RetentionDesk:
        ports = RetentionPorts(self.unlink, lambda _camera_id: "area")
        return RetentionDesk(self.database, SETTINGS, self.board, self.problems, self.audit, self.clock, ports)

    async def unlink(self, files: Sequence[Garbage]) -> None:
        if self.is_away:
            raise NodeUnavailable
        self.orders.append(files)

    async def add(self, age_days: float, **changes: Any) -> Segment:
        started_at = self.clock.now() - timedelta(days=age_days)
        told = segment(0, started_at=started_at, size_bytes=GB, **changes)
        async with self.database.write() as transaction:
            assert await store.insert_segment(transaction, told)
        return told

    async def hold(self, first: Segment) -> None:
        now = self.clock.now()
        values = {"id": new_identifier(), "camera_id": first.camera_id, "reason": "case", "created_at": now}
        async with self.database.write() as transaction:
            hold = Hold(**values, start=first.started_at, end=first.ended_at, created_by="x")
            await hold_store.insert_hold(transaction, hold)

    def disk(self, free: int, **changes: Any) -> None:
        values = {"volume_id": VOLUME, "name": "disk", "state": "ok", "free_bytes": free, "total_bytes": 100 * GB}
        self.board.report([VolumeState(**{**values, "used_bytes": 50 * GB, "at": self.clock.now(), **changes})])

    async def left(self) -> set[str]:
        async with self.database.read() as connection:
            cameras = await store.recorded_cameras(connection)
            ages = (self.clock.now() - timedelta(days=999), self.clock.now() + timedelta(days=999))
            found = [await store.segments_between(connection, camera_id, *ages) for camera_id in cameras]
        return {one.recording_id for own in found for one in own if one.volume_id == VOLUME}

    async def done(self) -> None:
        """The node has unlinked all it was asked."""
        async with self.database.write() as transaction:
            await store.drop_garbage(transaction, [file.recording_id for order in self.orders for file in order])

    async def certificates(self) -> list[Mapping[str, Any]]:
        async with self.database.read() as connection:
            rows = await list_rows(connection, AuditQuery(kind="recording.delete"))
        return [json.loads(row.body)["detail"] for row in reversed(rows)]

    async def told(self) -> list[tuple[str, bool]]:
        found = await self.events.after(0)
        return [(event.data["code"], event.data["is_over"]) for event in found if event.kind == "recording.problem"]


@pytest.fixture
async def stage(database: Database) -> Stage:
    clock = ManualClock(START)
    events, counts = EventLog(database, clock), {}
    problems = ProblemBoard(database, events, clock, counts.update)
    board = VolumeBoard(database, events, SETTINGS.volumes)
    return Stage(database, clock, events, board, problems, AuditLog(database, clock), counts=counts)


def ids(*found: Segment) -> set[str]:
    return {one.recording_id for one in found}


async def test_the_old_go_and_are_certified(stage: Stage) -> None:
    """Row first: the file is garbage until the node has unlinked it. The audit log says what, when, by which rule."""
    old, older, young = await stage.add(91), await stage.add(100), await stage.add(89)
    assert await stage.desk().sweep() == 2
    assert await stage.left() == ids(young)
    assert [{file.recording_id for file in order} for order in stage.orders] == [ids(old, older)]
    (certificate,) = await stage.certificates()
    assert certificate == {
        "rule": "retention-max",
        "count": 2,
        "from": older.started_at.isoformat(),
        "to": old.ended_at.isoformat(),
        "bytes": 2 * GB,
    }


async def test_garbage_is_asked_for_until_it_is_gone(stage: Stage) -> None:
    """A node that is away is asked again; a day later that is a problem, until it is done."""
    await stage.add(91)
    stage.is_away = True
    desk = stage.desk()
    await desk.sweep()
    assert stage.problems.problems == []
    for _ in range(3):
        stage.clock.advance(DAY_S / 2)
        await desk.sweep()
    assert [problem.code for problem in stage.problems.problems] == [ProblemCode.DELETION_LATE]
    assert stage.counts[ProblemCode.DELETION_LATE] == 1
    stage.is_away = False
    await desk.sweep()
    await stage.done()
    await desk.sweep()
    assert stage.problems.problems == []
    assert await stage.told() == [("deletion-late", False), ("deletion-late", True)]


async def test_a_short_volume_loses_its_oldest(stage: Stage) -> None:
    """As much as it lacks and a little more, but nothing that is held or too young."""
    held, first, second, third = [await stage.add(age) for age in (80, 79, 78, 77)]
    young = await stage.add(29)
    elsewhere = await stage.add(85, volume_id="other")
    await stage.hold(held)
    stage.disk(free=4 * GB + GB // 2)
    assert await stage.desk().sweep() == 3  # half a GB is lacking, two more are the headroom of a 100 GB disk
    assert await stage.left() == ids(held, young)
    async with stage.database.read() as connection:
        assert await store.find_segment(connection, elsewhere.recording_id)
    (certificate,) = await stage.certificates()
    assert (certificate["rule"], certificate["count"]) == ("volume-short", 3)
    assert ids(first, second, third) == {file.recording_id for file in stage.orders[0]}
    assert await stage.desk().sweep() == 0  # what is on its way out counts


async def test_only_locked_left(stage: Stage) -> None:
    """Nothing held and nothing young goes, whatever is lacking; that is told once, and when it is over."""
    held, young = await stage.add(80), await stage.add(29)
    await stage.hold(held)
    stage.disk(free=0)
    desk = stage.desk()
    for _ in range(2):
        assert await desk.sweep() == 0
    (problem,) = stage.problems.problems
    assert (problem.code, problem.subject, problem.detail) == ("only-locked-left", "disk", {"missing_bytes": 5 * GB})
    assert await stage.left() == ids(held, young)
    stage.disk(free=9 * GB)
    await desk.sweep()
    assert await stage.told() == [("only-locked-left", False), ("only-locked-left", True)]


async def test_stale_figures_delete_nothing(stage: Stage) -> None:
    """How full a disk was before the node died says nothing about now."""
    await stage.add(80)
    stage.disk(free=0)
    stage.clock.advance(600)
    assert await stage.desk().sweep() == 0


async def test_a_plan_keeps_longer(stage: Stage) -> None:
    """By camera, also of one that was removed; gaps go with the recordings."""
    await stage.add(100)
    other = await stage.add(100, camera_id="long")
    gap = Gap(id="g", camera_id=CAMERA, started_at=START - timedelta(days=99), reason="refused")
    async with stage.database.write() as transaction:
        plan = RecordingPlan(mode="continuous", retention_max_days=200)
        await plan_store.put_plan(transaction, "long", plan, START)
        await gap_store.put_gap(transaction, gap.model_copy(update={"ended_at": START - timedelta(days=98)}))
    assert await stage.desk().sweep() == 1
    assert await stage.left() == ids(other)
    async with stage.database.read() as connection:
        assert await gap_store.gaps_between(connection, CAMERA, START - timedelta(days=120), START) == []


async def test_age_goes_by_the_hour(stage: Stage) -> None:
    """One line of the audit log for an hour's files, not for each."""
    desk = stage.desk()
    await desk.sweep()
    for _ in range(3):
        await stage.add(91, recording_id=new_identifier())
        stage.clock.advance(AGE_EVERY_S / 3 + 1)
        await desk.sweep()
    assert [certificate["count"] for certificate in await stage.certificates()] == [3]


@pytest.mark.parametrize("jump_days", [2, -2, 400])
async def test_a_clock_that_jumps_stops_deletion(stage: Stage, jump_days: int) -> None:
    """Until an administrator confirms it; a restart does not, and neither does time."""
    desk = stage.desk()
    await desk.sweep()
    kept = await stage.add(80)
    stage.clock.step_wall(jump_days * DAY_S)
    for again in (desk, stage.desk()):
        assert await again.sweep() == 0
        stage.clock.advance(DAY_S / 2)
    assert [problem.code for problem in stage.problems.problems] == ["clock-jumped"]
    assert await stage.left() == ids(kept)
    await desk.confirm_clock(Actor("id", "admin"))
    assert stage.problems.problems == []
    gone = await desk.sweep()
    assert gone == (1 if jump_days == 400 else 0)
    async with stage.database.read() as connection:
        (row,) = await list_rows(connection, AuditQuery(kind="recording.clock"))
    assert abs(json.loads(row.body)["detail"]["jump_s"]) > DAY_S


async def test_a_restart_within_a_day_is_no_jump(stage: Stage) -> None:
    """A longer one is: nothing has counted the time meanwhile."""
    await stage.desk().sweep()
    stage.clock.advance(DAY_S - 60)
    await stage.desk().sweep()
    assert stage.problems.problems == []
    stage.clock.advance(DAY_S + 60)
    await stage.desk().sweep()
    assert [problem.code for problem in stage.problems.problems] == ["clock-jumped"]
