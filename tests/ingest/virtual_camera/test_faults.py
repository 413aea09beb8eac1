"""Fault scripts do what is written, when it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.faults import Fault, FaultKind, Faultless, ScheduledFaults
from ingest.virtual_camera.message import Request

UNIT = AccessUnit((b"\x65",), 0, 0, is_keyframe=True)
PLAY = Request("PLAY", "rtsp://h/a/main", {})
FAULTS = st.builds(Fault, st.floats(0, 100), st.sampled_from(FaultKind), st.floats(0, 100))


def test_faultless_lets_all_through():
    """The default script changes nothing."""
    script = Faultless()
    assert tuple(script.on_access_unit(UNIT, 1.0)) == (UNIT,)
    assert script.on_request(PLAY, 1.0) is None
    assert script.is_reachable(1.0)


@pytest.mark.parametrize(("at_s", "sent"), [(4.9, 1), (5.0, 0), (6.9, 0), (7.0, 1)])
def test_silence_lasts_as_long_as_scripted(at_s: float, sent: int):
    """A silent camera sends nothing but stays on the network."""
    script = ScheduledFaults([Fault(5.0, FaultKind.SILENT, 2.0)])
    assert len(script.on_access_unit(UNIT, at_s)) == sent
    assert script.is_reachable(at_s)
    assert script.on_request(PLAY, at_s) is None


@given(st.lists(FAULTS, max_size=5), st.floats(0, 250))
def test_faults_may_overlap(faults: list[Fault], at_s: float):
    """A camera is off exactly while some drop holds, silent exactly while some silence holds."""
    script = ScheduledFaults(faults)
    held = {fault.kind for fault in faults if fault.at_s <= at_s < fault.at_s + fault.duration_s}
    assert script.is_reachable(at_s) == (FaultKind.DROP not in held)
    assert bool(script.on_access_unit(UNIT, at_s)) == (FaultKind.SILENT not in held)
