"""Stalls of a stream, by hand."""

import pytest

from ingest.stalls import Stalls


def _after(*times_s: float) -> Stalls:
    stalls = Stalls()
    for at_s in times_s:
        stalls.add(at_s)
    return stalls


def _every(step_s: float, begun_s: float, until_s: float) -> list[float]:
    return [begun_s + index * step_s for index in range(round((until_s - begun_s) / step_s))]


def test_three_stalls_of_two_seconds_in_a_minute_are_six_seconds() -> None:
    """Ten pictures a second, and every twenty seconds none for two."""
    times_s = [*_every(0.1, 0, 18.1), *_every(0.1, 20, 38.1), *_every(0.1, 40, 58.1), 60.0]
    assert _after(*times_s).within_the_last_minute_s(60.0) == pytest.approx(6.0)
    assert _after(*times_s).within_the_last_minute_s(90.0) == pytest.approx(2.0 + 2.0 + 30.0)


def test_a_camera_that_sends_one_picture_each_two_seconds_has_no_stalls() -> None:
    """Its pace is its own; a gap of ten seconds is one all the same."""
    steady_s = _every(2.0, 0, 100)
    assert _after(*steady_s).within_the_last_minute_s(100.0) == 0.0
    assert _after(*steady_s, 108.0).within_the_last_minute_s(108.0) == pytest.approx(10.0)


def test_a_camera_that_is_set_to_fewer_pictures_is_soon_at_its_new_pace() -> None:
    """From 25 a second to one each three seconds: stalls for the first minutes, none after five."""
    times_s = [*_every(0.04, 0, 40), *_every(3.0, 43, 403)]
    stalls = Stalls()
    for at_s in times_s:
        stalls.add(at_s)
        if at_s == 79.0:
            assert stalls.within_the_last_minute_s(at_s) > 30.0
    assert stalls.within_the_last_minute_s(403.0) == 0.0


def test_a_burst_each_second_is_no_stall() -> None:
    """Ten pictures at once, then nothing for a second."""
    assert _after(*(second + index / 1000 for second in range(60) for index in range(10))).within_the_last_minute_s(
        60.0
    ) == pytest.approx(0.0)


def test_a_stall_that_has_begun_before_the_minute_counts_by_what_is_in_it() -> None:
    """And one that lasts counts until now."""
    stalls = _after(*_every(0.1, 0, 10.1), 50.0, *_every(0.1, 50.1, 60))
    assert stalls.within_the_last_minute_s(80.0) == pytest.approx(30.0 + (80.0 - 59.9), abs=0.2)


def test_the_time_without_a_connection_is_no_stall() -> None:
    """That is told as a camera that is away."""
    stalls = _after(*_every(0.1, 0, 10))
    stalls.begin(40.0)
    stalls.add(40.1)
    assert stalls.within_the_last_minute_s(40.2) == 0.0
