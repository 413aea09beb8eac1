"""Quiet times."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics.cooldown import Cooldown


@given(st.lists(st.floats(0, 100), min_size=1).map(sorted), st.floats(0.1, 50))
def test_admitted_violations_are_at_least_the_quiet_time_apart(times: list[float], quiet_s: float) -> None:
    """The first is admitted, and none too soon after another."""
    cooldown = Cooldown(quiet_s)
    admitted = [at for at in times if cooldown.admit(at)]
    assert admitted[0] == times[0]
    assert all(after - before >= quiet_s for before, after in pairwise(admitted))


def test_without_a_quiet_time_all_are_admitted() -> None:
    """Nought means none."""
    cooldown = Cooldown(0)
    assert cooldown.admit(1.0)
    assert cooldown.admit(1.0)
