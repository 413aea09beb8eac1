"""Waiting before a camera is dialled again."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.backoff import PROVEN_UPTIME_S, Backoff
from ingest.settings import IngestSettings

SETTINGS = IngestSettings()
chances = st.floats(0, 1, exclude_max=True)
attempts = st.lists(st.tuples(st.booleans(), st.floats(0, PROVEN_UPTIME_S, exclude_max=True), chances), max_size=80)


@given(attempts)
def test_every_wait_is_inside_its_limits(history: list[tuple[bool, float, float]]) -> None:
    """A failure waits 0.5 to 30 s, a refusal 60 to 300 s, whatever happened before."""
    chance = 0.0
    backoff = Backoff(SETTINGS, lambda: chance)
    for refused, uptime_s, chance in history:  # noqa: B007 - the lambda reads it
        wait_s = backoff.next_wait_s(refused=refused, uptime_s=uptime_s)
        low, high = (60, 300) if refused else (0.5, 30)
        assert low <= wait_s <= high


def test_waits_double_up_to_the_limit() -> None:
    """Without jitter's luck the waits are 1, 2, 4, 8, 16, 30, 30 s."""
    backoff = Backoff(SETTINGS, lambda: 1.0)
    waits = [backoff.next_wait_s(refused=False, uptime_s=0) for _ in range(7)]
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_only_proven_uptime_starts_over() -> None:
    """A connection of 59 s leaves the wait as long as it was, one of 60 s resets it."""
    backoff = Backoff(SETTINGS, lambda: 1.0)
    for _ in range(6):
        backoff.next_wait_s(refused=False, uptime_s=0)
    assert backoff.next_wait_s(refused=False, uptime_s=PROVEN_UPTIME_S - 1) == 30
    assert backoff.next_wait_s(refused=False, uptime_s=PROVEN_UPTIME_S) == 1


def test_refusals_wait_for_minutes_and_longer_each_time() -> None:
    """Cameras lock accounts, so the waits grow from one minute to five."""
    backoff = Backoff(SETTINGS, lambda: 1.0)
    waits = [backoff.next_wait_s(refused=True, uptime_s=0) for _ in range(4)]
    assert waits == [60, 120, 240, 300]


@given(chances, chances)
def test_jitter_spreads_cameras_that_failed_together(first: float, second: float) -> None:
    """Two cameras with different luck do not wait equally long."""
    waits = [Backoff(SETTINGS, lambda: luck).next_wait_s(refused=False, uptime_s=0) for luck in (first, second)]  # noqa: B023
    assert (waits[0] < waits[1]) == (0.5 + first / 2 < 0.5 + second / 2)
