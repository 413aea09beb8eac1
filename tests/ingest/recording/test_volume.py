"""Volumes: never a bare mount point, never more than its share, mended after a kill, back by itself."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import pytest

from ingest.packet import Packet
from ingest.recording.gap import Gap, GapReason
from ingest.recording.gap_journal import GapJournal
from ingest.recording.garbage import Garbage
from ingest.recording.segment_reader import SegmentReader
from ingest.recording.sweep import inspect, mend
from ingest.recording.volume import Room, VolumeCondition, VolumePlace, VolumeRefused, claim, fill_condition
from ingest.recording.volume_writer import VolumeWriter
from tests.conftest import MakeClip
from tests.fakes.clock import START, ManualClock
from tests.fakes.recording_room import CAMERA, SETTINGS, Account
from tests.fakes.segment import STARTED_AT, clip_packets, write_segment


@pytest.fixture(scope="module")
def packets(make_clip: MakeClip) -> list[Packet]:
    return clip_packets(make_clip(size=(64, 48), seconds=3.0))


def place(path: Path, quota_bytes: int | None = None, reserve_bytes: int = 0) -> VolumePlace:
    return VolumePlace("disk", path, quota_bytes, reserve_bytes)


def test_a_new_volume_is_given_an_identity_once(tmp_path: Path) -> None:
    """And keeps it."""
    identity = claim(place(tmp_path / "new"), None, START)
    assert claim(place(tmp_path / "new"), None, START) == claim(place(tmp_path / "new"), identity, START) == identity


def bare(folder: Path) -> str | None:
    folder.mkdir()
    return "expected"


def gone(_folder: Path) -> str | None:
    return "expected"


def another(folder: Path) -> str | None:
    claim(place(folder), None, START)
    return "expected"


def not_empty(folder: Path) -> str | None:
    folder.mkdir()
    (folder / "holiday.jpg").touch()
    return None


def unreadable(folder: Path) -> str | None:
    folder.mkdir()
    (folder / "volume.json").write_text("{")
    return None


@pytest.mark.parametrize(
    ("prepare", "condition"),
    [(bare, "missing"), (gone, "missing"), (another, "foreign"), (not_empty, "foreign"), (unreadable, "foreign")],
)
def test_what_is_not_the_volume_is_refused_and_left_alone(
    tmp_path: Path, prepare: Callable[[Path], str | None], condition: str
) -> None:
    """A bare mount point above all: writing there would fill the system's disk."""
    expected = prepare(tmp_path / "disk")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(VolumeRefused) as refused:
        claim(place(tmp_path / "disk"), expected, START)
    assert (refused.value.condition.value, sorted(tmp_path.rglob("*"))) == (condition, before)


def test_full_begins_at_half_the_reserve_and_ends_above(tmp_path: Path) -> None:
    """Between reserve and its half the oldest is deleted while recording goes on."""
    full, well = VolumeCondition.FULL, VolumeCondition.OK
    where = place(tmp_path, reserve_bytes=1000)
    tried = ((600, False), (400, False), (600, True), (800, True))
    found = [fill_condition(where, Room(free, 4000, None), was_full=was) for free, was in tried]
    assert found == [well, full, full, well]
    where = place(tmp_path, quota_bytes=10 << 30)
    assert fill_condition(where, Room(1 << 40, 1 << 41, (10 << 30) + (100 << 20)), was_full=False) is well
    assert fill_condition(where, Room(1 << 40, 1 << 41, (10 << 30) + (300 << 20)), was_full=False) is full
    assert fill_condition(where, Room(1 << 40, 1 << 41, (10 << 30) + (100 << 20)), was_full=True) is full


def test_a_volume_without_reserve_waits_for_room(tmp_path: Path) -> None:
    """Not for the few bytes that an unfinished fragment has left: it would be full again at once."""
    where, total = place(tmp_path), 1 << 40
    frees = (0, 1 << 20, (64 << 20) - 1, 64 << 20)
    found = [fill_condition(where, Room(free, total, None), was_full=True).value for free in frees]
    assert found == ["full", "full", "full", "ok"]
    assert fill_condition(where, Room(1 << 20, total, None), was_full=False) is VolumeCondition.OK


def cut_short(volume: Path, packets: list[Packet], at: float) -> Path:
    """A file whose writer was killed when that share of it was written."""
    info = write_segment(volume, packets)
    whole = volume / info.path
    data = whole.read_bytes()
    part = whole.with_name(whole.name + ".part")
    part.write_bytes(data[: int(len(data) * at)])
    whole.unlink()
    return part


@pytest.mark.parametrize("at", [0.6, 0.8, 0.99, 1.0])
def test_an_unfinished_file_is_cut_at_its_last_whole_fragment(tmp_path: Path, packets: list[Packet], at: float) -> None:
    """It plays, in our reader and in a foreign one, and says that it was mended."""
    info = mend(cut_short(tmp_path, packets, at))
    assert info is not None
    assert info.recovered
    assert replace(inspect(tmp_path / info.path), recovered=True) == info
    with SegmentReader(tmp_path / info.path) as reader:
        assert reader.damage is None
    with av.open(str(tmp_path / info.path)) as container:
        assert len(list(container.decode(video=0))) / 25 == pytest.approx(info.duration_s)


