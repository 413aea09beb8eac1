"""The life of a stream: every path through the table is legal, everything else is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lifecycle import TRANSITIONS, StreamEvent, StreamState
from ingest.transitions import IllegalTransition

events = st.lists(st.sampled_from(list(StreamEvent)), max_size=60)


@given(events)
def test_any_sequence_of_events_stays_inside_the_table(sequence: list[StreamEvent]) -> None:
    """An event either has a row in the table or raises and changes nothing."""
    state = StreamState.DISABLED
    for event in sequence:
        if event in TRANSITIONS[state]:
            state = TRANSITIONS.after(state, event)
            assert state in TRANSITIONS
        else:
            with pytest.raises(IllegalTransition, match=rf"{event.value}.*{state.value}"):
                TRANSITIONS.after(state, event)


def test_every_state_is_reachable_and_leads_back_to_disabled() -> None:
    """No stream can be stuck: each state is reached from DISABLED and reaches it again."""
    assert _reachable(StreamState.DISABLED) == set(StreamState)
    assert all(StreamState.DISABLED in _reachable(state) for state in StreamState)


@pytest.mark.parametrize("state", [StreamState.LIVE, StreamState.SILENT, StreamState.OPENING])
def test_a_connected_stream_closes_before_it_is_disabled(state: StreamState) -> None:
    """Whoever holds a connection hangs up first."""
    assert TRANSITIONS.after(state, StreamEvent.DISABLED) is StreamState.CLOSING


def _reachable(start: StreamState) -> set[StreamState]:
    found, todo = {start}, [start]
    while todo:
        new = set(TRANSITIONS[todo.pop()].values()) - found
        found |= new
        todo.extend(new)
    return found
