"""A recorder that is killed with SIGKILL: little is lost, nothing is broken."""

import random
from pathlib import Path

import pytest

from benchmarks.recording_clip import make_clip
from benchmarks.recording_kill import LIMIT_S, kill_some


@pytest.mark.slow
def test_a_killed_recorder_loses_at_most_two_seconds(tmp_path: Path) -> None:
    """At a few random instants: every row has its file, every file plays, and the end is near."""
    clip = make_clip(tmp_path / "clip.mp4")
    trials = kill_some(clip, [tmp_path / "one", tmp_path / "two"], random.Random())
    assert [trial.rows_without_file for trial in trials] == [0, 0]
    assert [trial.unplayable for trial in trials] == [0, 0]
    assert max(trial.lost_s for trial in trials) <= LIMIT_S
