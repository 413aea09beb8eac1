"""The table of export states: what is over stays over, and nothing gets out without a second person."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.transitions import IllegalTransition
from vms_api.exports.lifecycle import TRANSITIONS, ExportAct, ExportState


@given(st.lists(st.sampled_from(ExportAct), max_size=12))
def test_any_acts_keep_the_promises(acts: list[ExportAct]) -> None:
    """From the request on: no build without approval, no download without a build, one download."""
    state, done = ExportState.REQUESTED, []
    for act in acts:
        try:
            state = TRANSITIONS.after(state, act)
        except IllegalTransition:
            continue
        done.append(act)
    if ExportAct.BUILD in done:
        assert done[0] is ExportAct.APPROVE
    if ExportAct.DOWNLOAD in done:
        assert ExportAct.FINISH in done[: done.index(ExportAct.DOWNLOAD)]
        assert done[-1] is ExportAct.DOWNLOAD
    assert not {ExportAct.APPROVE, ExportAct.REJECT} <= set(done)


def test_every_state_has_its_row() -> None:
    """And every act is possible somewhere."""
    assert set(TRANSITIONS) == set(ExportState)
    assert {act for row in TRANSITIONS.values() for act in row} == set(ExportAct)
