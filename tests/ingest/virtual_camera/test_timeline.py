"""A loop without a seam."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec
from ingest.virtual_camera.clip import CLOCK_RATE, AccessUnit, Clip
from ingest.virtual_camera.parameter_sets import ParameterSets
from ingest.virtual_camera.timeline import LoopTimeline


def _clip(gaps: list[int]) -> Clip:
    times = [sum(gaps[:index]) for index in range(len(gaps))]
    units = tuple(AccessUnit((b"\x65",), time, time, index == 0) for index, time in enumerate(times))
    return Clip(Codec.H264, 16, 16, 10.0, sum(gaps), ParameterSets((), (b"\x67123",), (b"\x68",)), units)


GAPS = st.lists(st.integers(1, CLOCK_RATE), min_size=1, max_size=20)


@given(GAPS, st.integers(0, 200))
def test_times_always_run_forwards(gaps: list[int], number: int):
    """Each unit follows the one before by its own gap, over the seam as well."""
    timeline = LoopTimeline(_clip(gaps))
    step = timeline.unit(number + 1).due - timeline.unit(number).due
    assert step == gaps[number % len(gaps)]
    assert timeline.due_s(number) == timeline.unit(number).due / CLOCK_RATE


@given(GAPS, st.integers(0, 200))
def test_a_time_finds_its_unit(gaps: list[int], number: int):
    """The unit that is due at a time is found by that time, the next one just after it."""
    timeline = LoopTimeline(_clip(gaps))
    assert timeline.number_at(timeline.due_s(number)) == number
    assert timeline.number_at(timeline.due_s(number) + 1 / CLOCK_RATE) == number + 1
