"""Disks that fail, for real: full, read-only, broken, gone, slow. Recording says so, goes on elsewhere, comes back."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.recording_clip import make_clip
from ingest.camera import StreamRole
from ingest.lifecycle import StreamState
from ingest.packet import Packet
from ingest.recording.segment_reader import SegmentReader
from ingest.recording.sweep import file_hash
from tests.fakes.disk import LoopDisk, SmallDisk, disks
from tests.fakes.recording_room import CAMERA, RecordingRoom
from tests.fakes.segment import clip_packets
from tests.faults.slow_disk_child import CAMERAS

Disks = list[SmallDisk | LoopDisk]
MakeRoom = Callable[..., RecordingRoom]
DISK_BYTES = 768 << 10
BITS_PER_S = 400_000


@pytest.fixture(scope="module")
def packets(tmp_path_factory: pytest.TempPathFactory) -> list[Packet]:
    """Noise: 50 KB of pictures each second, with a key frame."""
    return clip_packets(make_clip(tmp_path_factory.mktemp("clip") / "noise.mp4", BITS_PER_S, 2, (160, 128)))


@pytest.fixture
def mounted() -> Iterator[Disks]:
    with disks() as some:
        yield some


@pytest.fixture
def make_room(mounted: Disks, tmp_path: Path, packets: list[Packet]) -> Iterator[MakeRoom]:
    """Volumes are the folders of `tmp_path`; they are let go of before they are unmounted."""
    rooms: list[RecordingRoom] = []

    def make(**options: object) -> RecordingRoom:
        rooms.append(RecordingRoom(tmp_path, packets, **options))
        return rooms[-1]

    yield make
    for room in rooms:
        room.close()


def small_disk(mounted: Disks, folder: Path) -> SmallDisk:
    disk = SmallDisk(folder, DISK_BYTES)
    mounted.append(disk)
    return disk


def loop_disk(mounted: Disks, folder: Path) -> LoopDisk:
    disk = LoopDisk(folder)
    mounted.append(disk)
    return disk


def state_of(room: RecordingRoom) -> tuple[str, str | None]:
    state = room.recorders.states()[CAMERA]
    return state.state.value, state.reason.value if state.reason else None


def play_until(room: RecordingRoom, state: tuple[str, str | None], within_s: float = 40.0) -> float:
    """Lets the camera send until it is in that state; for how long."""
    start = room.clock.now()
    while state_of(room) != state:
        assert room.clock.now() - start < timedelta(seconds=within_s), state_of(room)
        room.play(0.2)
    return (room.clock.now() - start).total_seconds()


def watch(room: RecordingRoom) -> list[Packet]:
    """What somebody who looks at the camera is sent from here on."""
    seen: list[Packet] = []
    room.fleet.viewable(CAMERA, StreamRole.MAIN).subscribe(seen.append)
    return seen


def conditions(room: RecordingRoom, name: str) -> list[str]:
    """Of a volume, as control is told: each change once."""
    return [state.state.value for state in room.account.volumes if state.name == name]


def assert_rows_have_their_files(room: RecordingRoom, volume: str) -> None:
    """Every row that was told of that volume has its file with its hash, and the file plays to its end."""
    identities = {writer.place.name: writer.volume_id for writer in room.writers}
    own = [info for info in room.account.in_order() if info.volume_id == identities[volume]]
    assert own
    for info in own:
        path = room.folder / volume / info.path
        assert file_hash(path) == info.sha256
        with SegmentReader(path) as reader:
            assert (reader.damage, reader.duration_s) == (None, pytest.approx(info.duration_s))


def assert_all_is_accounted_for(room: RecordingRoom, played_s: float) -> None:
    """Every second that the camera sent is in a file or in a gap, and in no two files."""
    files = [
        (info.started_at, info.started_at + timedelta(seconds=info.duration_s)) for info in room.account.in_order()
    ]
    for before, after in pairwise(files):
        assert after[0] - before[1] >= timedelta(seconds=-0.05)
    end = room.clock.now()
    gaps = [(gap.started_at, gap.ended_at or end) for gap in room.account.gaps.values()]
    known = end - timedelta(seconds=played_s)
    for start, until in sorted([*files, *gaps, (end, end)]):
        assert start - known <= timedelta(seconds=0.3)
        known = max(known, until)


def test_a_disk_that_runs_full_stops_recording_alone(mounted: Disks, make_room: MakeRoom, tmp_path: Path) -> None:
    """In the middle of a write: what is on it stays whole, who looks sees on, and room brings recording back."""
    small_disk(mounted, tmp_path / "one")
    room = make_room()
    room.plan()
    seen = watch(room)
    played_s = play_until(room, ("waiting", "disk-full"))
    assert 6.0 < played_s < 20.0
    before = len(seen)
    room.play(3)
    assert (len(seen) - before, room.fleet.health()[0].streams[0].state) == (75, StreamState.LIVE)
    assert_rows_have_their_files(room, "one")
    oldest = room.account.in_order()[0]
    (room.folder / "one" / oldest.path).unlink()
    played_s += 3 + play_until(room, ("recording", None))
    room.play(2)
    room.close()
    assert [reason for reason, _ in room.account.missing()] == ["disk-full"]
    assert conditions(room, "one")[:3] == ["ok", "full", "ok"]
    assert_all_is_accounted_for(room, played_s + 2)


def test_a_disk_that_turns_read_only_is_left_for_another(mounted: Disks, make_room: MakeRoom, tmp_path: Path) -> None:
    """As the kernel does on an error; after a reboot's check it is written to again, the unfinished file mended."""
    disk = loop_disk(mounted, tmp_path / "one")
    room = make_room(volumes=("one", "two"))
    room.plan()
    room.play(5)
    disk.turn_read_only()
    room.play(4)
    assert state_of(room) == ("recording", None)
    assert room.writers[0].state().state == "read-only"
    disk.unmount()
    disk.mount()
    room.play(3)
    room.writers[0]._sweep.join(5)
    assert room.writers[0].state().state == "ok"
    room.close()
    assert [state for state in conditions(room, "one") if state != "missing"] == ["ok", "read-only", "ok"]
    assert {reason for reason, _ in room.account.missing()} == {"disk-error"}
    assert room.account.in_order()[-1].volume_id == room.writers[1].volume_id
    assert_rows_have_their_files(room, "one")
    assert_rows_have_their_files(room, "two")
    assert_all_is_accounted_for(room, 12)


