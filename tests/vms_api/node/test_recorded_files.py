"""Recorded files as the node hands them out: nothing outside of its volumes, and what damage leaves."""

import io
from pathlib import Path

import av
import pytest

from ingest.recording.errors import SegmentDamaged
from ingest.recording.picture_group import group_times, picture_groups
from ingest.recording.segment import SegmentInfo
from ingest.recording.segment_reader import SegmentReader
from tests.conftest import MakeClip
from tests.fakes.recording import Unfinished, write_recording
from tests.fakes.segment import clip_packets
from vms_api.node.recorded_files import FileMissing, FilePlace, RecordedFiles
from vms_api.node.volume_folders import VolumeFolders


@pytest.fixture
def written(tmp_path: Path, make_clip: MakeClip) -> tuple[Path, SegmentInfo]:
    """A volume with one file of six groups of a second."""
    volume = tmp_path / "volume"
    (info,) = write_recording(volume, clip_packets(make_clip(seconds=6.0, fps=10, gop=10, size=(160, 120))), 6)
    (volume / "volume.json").write_text('{"id": "volume", "format": 1}')
    return volume, info


def files_of(volume: Path) -> RecordedFiles:
    return RecordedFiles(VolumeFolders([volume.parent / "elsewhere", volume]).find)


def pictures(data: bytes) -> int:
    with av.open(io.BytesIO(data), format="mp4") as container:
        return len(list(container.decode(video=0)))


def test_the_index_at_the_end_says_what_the_whole_file_says(written: tuple[Path, SegmentInfo]) -> None:
    """The quick way and the thorough one agree; a file without its end has only the thorough one."""
    volume, info = written
    path = volume / info.path
    with SegmentReader(path) as reader:
        quick = [(start / 90_000, (end - start) / 90_000) for start, end in group_times(reader)]
        assert quick == [(group.time_s, pytest.approx(group.duration_s)) for group in picture_groups(reader)]
        assert len(quick) == 6
    path.write_bytes(path.read_bytes()[:-5])
    with SegmentReader(path) as reader:
        assert group_times(reader) == ()
        assert len(picture_groups(reader)) == 6


@pytest.mark.parametrize(
    "path",
    [
        "../secret.mp4",
        "cam/2026-11-21/08/../../../../secret.mp4",
        "/etc/passwd",
        "cam/2026-11-21/08/secret.mp4.part",
        "cam/2026-11-21/08/%2e%2e.mp4",
        "volume.json",
        "cam/2026-11-21/08/a\0b.mp4",
        "link/2026-11-21/08/secret.mp4",
    ],
)
def test_nothing_outside_of_a_volume_is_read(written: tuple[Path, SegmentInfo], path: str) -> None:
    """No way up, no other file, no link that leads out."""
    volume, _ = written
    outside = volume.parent / "outside" / "2026-11-21" / "08"
    outside.mkdir(parents=True)
    (outside / "secret.mp4").write_bytes(b"secret")
    (volume / "link").symlink_to(volume.parent / "outside")
    with pytest.raises(FileMissing):
        files_of(volume).find(FilePlace("volume", path))
    with pytest.raises(FileMissing):
        files_of(volume).find(FilePlace("another volume", path))


def test_a_damaged_fragment_costs_its_group_of_pictures(written: tuple[Path, SegmentInfo]) -> None:
    """Noticed when it is asked for; from then on the index says so, and what is before and behind it is played."""
    volume, info = written
    place, path = FilePlace("volume", info.path), volume / info.path
    files = files_of(volume)
    assert len(files.index(place, keyframes=False).groups) == 6
    with SegmentReader(path) as reader:
        hit = picture_groups(reader)[3].fragments[0].offset
    data = bytearray(path.read_bytes())
    data[hit + 5] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(SegmentDamaged):
        files.groups(place, 5, 5, keyframes=False)
    index = files.index(place, keyframes=False)
    assert ([time_s for time_s, _ in index.groups], index.damage) == ([0, 1, 2, 4, 5], f"no fragment at byte {hit}")
    part = files.groups(place, 0, 5, keyframes=False)
    assert part.damage
    assert pictures(files.init(place, keyframes=False) + part.data) == 50
    assert pictures(files.init(place, keyframes=True) + files.groups(place, 0, 5, keyframes=True).data) == 5


def test_a_file_that_is_none_has_an_empty_index(written: tuple[Path, SegmentInfo]) -> None:
    """One that is gone, one that is not ours."""
    volume, info = written
    place, files = FilePlace("volume", info.path), files_of(volume)
    (volume / info.path).write_bytes(b"not ours")
    assert files.index(place, keyframes=False).groups == ()
    (volume / info.path).unlink()
    assert files.index(place, keyframes=False).damage == "missing"


def test_a_file_that_is_being_written_is_given_as_far_as_its_index_went(written: tuple[Path, SegmentInfo]) -> None:
    """While it grows, and under its own name afterwards; that it has no end yet is no damage."""
    volume, info = written
    place, files = FilePlace("volume", info.path), files_of(volume)
    unfinished = Unfinished(volume, info, 3.5)
    index = files.index(place, keyframes=False)
    assert [duration_s for _, duration_s in index.groups] == pytest.approx([1.0, 1.0, 1.0])
    assert (index.damage, index.open_bytes is None) == (None, False)
    init = files.init(place, keyframes=False)
    wanted = files.groups(place, 0, 2, keyframes=False, open_bytes=index.open_bytes)
    assert (pictures(init + wanted.data), wanted.damage) == (30, None)
    assert files.groups(place, 0, 9, keyframes=True, open_bytes=index.open_bytes).damage is None
    unfinished.grow(5)
    assert len(files.index(place, keyframes=False).groups) == 5
    assert files.groups(place, 0, 9, keyframes=False, open_bytes=index.open_bytes) == wanted
    unfinished.finish()
    assert files.groups(place, 0, 9, keyframes=False, open_bytes=index.open_bytes) == wanted
    whole = files.index(place, keyframes=False)
    assert (len(whole.groups), whole.init, whole.open_bytes) == (6, index.init, None)