@pytest.mark.parametrize("at", [0.0, 0.01, 0.1])
def test_an_unfinished_file_without_a_picture_goes(tmp_path: Path, packets: list[Packet], at: float) -> None:
    """There is nothing to keep."""
    part = cut_short(tmp_path, packets, at)
    assert mend(part) is None
    assert list(part.parent.iterdir()) == []


class Disk:
    """A volume's writer, stepped by hand."""

    def __init__(self, path: Path, **limits: int) -> None:
        self.clock, self.account = ManualClock(), Account()
        self.writer = VolumeWriter(place(path, **limits), SETTINGS, self.clock, self.account)

    def step(self, seconds: float = 2.5) -> VolumeCondition:
        self.clock.advance(seconds)
        self.writer.step(0)
        self.writer._sweep.join(5)
        return self.writer.state().state


def test_nothing_is_written_before_control_has_named_the_volume(tmp_path: Path) -> None:
    """Not even an identity."""
    disk = Disk(tmp_path / "disk")
    assert disk.step() is VolumeCondition.MISSING
    assert not (tmp_path / "disk").exists()
    disk.writer.expect(None)
    assert disk.step() is VolumeCondition.OK
    assert json.loads((tmp_path / "disk" / "volume.json").read_text())["id"] == disk.writer.volume_id


def test_start_up_mends_tells_again_and_counts(tmp_path: Path, packets: list[Packet]) -> None:
    """What a killed node left, what the index may have missed; older files are only counted."""
    identity = claim(place(tmp_path), None, START)
    recent = write_segment(tmp_path, packets)
    old = write_segment(tmp_path, packets, started_at=STARTED_AT - timedelta(hours=3))
    part = cut_short(tmp_path, packets, 0.8)
    disk = Disk(tmp_path)
    disk.writer.expect(identity)
    assert disk.step() is VolumeCondition.OK
    told = disk.account.segments
    assert told[recent.recording_id] == recent
    assert old.recording_id not in told
    assert [info.recovered for info in told.values()].count(True) == 1
    assert not part.exists()
    assert disk.writer.state().used_bytes == sum(path.stat().st_size for path in tmp_path.rglob("*.mp4"))


def test_deleting_unlinks_tells_and_leaves_no_empty_folders(tmp_path: Path, packets: list[Packet]) -> None:
    """A file that is gone already counts; a path that is none of ours is never touched."""
    identity = claim(place(tmp_path / "disk"), None, START)
    (tmp_path / "precious.mp4").touch()
    info = write_segment(tmp_path / "disk", packets, started_at=START)
    disk = Disk(tmp_path / "disk")
    disk.writer.expect(identity)
    disk.step()
    again = Garbage("again", info.path.replace(info.recording_id, "again"))
    disk.writer.remove(
        [Garbage(info.recording_id, info.path), again, Garbage("evil", "../precious.mp4"), Garbage("v", "volume.json")]
    )
    disk.step()
    assert sorted(disk.account.gone) == sorted([info.recording_id, "again"])
    assert [path.name for path in (tmp_path / "disk").rglob("*")] in (["cam", "volume.json"], ["volume.json", "cam"])
    assert (tmp_path / "precious.mp4").exists()
    assert disk.writer.state().used_bytes == 0


def test_a_full_volume_takes_nothing_until_there_is_room_again(tmp_path: Path) -> None:
    """It says so, and it is back by itself."""
    disk = Disk(tmp_path / "disk", reserve_bytes=1 << 62)
    disk.writer.expect(None)
    assert disk.step() is VolumeCondition.FULL
    assert not disk.writer.takes()
    disk.writer.place = place(tmp_path / "disk")
    assert disk.step() is VolumeCondition.OK
    assert disk.writer.takes()


def test_a_disk_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    """A folder that turned into a file stands for any disk that answers with errors."""
    disk = Disk(tmp_path / "disk")
    disk.writer.expect(None)
    disk.step()
    (tmp_path / "disk").rename(tmp_path / "aside")
    (tmp_path / "disk").touch()
    assert disk.step() is VolumeCondition.MISSING
    (tmp_path / "disk").unlink()
    (tmp_path / "aside").rename(tmp_path / "disk")
    assert disk.step() is VolumeCondition.OK


def test_open_gaps_survive_a_kill(tmp_path: Path) -> None:
    """A damaged journal costs their ends, not the start."""
    path = tmp_path / "gaps.json"
    gap = Gap("id", CAMERA, START, None, GapReason.CAMERA_OFFLINE)
    GapJournal(path).note(gap)
    journal = GapJournal(path)
    assert journal.open_gaps() == {CAMERA: gap}
    journal.note(replace(gap, ended_at=START))
    assert GapJournal(path).open_gaps() == {}
    path.write_text("[[1,2")
    assert GapJournal(path).open_gaps() == {}