def test_a_disk_that_gives_errors_is_left_for_another(mounted: Disks, make_room: MakeRoom, tmp_path: Path) -> None:
    """EIO from the flush: told within the time between two flushes, and no file of it is claimed since."""
    disk = loop_disk(mounted, tmp_path / "one")
    room = make_room(volumes=("one", "two"))
    room.plan()
    room.play(5)
    (told,) = room.account.segments
    disk.take_no_writes()
    room.play(8)
    assert state_of(room) == ("recording", None)
    assert conditions(room, "one")[1] in {"failed", "read-only"}
    assert not room.writers[0].takes()
    first = room.writers[0].volume_id
    assert [info.recording_id for info in room.account.segments.values() if info.volume_id == first] == [told]
    assert {reason for reason, _ in room.account.missing()} == {"disk-error"}
    room.close()
    assert_rows_have_their_files(room, "two")
    assert_all_is_accounted_for(room, 13)


def test_an_unmounted_disk_is_not_written_around(mounted: Disks, make_room: MakeRoom, tmp_path: Path) -> None:
    """The bare mount point stays bare; the other volume has the rest until the disk is back."""
    disk = loop_disk(mounted, tmp_path / "one")
    room = make_room(volumes=("one", "two"))
    room.plan()
    room.play(4)
    disk.unmount()
    room.play(5)
    assert list((tmp_path / "one").iterdir()) == []
    assert (state_of(room), conditions(room, "one")) == (("recording", None), ["ok", "missing"])
    disk.mount()
    room.play(6)
    room.close()
    assert conditions(room, "one") == ["ok", "missing", "ok"]
    assert {info.volume_id for info in room.account.in_order()} == {writer.volume_id for writer in room.writers}


def recorded_by_child(clip: Path, folder: Path, seconds: float, *through: str) -> dict[str, Any]:
    """What `slow_disk_child` saw, run through another program."""
    command = [*through, sys.executable, "-m", "tests.faults.slow_disk_child", str(clip), str(folder), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=40)
    found = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert found, done.stderr[-2000:]
    return json.loads(found[0].removeprefix("FOUND "))


@pytest.mark.slow
def test_a_disk_that_takes_two_seconds_for_each_flush(tmp_path: Path) -> None:
    """What waits is bounded, the oldest of it goes with its reason, the volume says `slow`, who looks notices nothing.

    The system calls themselves are held up by strace; before that the disk was quick.
    """
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    clip = make_clip(tmp_path / "clip.mp4", 200_000, 2, (160, 128))
    recorded_by_child(clip, tmp_path, 1.0)
    calls = "fsync,fdatasync"
    delay = ["-e", f"trace={calls}", "-e", f"inject={calls}:delay_exit=2000000"]
    found = recorded_by_child(clip, tmp_path, 12.0, strace, "-f", "-qq", "-o", str(tmp_path / "trace"), *delay)
    assert "DELAYED" in (tmp_path / "trace").read_text()
    assert found["longest_load"] < 1.3
    assert found["longest_pause_s"] < 1.0
    assert "slow" in found["states"]
    assert "too-slow" in {reason for _, reason, _, _ in found["gaps"]}
    for camera_id in CAMERAS:
        spans = [(start, end) for owner, start, end in found["files"] if owner == camera_id]
        spans += [(start, end) for owner, _, start, end in found["gaps"] if owner == camera_id]
        # A group of pictures lasts two seconds, and the first may have begun before anybody recorded.
        assert_no_second_is_missing(spans, found["began_s"] + 3.0, found["ended_s"] - 0.5)


def assert_no_second_is_missing(spans: list[tuple[float, float]], start: float, end: float) -> None:
    """Spans cover the range."""
    known = start
    for first, last in sorted([*spans, (end, end)]):
        assert first - known < 0.3 or first > end, (spans, start, end)
        known = max(known, last)
