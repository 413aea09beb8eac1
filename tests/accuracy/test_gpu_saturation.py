"""How the search for the most streams goes, and what it names as full: with trials whose outcome is known."""

import math

import pytest

from benchmarks.gpu_saturation import Occupation, Trial, find_most, first_full

_CALM = Occupation(0.1, 0.1, 0.1, 0.1, 0.1)


def _machine(room: int, tried: list[int]):
    def attempt(count: int) -> Trial:
        tried.append(count)
        return Trial(count, 5.0 if count <= room else 3.0, 0.1, 0.5, count, _CALM)

    return attempt


@pytest.mark.parametrize(("room", "kept", "failed"), [(100, 96, 104), (8, 8, 9), (5, 5, 6)])
def test_the_number_is_found_by_doubling_and_halving(room: int, kept: int, failed: int) -> None:
    """From 8 on: for room of 100 it tries 8, 16, 32, 64, 128, then 96, 112, 104; for room of 5: 8, 4, 6, 5."""
    tried: list[int] = []
    best, worst = find_most(_machine(room, tried), 8, 1024)
    assert best is not None
    assert worst is not None
    assert (best.count, worst.count) == (kept, failed)
    assert len(tried) <= 8


def test_what_was_never_full_is_said_so() -> None:
    """No trial beyond the most that is tried."""
    tried: list[int] = []
    best, worst = find_most(_machine(9999, tried), 8, 64)
    assert (best.count if best else 0, worst, tried) == (64, None, [8, 16, 32, 64])


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (Occupation(0.97, 0.95, 0.5, 0.5, 0.2), "NVDEC"),
        (Occupation(0.4, 0.95, 0.95, 0.5, 0.2), "SM"),
        (Occupation(math.nan, math.nan, 0.95, 0.5, 0.2), "CPU"),
        (Occupation(0.4, 0.4, 0.4, 0.4, 0.4), "Python"),
        (Occupation(0.97, 0.4, 0.4, 0.4, 0.99), "the cameras' own process: the node was not at its end"),
    ],
)
def test_the_first_part_that_is_full_is_named(told: Occupation, name: str) -> None:
    """The cameras before all: if they are slow, nothing is known of the node."""
    assert first_full(told) == name
