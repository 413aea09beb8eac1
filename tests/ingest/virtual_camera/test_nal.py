"""NAL units are told apart, and told apart rightly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec
from ingest.virtual_camera.nal import MalformedNalUnits, is_parameter_set, nal_type, split_annexb, split_length_prefixed

# As in a real stream: no start code inside a unit, no zero at its end.
UNITS = st.lists(
    st.binary(min_size=1, max_size=40).map(lambda data: data.replace(b"\0", b"\1")), min_size=1, max_size=6
)


@given(UNITS, st.sampled_from([b"\0\0\1", b"\0\0\0\1", b"\0\0\0\0\1"]))
def test_annexb_units_come_back(units: list[bytes], start_code: bytes):
    """Start codes of any length part the units."""
    assert split_annexb(b"".join(start_code + unit for unit in units)) == tuple(units)


@given(UNITS, st.sampled_from([1, 2, 4]))
def test_length_prefixed_units_come_back(units: list[bytes], size: int):
    """Lengths of any size part the units."""
    data = b"".join(len(unit).to_bytes(size) + unit for unit in units)
    assert split_length_prefixed(data, size) == tuple(units)


def test_a_left_over_start_code_parts_units():
    """A start code inside a sample's unit (seen at the end of real files) begins another unit."""
    assert split_length_prefixed(b"\0\0\0\x08\x41abc\0\0\1\x0a", 4) == (b"\x41abc", b"\x0a")


def test_length_past_the_end_is_refused():
    """A damaged sample is named, not read beyond."""
    with pytest.raises(MalformedNalUnits, match="byte 9 of 6"):
        split_length_prefixed(b"\0\0\0\5ab", 4)


@given(st.binary(max_size=80))
def test_any_bytes_are_split_or_refused(data: bytes):
    """No input does anything but split or raise the one error."""
    split_annexb(data)
    try:
        units = split_length_prefixed(data, 4)
    except MalformedNalUnits:
        return
    assert sum(4 + len(unit) for unit in units) <= len(data)


def test_types_of_both_codecs():
    """The type stands in different bits of the two codecs' headers."""
    assert nal_type(Codec.H264, b"\x67") == 7
    assert nal_type(Codec.H265, b"\x42\x01") == 33
    assert is_parameter_set(Codec.H265, b"\x40\x01")
    assert not is_parameter_set(Codec.H264, b"\x65")
