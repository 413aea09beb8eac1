"""A recorder that is killed with SIGKILL: little is lost, nothing is broken."""

import random
from pathlib import Path

import pytest

from benchmarks.recording_clip import make_clip as make_long_clip
from benchmarks.recording_kill import LIMIT_S, kill_some
from ingest.recording.segment import PART_SUFFIX
from ingest.recording.segment_reader import SegmentReader
from ingest.recording.sweep import mend
from tests.conftest import MakeClip
from tests.fakes.segment import clip_packets, write_segment


@pytest.mark.slow
def test_a_killed_recorder_loses_at_most_two_seconds(tmp_path: Path) -> None:
    """At a few random instants: every row has its file, every file plays, and the end is near."""
    clip = make_long_clip(tmp_path / "clip.mp4")
    trials = kill_some(clip, [tmp_path / "one", tmp_path / "two"], random.Random())
    assert [trial.rows_without_file for trial in trials] == [0, 0]
    assert [trial.unplayable for trial in trials] == [0, 0]
    assert max(trial.lost_s for trial in trials) <= LIMIT_S


def test_blocks_that_never_reached_the_disk_end_a_file(make_clip: MakeClip, tmp_path: Path) -> None:
    """After a power cut a file may be longer than what was written of it: the rest reads as zeros."""
    info = write_segment(tmp_path, clip_packets(make_clip(seconds=4.0)))
    whole = tmp_path / info.path
    with SegmentReader(whole) as reader:
        third = reader.fragments[2]
    data = bytearray(whole.read_bytes())
    hole = third.offset + third.size - 600
    data[hole : hole + 512] = bytes(512)
    part = whole.with_name(whole.name + PART_SUFFIX)
    part.write_bytes(data)
    whole.unlink()
    mended = mend(part)
    assert mended is not None
    assert (mended.duration_s, mended.keyframe_count, mended.damaged) == (2.0, 2, False)
    with SegmentReader(whole) as reader:
        assert (reader.duration_s, reader.damage) == (2.0, None)
