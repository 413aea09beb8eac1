"""Fault scripts do what is written, when it is written."""

from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.damage import flip_bits
from ingest.virtual_camera.fault import PARAMETERS, Fault, FaultKind
from ingest.virtual_camera.faults import WELL, Condition, Faultless, Reach
from ingest.virtual_camera.message import Request, Response, Status
from ingest.virtual_camera.rtp import Burst
from ingest.virtual_camera.scheduled_faults import ScheduledFaults

UNIT = AccessUnit((b"\x65" + bytes(5000),), 0, 0, is_keyframe=True)
BURST = Burst(tuple(bytes(1000) for _ in range(50)))
DESCRIBE = Request("DESCRIBE", "rtsp://h/a/main", {})
SDP = Response(Status.OK, {}, b"v=0\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0I=,aM4=\r\n")
KINDS = st.sampled_from([kind for kind in FaultKind if kind is not FaultKind.CLIP])
FAULTS = st.builds(Fault, st.floats(0, 100), KINDS, st.floats(0, 100))


def test_faultless_lets_all_through():
    """The default script changes nothing."""
    script = Faultless()
    assert tuple(script.on_access_unit(UNIT, 1.0)) == (UNIT,)
    assert script.on_burst(BURST, 1.0) is BURST
    assert script.on_request(DESCRIBE, 1.0) is None
    assert script.on_response(DESCRIBE, SDP, 1.0) is SDP
    assert script.condition(1.0) == WELL


@pytest.mark.parametrize(("at_s", "sent"), [(4.9, 1), (5.0, 0), (6.9, 0), (7.0, 1)])
def test_silence_lasts_as_long_as_scripted(at_s: float, sent: int):
    """A silent camera sends nothing but stays on the network."""
    script = ScheduledFaults([Fault(5.0, FaultKind.SILENT, 2.0)])
    assert len(script.on_access_unit(UNIT, at_s)) == sent
    assert script.condition(at_s) == WELL


@given(st.lists(FAULTS, max_size=5), st.floats(0, 250))
def test_faults_may_overlap(faults: list[Fault], at_s: float):
    """A camera is cut off exactly while some fault says so, silent exactly while some silence holds."""
    script = ScheduledFaults(faults)
    held = {fault.kind for fault in faults if 0 <= at_s - fault.at_s < fault.duration_s}
    away = {FaultKind.DROP, FaultKind.RESET, FaultKind.RESTART, FaultKind.BLACK_HOLE}
    assert (script.condition(at_s).reach is Reach.OPEN) == (not held & away)
    assert bool(script.on_access_unit(UNIT, at_s)) == (FaultKind.SILENT not in held)


@pytest.mark.parametrize(
    ("fault", "condition"),
    [
        (Fault(1, FaultKind.RESET), Condition(reach=Reach.RESET)),
        (Fault(1, FaultKind.BLACK_HOLE), Condition(reach=Reach.DEAF)),
        (Fault(1, FaultKind.RESTART), Condition(reach=Reach.CUT, source=1)),
        (Fault(1, FaultKind.SSRC), Condition(source=1)),
        (Fault(1, FaultKind.TIMESTAMPS, amount=-3600), Condition(shift_s=-3600)),
        (Fault(1, FaultKind.CLOCK), Condition(clock_error_s=86_400)),
        (Fault(1, FaultKind.CLIP, clip="other"), Condition(stand_in="other")),
        (Fault(1, FaultKind.SLOW_LORIS, amount=0.5), Condition(drip_s=0.5)),
        (Fault(1, FaultKind.PASSWORD), Condition(is_locked=True)),
    ],
)
def test_a_fault_is_a_condition_from_its_time_on(fault: Fault, condition: Condition):
    """Before it the camera is well; a fault without an end stays."""
    script = ScheduledFaults([fault])
    assert script.condition(0.9) == WELL
    assert script.condition(1.0) == script.condition(1e6) == condition


@given(st.floats(0, 10), st.floats(0.1, 5), st.floats(6, 20), st.integers(0, 50))
def test_a_fault_may_come_again(at_s: float, duration_s: float, every_s: float, turn: int):
    """In every turn it holds for its duration, and counts one more."""
    fault = Fault(at_s, FaultKind.SSRC, duration_s, every_s=every_s)
    middle_s = at_s + turn * every_s + duration_s / 2
    assert fault.holds(middle_s)
    assert not fault.holds(at_s + turn * every_s + (duration_s + every_s) / 2)
    assert fault.count(middle_s) == turn + 1


def test_damage_is_the_same_for_the_same_seed():
    """A run that found something can be run again."""

    def damaged(seed: int) -> list[AccessUnit]:
        script = ScheduledFaults([Fault(0, FaultKind.CORRUPT, amount=1e-3, seed=seed)])
        return [unit for at in range(20) for unit in script.on_access_unit(UNIT, at)]

    assert damaged(3) == damaged(3)
    assert damaged(3) != damaged(4)


@given(st.floats(1e-4, 1.0), st.integers(0, 1000))
def test_bit_flips_keep_length_and_rate(rate: float, seed: int):
    """One bit of about that share of the bytes differs."""
    (before,), (after,) = UNIT.nal_units, flip_bits(UNIT, rate, Random(seed)).nal_units
    differing = [a ^ b for a, b in zip(before, after, strict=True) if a != b]
    assert all(bits.bit_count() == 1 for bits in differing)
    expected = rate * len(before)
    assert abs(len(differing) - expected) <= 6 * (expected**0.5 + 1)


def test_packets_are_lost_and_noise_comes_between():
    """Losses leave the others as they were; noise goes out before the packets of an RTSP connection."""
    lossy = ScheduledFaults([Fault(0, FaultKind.LOSS, amount=0.5)]).on_burst(BURST, 1.0)
    assert 5 < len(lossy.packets) < 45
    noisy = ScheduledFaults([Fault(0, FaultKind.GARBAGE, amount=1)]).on_burst(BURST, 1.0)
    assert noisy.packets == BURST.packets
    assert noisy.framed(0).startswith(noisy.noise)
    assert noisy.noise[0] == 0x24


def test_descriptions_are_blown_up_or_stripped():
    """What is in them stays readable; only descriptions are touched."""

    def answer(kind: FaultKind, amount: float | None = None) -> Response:
        return ScheduledFaults([Fault(0, kind, amount=amount)]).on_response(DESCRIBE, SDP, 1.0)

    assert b"sprop" not in answer(FaultKind.NO_PARAMETER_SETS).body
    assert b"packetization-mode=1" in answer(FaultKind.NO_PARAMETER_SETS).body
    assert answer(FaultKind.MANY_TRACKS, 20).body.count(b"m=application") == 20
    assert len(answer(FaultKind.LONG_SDP, 50_000).body) > 50_000
    assert len(answer(FaultKind.LONG_HEADER, 50_000).encode("1")) > 50_000


@pytest.mark.parametrize("kind", PARAMETERS)
def test_every_number_has_a_default(kind: FaultKind):
    """A kind that takes a number does something without one."""
    assert Fault(0, kind).value == PARAMETERS[kind][1] != 0
    assert Fault(0, kind).duration_s == inf


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": FaultKind.SILENT, "amount": 1.0},
        {"kind": FaultKind.CORRUPT, "amount": inf},
        {"kind": FaultKind.CLIP},
        {"kind": FaultKind.SILENT, "clip": "x"},
        {"kind": FaultKind.SILENT, "every_s": 0},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(wrong: dict[str, object]):
    """A mistake in a script shows when it is written, not in the middle of a run."""
    with pytest.raises(ValueError, match="fault"):
        Fault(0, **wrong)
