"""Byte streams and their parameter sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.annexb import ParameterSets, nal_units
from ingest.packet import Codec

SPS, PPS, IDR, SLICE, AUD, FILLER, SEI = b"\x67s", b"\x68p", b"\x65i", b"\x41d", b"\x09\xf0", b"\x0c\xff", b"\x06e"
VPS5, SPS5, PPS5, IRAP5, AUD5 = b"\x40\x01v", b"\x42\x01s", b"\x44\x01p", b"\x26\x01i", b"\x46\x01a"

# A NAL unit ends in a stop bit and holds no start code (H.264 7.4.1), so neither zeros at its end nor 00 00 01 inside.
payloads = st.lists(st.binary(min_size=1, max_size=12).map(lambda raw: raw.replace(b"\0", b"\1")), max_size=8)


def stream(*units: bytes, code: bytes = b"\0\0\0\1") -> bytes:
    """Units with start codes."""
    return b"".join(code + unit for unit in units)


def split(codec: Codec, data: bytes) -> list[bytes]:
    """The units of a stream."""
    return [data[unit.start : unit.end] for unit in nal_units(codec, data)]


@given(payloads, st.sampled_from([b"\0\0\1", b"\0\0\0\1", b"\0\0\0\0\0\1"]))
def test_units_come_out_as_they_went_in(units: list[bytes], code: bytes) -> None:
    """Three-byte and four-byte start codes and stuffing zeros are understood."""
    assert split(Codec.H264, stream(*units, code=code)) == units


@given(st.binary(max_size=200))
def test_garbage_never_raises(data: bytes) -> None:
    """Whatever a camera sends, the parser ends and stays inside the data."""
    for codec in (Codec.H264, Codec.H265):
        assert all(0 <= unit.start < unit.end <= len(data) for unit in nal_units(codec, data))
        ParameterSets(codec, data).complete(data, is_keyframe=True)


def test_types_are_read_from_both_headers() -> None:
    """H.264 has its type in five low bits, H.265 in the six after the first."""
    assert [unit.type for unit in nal_units(Codec.H264, stream(SPS, PPS, IDR, SLICE))] == [7, 8, 5, 1]
    assert [unit.type for unit in nal_units(Codec.H265, stream(VPS5, SPS5, PPS5, IRAP5))] == [32, 33, 34, 19]


def test_a_complete_key_frame_passes_untouched() -> None:
    """No byte is copied or changed where nothing is missing."""
    data = stream(SPS, PPS, SEI, IDR)
    unit = ParameterSets(Codec.H264).complete(data, is_keyframe=True)
    assert unit.data is data
    assert unit.can_start


@pytest.mark.parametrize(
    ("codec", "extradata", "key", "wanted"),
    [
        (Codec.H264, stream(SPS, PPS), stream(IDR), [SPS, PPS, IDR]),
        (Codec.H264, stream(SPS, PPS), stream(SPS, IDR), [SPS, PPS, IDR]),
        (Codec.H264, stream(SPS, PPS), stream(AUD, SEI, IDR), [SPS, PPS, SEI, IDR]),
        (Codec.H265, stream(VPS5, SPS5, PPS5), stream(AUD5, IRAP5), [VPS5, SPS5, PPS5, IRAP5]),
    ],
)
def test_missing_parameter_sets_are_put_in_front(
    codec: Codec, extradata: bytes, key: bytes, wanted: list[bytes]
) -> None:
    """A camera that tells them only in the session description becomes one that tells them in band."""
    unit = ParameterSets(codec, extradata).complete(key, is_keyframe=True)
    assert split(codec, unit.data) == wanted
    assert unit.can_start


def test_sets_that_change_in_band_replace_the_old_ones() -> None:
    """After a change the old session description is not used any more."""
    sets = ParameterSets(Codec.H264, stream(SPS, PPS))
    sets.complete(stream(b"\x67new", b"\x68new", IDR), is_keyframe=True)
    assert split(Codec.H264, sets.complete(stream(IDR), is_keyframe=True).data) == [b"\x67new", b"\x68new", IDR]
    assert sets.sps == b"\x67new"


def test_a_key_frame_without_known_sets_starts_nobody() -> None:
    """It stays in the stream, but is no place to begin."""
    unit = ParameterSets(Codec.H264).complete(stream(IDR), is_keyframe=True)
    assert split(Codec.H264, unit.data) == [IDR]
    assert not unit.can_start


def test_delimiters_and_filler_are_dropped() -> None:
    """They cost bandwidth and say nothing once a packet is one picture."""
    unit = ParameterSets(Codec.H264).complete(stream(AUD, SLICE, FILLER), is_keyframe=False)
    assert (split(Codec.H264, unit.data), unit.can_start) == ([SLICE], False)
