"""The table of a ticket's life."""

from hypothesis import given
from hypothesis import strategies as st

from vms_api.tickets.lifecycle import OPEN_STATES, RUNNING, TRANSITIONS, TicketAct, TicketState

WRITTEN_OUT = """
open        -assign->  assigned
open        -start->   in-progress
open        -fix->     fixed
open        -close->   closed
open        -due->     open
assigned    -assign->  assigned
assigned    -start->   in-progress
assigned    -pause->   paused
assigned    -fix->     fixed
assigned    -close->   closed
assigned    -due->     assigned
in-progress -assign->  assigned
in-progress -pause->   paused
in-progress -fix->     fixed
in-progress -close->   closed
in-progress -due->     in-progress
paused      -resume->  in-progress
paused      -assign->  assigned
paused      -fix->     fixed
paused      -close->   closed
fixed       -confirm-> closed
fixed       -close->   closed
fixed       -reopen->  open
fixed       -send-back-> assigned
closed      -reopen->  open
closed      -send-back-> assigned
"""


def test_the_table_is_what_was_written_down():
    """Every row, and none besides."""
    rows = {(state, f"-{act}->", after) for state, acts in TRANSITIONS.items() for act, after in acts.items()}
    assert rows == {tuple(line.split()) for line in WRITTEN_OUT.strip().splitlines()}


@given(st.lists(st.sampled_from(TicketAct), max_size=40))
def test_whatever_happens_it_can_still_be_closed(acts):
    """No row leads into a corner: a ticket that is not closed can be, at once."""
    state = TicketState.OPEN
    for act in acts:
        state = TRANSITIONS[state].get(act, state)
        assert state is TicketState.CLOSED or TRANSITIONS[state][TicketAct.CLOSE] is TicketState.CLOSED
    assert (state in OPEN_STATES) == (state != "closed")


def test_time_runs_only_while_somebody_is_waited_for():
    """A paused ticket and one that is reported as mended are not overdue."""
    assert {str(state) for state in RUNNING} == {"open", "assigned", "in-progress"}
