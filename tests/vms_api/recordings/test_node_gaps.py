"""The gap `node-down` on a real database: opened while there is no node, ended once it accounts for its cameras."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.fakes.clock import START, ManualClock
from tests.vms_api.recordings.rows import segment
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import RecordingHealth
from vms_api.cameras.store import delete_camera, insert_camera
from vms_api.database import Database
from vms_api.recordings import gap_store, plan_store, store
from vms_api.recordings.gap import Gap
from vms_api.recordings.intake import RecordingIntake
from vms_api.recordings.node_gaps import NodeFacts, NodeGaps
from vms_api.recordings.plan import RecordingPlan
from vms_api.recordings.settings import RecordingSettings

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


def camera(camera_id: str, area_id: str, created_at: datetime = START) -> CameraRecord:
    fields = (camera_id, area_id, camera_id, "rtsp://192.0.2.7/", None, "tcp", None, None, True, True)
    return CameraRecord(*fields, created_at, created_at)


@dataclass
class Stage:
    """`down_since` and `healths` are what the node link and the health board would say."""

    database: Database
    clock: ManualClock
    settings: RecordingSettings = field(default_factory=RecordingSettings)
    down_since: datetime | None = START
    epoch_since: datetime = START
    healths: dict[str, RecordingHealth] = field(default_factory=dict)
    epoch: int = 1

    @property
    def node_gaps(self) -> NodeGaps:
        facts = NodeFacts(lambda: self.down_since, lambda: self.epoch_since, lambda camera: self.healths.get(camera.id))
        return NodeGaps(self.database, self.settings, "Asia/Shanghai", self.clock, facts)

    @property
    def intake(self) -> RecordingIntake:
        return RecordingIntake(self.database, lambda: self.epoch, lambda: self.epoch_since)

    async def plan(self, camera_id: str, plan: RecordingPlan) -> None:
        async with self.database.write() as transaction:
            await plan_store.put_plan(transaction, camera_id, plan, self.clock.now())

    async def gaps(self, camera_id: str = "a") -> list[tuple[str, datetime, datetime | None]]:
        async with self.database.read() as connection:
            found = await gap_store.gaps_between(connection, camera_id, START - 999 * HOUR, START + 999 * HOUR)
        return [(gap.reason, gap.started_at, gap.ended_at) for gap in found]

    def starts_anew(self) -> None:
        """A node of a new epoch has registered."""
        self.down_since, self.epoch_since = None, self.clock.now()
        self.epoch += 1


@pytest.fixture
async def stage(database: Database) -> Stage:
    async with database.write() as transaction:
        area_id = (await transaction.connection.execute(sa.text("SELECT id FROM areas"))).scalar_one()
        await insert_camera(transaction, camera("a", area_id))
    return Stage(database, ManualClock(START + HOUR))


async def test_a_gap_from_the_last_that_is_known(stage: Stage) -> None:
    """From where the index ends, not from when the loss was noticed; one gap, however often it is looked."""
    await stage.intake.take_segment(segment(10, "a"))
    for _ in range(3):
        await stage.node_gaps.check()
    assert await stage.gaps() == [("node-down", START + timedelta(minutes=11), None)]


@pytest.mark.parametrize("state", ["recording", "standby"])
async def test_it_ends_when_the_node_says_how_the_camera_is(stage: Stage, state: str) -> None:
    """At the moment from which the new node accounts for it."""
    await stage.node_gaps.check()
    stage.clock.advance(60)
    stage.starts_anew()
    await stage.node_gaps.check()
    assert (await stage.gaps())[0][2] is None
    since = stage.clock.now() + timedelta(seconds=2)
    stage.healths["a"] = RecordingHealth.model_validate({"state": state, "since": since})
    await stage.node_gaps.check()
    assert await stage.gaps() == [("node-down", START, since)]


async def test_it_ends_with_the_new_nodes_own_gap(stage: Stage) -> None:
    """Not before: a camera that is waited for may be back before the node calls it a gap. No second is left out."""
    await stage.node_gaps.check()
    stage.clock.advance(60)
    stage.starts_anew()
    since = stage.clock.now()
    for state in ("off", "waiting"):
        stage.healths["a"] = RecordingHealth.model_validate({"state": state, "since": since})
        await stage.node_gaps.check()
        assert (await stage.gaps())[0][2] is None
    await stage.intake.take_gap(Gap(id="old", camera_id="a", started_at=START - HOUR, ended_at=START, reason="refused"))
    assert (await stage.gaps())[1][2] is None
    await stage.intake.take_gap(Gap(id="own", camera_id="a", started_at=since, reason="camera-offline"))
    assert (await stage.gaps())[1:] == [("node-down", START, since), ("camera-offline", since, None)]


async def test_it_ends_with_what_the_new_node_writes(stage: Stage) -> None:
    """Not with a file that was only found and repaired, and not with one of the node that died."""
    await stage.node_gaps.check()
    stage.starts_anew()
    await stage.intake.take_segment(segment(1, "a", node_epoch=1))
    await stage.intake.take_segment(segment(2, "a", node_epoch=2, recovered=True))
    assert (await stage.gaps())[0][2] is None
    await stage.intake.take_segment(segment(90, "a", node_epoch=2))
    assert (await stage.gaps())[0][2] == START + timedelta(minutes=90)


async def test_a_gap_that_a_dead_node_left_open(stage: Stage) -> None:
    """It goes on while the node is away and while the camera still does not record; there is no second one."""
    await stage.intake.take_gap(Gap(id="g", camera_id="a", started_at=START, reason="camera-offline"))
    stage.epoch_since = START + HOUR / 2
    await stage.node_gaps.check()
    assert await stage.gaps() == [("camera-offline", START, None)]
    stage.starts_anew()
    stage.healths["a"] = RecordingHealth(state="waiting", reason="camera-offline", since=stage.clock.now())
    await stage.node_gaps.check()
    assert await stage.gaps() == [("camera-offline", START, None)]
    back = stage.clock.now() + HOUR
    stage.healths["a"] = RecordingHealth(state="recording", since=back)
    await stage.node_gaps.check()
    assert await stage.gaps() == [("camera-offline", START, back)]


async def test_the_present_nodes_gaps_are_its_own(stage: Stage) -> None:
    """They are ended by the node alone."""
    stage.starts_anew()
    stage.clock.advance(5)
    await stage.intake.take_gap(Gap(id="g", camera_id="a", started_at=stage.clock.now(), reason="no-keyframe"))
    stage.healths["a"] = RecordingHealth(state="recording", since=stage.clock.now())
    await stage.node_gaps.check()
    assert (await stage.gaps())[0][2] is None


@pytest.mark.parametrize("mode", ["off", "event"])
async def test_what_is_not_planned_is_not_missing(stage: Stage, mode: str) -> None:
    """Nobody can say what an event would have been."""
    await stage.plan("a", RecordingPlan(mode=mode))
    await stage.node_gaps.check()
    assert await stage.gaps() == []


async def test_nothing_is_missing_where_nothing_is_recorded(stage: Stage) -> None:
    """Recording is switched off for the site."""
    stage.settings = RecordingSettings(enabled=False)
    await stage.node_gaps.check()
    assert await stage.gaps() == []


async def test_a_plan_that_ends_ends_the_gap(stage: Stage) -> None:
    """Switched off, or the camera removed, while the node is away."""
    await stage.node_gaps.check()
    stage.clock.advance(60)
    await stage.plan("a", RecordingPlan(mode="off"))
    await stage.node_gaps.check()
    assert await stage.gaps() == [("node-down", START, stage.clock.now())]
    async with stage.database.write() as transaction:
        await gap_store.put_gap(transaction, Gap(id="n", camera_id="a", started_at=START, reason="node-down"))
        await delete_camera(transaction, "a")
    await stage.node_gaps.check()
    assert all(ended_at == stage.clock.now() for _, _, ended_at in await stage.gaps())


async def test_only_the_hours_of_the_plan_are_missing(stage: Stage) -> None:
    """A site that was off for two days: a gap for each of its scheduled hours, none between."""
    await stage.intake.take_segment(segment(0, "a"))
    every_day = {"days": list(range(7)), "start": "18:00", "end": "20:00"}
    plan = RecordingPlan.model_validate({"mode": "scheduled", "schedule": {"windows": [every_day]}})
    await stage.plan("a", plan)
    stage.clock.advance(48 * 3600)
    for _ in range(2):
        await stage.node_gaps.check()
    assert await stage.gaps() == [
        ("node-down", START + 10 * HOUR, START + 12 * HOUR),
        ("node-down", START + 34 * HOUR, START + 36 * HOUR),
    ]
    stage.clock.advance(9.5 * 3600)
    await stage.node_gaps.check()
    assert (await stage.gaps())[-1] == ("node-down", START + 58 * HOUR, None)


async def test_segments_found_later_win(stage: Stage) -> None:
    """The last file of a killed node covers the beginning of the gap: it was recorded after all."""
    await stage.intake.take_segment(segment(10, "a"))
    await stage.node_gaps.check()
    await stage.intake.take_segment(segment(11, "a", recovered=True))
    async with stage.database.read() as connection:
        assert await store.last_end(connection, "a") == START + timedelta(minutes=12)
