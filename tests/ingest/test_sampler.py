"""Which frames are analysed."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sampler import DueSampler


def due(fps: float, times: list[float]) -> list[float]:
    """The times that are due."""
    sampler = DueSampler(fps)
    return [time_s for time_s in times if sampler.is_due(time_s)]


@pytest.mark.parametrize("rate", [5, 8, 10, 12.5, 15, 25, 30, 60])
def test_five_frames_a_second_whatever_the_camera_sends(rate: float) -> None:
    """Over a minute 300 frames are due, from any camera of at least that rate."""
    assert abs(len(due(5, [index / rate for index in range(round(60 * rate))])) - 300) <= 2


@given(st.lists(st.floats(-0.015, 0.015), min_size=300, max_size=300))
def test_jitter_costs_no_frames(noise: list[float]) -> None:
    """A shaky 5 fps camera is analysed whole."""
    times = [index / 5 + shake for index, shake in enumerate(noise)]
    assert len(due(5, times)) == len(times)


@given(st.lists(st.floats(0.001, 5), max_size=200))
def test_frames_are_never_due_faster_than_the_grid_allows(steps: list[float]) -> None:
    """However frames come, two due ones are at least a third of a period apart, and on average a period."""
    times, now = [], 0.0
    for step in steps:
        now += step
        times.append(now)
    chosen = due(5, times)
    assert len(chosen) <= now * 5 + 2
    assert all(later - earlier >= 0.2 / 3 - 1e-9 for earlier, later in itertools.pairwise(chosen))


def test_after_a_gap_or_a_new_epoch_the_first_frame_is_due() -> None:
    """Nothing is caught up on after a gap, and time that starts over is accepted."""
    assert due(5, [0.0, 0.1, 9.0, 9.1, 9.2, 0.0, 0.1, 0.2]) == [0.0, 9.0, 9.2, 0.0, 0.2]
