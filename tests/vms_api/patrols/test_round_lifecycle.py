"""The table of a round's life, under any sequence of acts."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transitions import IllegalTransition
from vms_api.patrols.round_lifecycle import OPEN, TRANSITIONS, RoundAct, RoundState

LEGAL = {
    ("due", "take", "running"),
    ("due", "abort", "aborted"),
    ("due", "miss", "missed"),
    ("running", "take", "running"),
    ("running", "resume", "running"),
    ("running", "pause", "paused"),
    ("running", "hand-over", "paused"),
    ("running", "finish", "completed"),
    ("running", "abort", "aborted"),
    ("running", "miss", "missed"),
    ("running", "abandon", "abandoned"),
    ("paused", "take", "running"),
    ("paused", "resume", "running"),
    ("paused", "hand-over", "paused"),
    ("paused", "abort", "aborted"),
    ("paused", "miss", "missed"),
    ("paused", "abandon", "abandoned"),
}
"""Written out by hand: every step that there is."""


@pytest.mark.parametrize("act", RoundAct)
@pytest.mark.parametrize("state", RoundState)
def test_there_are_these_steps_and_no_others(state: RoundState, act: RoundAct) -> None:
    """Of all pairs of a state and an act, only those of the list lead anywhere."""
    expected = {after for before, done, after in LEGAL if (before, done) == (state, act)}
    after = set()
    with suppress(IllegalTransition):
        after = {TRANSITIONS.after(state, act)}
    assert after == expected


@given(st.lists(st.sampled_from(list(RoundAct)), max_size=12))
def test_a_round_that_is_over_stays_over(acts: list[RoundAct]) -> None:
    """Whatever is tried, the end is final, nothing becomes due again, and only a running round is completed."""
    state = RoundState.DUE
    for act in acts:
        before = state
        with suppress(IllegalTransition):
            state = TRANSITIONS.after(state, act)
        assert before in OPEN or state is before
        assert state is not RoundState.DUE or before is RoundState.DUE
        assert state is not RoundState.COMPLETED or before in {RoundState.RUNNING, RoundState.COMPLETED}
