"""NAL units survive packetisation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec
from ingest.virtual_camera.packetiser import payloads
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
