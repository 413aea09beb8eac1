"""NAL units survive packetisation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.annexb import nal_units
from ingest.packet import Codec
from ingest.rtp_payloads import packed_payloads, payloads
from ingest.rtsp.h264_payload import H264Depacketiser
from ingest.rtsp.h265_payload import H265Depacketiser
from tests.ingest.virtual_camera.depacketiser import depacketise

# Single NAL unit types only: 24 and up (H.264), 48 and up (H.265) are the payload formats' own.
H264_UNITS = st.builds(
    lambda nri, kind, body: bytes([nri << 5 | kind]) + body,
    st.integers(0, 3),
    st.integers(1, 23),
    st.binary(min_size=1, max_size=400),
)
H265_UNITS = st.builds(
    lambda kind, layer, body: bytes([kind << 1 | layer >> 5, (layer & 31) << 3 | 1]) + body,
    st.integers(0, 47),
    st.integers(0, 63),
    st.binary(min_size=1, max_size=400),
)
START_CODE = b"\x00\x00\x01"
NEEDLESS = {Codec.H264: {9, 12}, Codec.H265: {35, 38}}


@given(st.lists(H264_UNITS, max_size=6), st.integers(8, 200))
def test_h264_units_come_back(units: list[bytes], limit: int):
    """Depacketising what was packetised gives the same H.264 units, and no payload exceeds the limit."""
    sent = [payload for unit in units for payload in payloads(Codec.H264, unit, limit)]
    assert all(0 < len(payload) <= limit for payload in sent)
    assert depacketise(Codec.H264, sent) == units


@given(st.lists(H265_UNITS, max_size=6), st.integers(8, 200))
def test_h265_units_come_back(units: list[bytes], limit: int):
    """Depacketising what was packetised gives the same H.265 units, and no payload exceeds the limit."""
    sent = [payload for unit in units for payload in payloads(Codec.H265, unit, limit)]
    assert all(0 < len(payload) <= limit for payload in sent)
    assert depacketise(Codec.H265, sent) == units


@pytest.mark.parametrize(("size", "count"), [(100, 1), (101, 2), (1 + 98 * 2, 2), (1 + 98 * 2 + 1, 3)])
def test_fragments_are_no_more_than_needed(size: int, count: int):
    """A unit is cut only when it must be, and the last fragment is never empty."""
    assert len(list(payloads(Codec.H264, b"\x65" + bytes(size - 1), 100))) == count


@pytest.mark.parametrize(
    ("codec", "units", "depacketiser"),
    [(Codec.H264, H264_UNITS, H264Depacketiser), (Codec.H265, H265_UNITS, H265Depacketiser)],
)
def test_packed_units_come_back(codec, units, depacketiser):
    """Small units share a payload, large ones are cut, and our own receiver gets every one of them."""

    @given(st.lists(units.filter(lambda unit: unit[-1] != 0), min_size=1, max_size=12), st.integers(40, 200))
    def check(nals: list[bytes], limit: int) -> None:
        sent = list(packed_payloads(codec, nals, limit))
        assert all(len(payload) <= limit for payload in sent)
        receiver = depacketiser()
        for payload in sent:
            receiver.push(memoryview(payload))
        assert not receiver.is_damaged
        data, _ = receiver.take()
        kept = [nal for nal in nals if next(nal_units(codec, START_CODE + nal)).type not in NEEDLESS[codec]]
        assert data == b"".join(b"\0" + START_CODE + nal for nal in kept)

    check()


def test_parameter_sets_cost_no_packets_of_their_own():
    """SPS, PPS and a small slice travel together."""
    assert len(list(packed_payloads(Codec.H264, [b"\x67abc", b"\x68ab", b"\x65" + bytes(90)], 120))) == 1
    assert len(list(packed_payloads(Codec.H264, [b"\x67abc", b"\x68ab", b"\x65" + bytes(120)], 120))) == 3
