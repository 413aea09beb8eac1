"""A disk that runs full under a retention that deletes: the oldest first, never what is held, and then no more."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.recording_clip import make_clip
from ingest.camera import StreamRole
from ingest.identifier import new_identifier
from ingest.packet import Packet
from ingest.recording.garbage import Garbage
from ingest.recording.segment import SegmentInfo
from ingest.recording.volume import VolumePlace
from tests.fakes.clock import START
from tests.fakes.disk import SmallDisk, disks
from tests.fakes.recording_room import CAMERA, RecordingRoom
from tests.fakes.segment import clip_packets, write_segment
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.recordings import hold_store, store
from vms_api.recordings.hold import Hold
from vms_api.recordings.problem_board import ProblemBoard
from vms_api.recordings.retention_desk import RetentionDesk, RetentionPorts
from vms_api.recordings.segment import Segment
from vms_api.recordings.settings import RecordingSettings, VolumeSettings
from vms_api.recordings.volume import VolumeState
from vms_api.recordings.volume_board import VolumeBoard

DISK_BYTES, RESERVE_BYTES = 1 << 20, 256 << 10
BITS_PER_S = 400_000


@dataclass
class Site:
    """A recorder on a small disk, and the retention that looks after it; a hold on the oldest recording."""

    room: RecordingRoom
    database: Database
    board: VolumeBoard
    problems: ProblemBoard
    desk: RetentionDesk
    hold_id: str
    old: Sequence[SegmentInfo]

    async def play(self, seconds: int) -> None:
        """Lets the camera send, with a run of the retention each second."""
        for _ in range(seconds):
            self.room.play(1)
            await self.sweep()

    async def sweep(self) -> None:
        writer = self.room.writers[0]
        async with self.database.write() as transaction:
            for info in self.room.account.segments.values():
                await store.insert_segment(transaction, Segment.model_validate(asdict(info)))
        self.board.report([VolumeState.model_validate(asdict(writer.state()))])
        await self.desk.sweep()
        self.room.write()
        async with self.database.write() as transaction:
            await store.drop_garbage(transaction, self.room.account.gone)

    async def lift(self) -> None:
        async with self.database.write() as transaction:
            await hold_store.lift_hold(transaction, self.hold_id, self.room.clock.now(), None)

    def old_left(self) -> list[int]:
        """Which of the old recordings are still on the disk."""
        return [n for n, info in enumerate(self.old) if (self.room.folder / "one" / info.path).exists()]

    def state(self) -> tuple[str, str | None]:
        state = self.room.recorders.states()[CAMERA]
        return state.state.value, state.reason.value if state.reason else None


@asynccontextmanager
async def site_on(folder: Path, packets: Sequence[Packet]) -> AsyncIterator[Site]:
    """Three recordings are ten days old and may go after one."""
    room = RecordingRoom(folder, packets)
    (writer,) = room.writers
    writer.place = VolumePlace("one", folder / "one", None, RESERVE_BYTES)
    room.plan()
    writer._sweep.join(5)
    database = await Database.open(folder / "x.db")
    volumes = (VolumeSettings(name="one", path=folder / "one", reserve_bytes=RESERVE_BYTES),)
    settings = RecordingSettings(retention_min_days=1, volumes=volumes)
    events, audit = EventLog(database, room.clock), AuditLog(database, room.clock)
    board, problems = VolumeBoard(database, events, volumes), ProblemBoard(database, events, room.clock, dict)

    async def unlink(files: Sequence[store.Garbage]) -> None:
        writer.remove([Garbage(file.recording_id, file.path) for file in files])

    ports = RetentionPorts(unlink, lambda _camera_id: "area")
    desk = RetentionDesk(database, settings, board, problems, audit, room.clock, ports)
    starts = [START - timedelta(days=10, minutes=-n) for n in range(3)]
    old = [write_segment(folder / "one", packets, started_at=at, volume_id=writer.volume_id) for at in starts]
    hold = Hold(
        id=new_identifier(),
        camera_id=CAMERA,
        reason="case",
        created_at=START,
        start=starts[0],
        end=starts[0] + timedelta(seconds=1),
        created_by="x",
    )
    async with database.write() as transaction:
        for info in old:
            await store.insert_segment(transaction, Segment.model_validate(asdict(info)))
        await hold_store.insert_hold(transaction, hold)
    yield Site(room, database, board, problems, desk, hold.id, old)
    room.close()
    await database.close()


async def run_full(folder: Path, packets: Sequence[Packet]) -> None:
    async with site_on(folder, packets) as site:
        seen: list[Packet] = []
        site.room.fleet.viewable(CAMERA, StreamRole.MAIN).subscribe(seen.append)
        left = [site.old_left()]
        for _ in range(40):
            await site.play(1)
            if site.state() == ("waiting", "disk-full"):
                break
            left += [site.old_left()] if site.old_left() != left[-1] else []
        assert left == [[0, 1, 2], [0, 2], [0]]
        assert site.state() == ("waiting", "disk-full")
        before = len(seen)
        await site.play(4)
        assert (len(seen) - before, site.state()) == (100, ("waiting", "disk-full"))
        assert [(problem.code.value, problem.subject) for problem in site.problems.problems] == [
            ("only-locked-left", "one")
        ]
        files = len(list((folder / "one").rglob("*.mp4")))
        await site.lift()
        for _ in range(4):
            if site.state()[0] == "waiting":
                await site.play(1)
        assert (site.old_left(), site.state()) == ([], ("recording", None))
        assert len(list((folder / "one").rglob("*.mp4*"))) == files  # one has gone, one has begun
        assert [reason for reason, _ in site.room.account.missing()] == ["disk-full"]


def test_retention_comes_first_and_what_is_locked_stops_the_volume(tmp_path: Path) -> None:
    """The oldest go while recording goes on; with only held and young ones left recording stops, looking does not.

    The database lies on another disk and takes its rows all the while. A hold that is lifted brings recording back.
    """
    packets = clip_packets(make_clip(tmp_path / "noise.mp4", BITS_PER_S, 2, (160, 128)))
    with disks() as mounted:
        mounted.append(SmallDisk(tmp_path / "one", DISK_BYTES))
        asyncio.run(run_full(tmp_path, packets))
