"""Codec configurations of files are read, or refused when damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec
from ingest.virtual_camera.nal import MalformedNalUnits
from ingest.virtual_camera.parameter_sets import gather, read_configuration

SPS, PPS = b"\x67\x42\xc0\x1e\xd9", b"\x68\xce\x3c\x80"
AVCC = b"\x01\x42\xc0\x1e\xff\xe1\x00\x05" + SPS + b"\x01\x00\x04" + PPS
HVCC = b"\x01" + bytes(20) + b"\xfd\x02\xa1\x00\x01\x00\x04\x42\x01\x01\x01\xa2\x00\x01\x00\x03\x44\x01\xc1"


def test_avcc_is_read():
    """An avcC box gives SPS, PPS and the size of lengths."""
    configuration = read_configuration(Codec.H264, AVCC)
    assert configuration.units == (SPS, PPS)
    assert configuration.length_size == 4


def test_hvcc_is_read():
    """An hvcC box gives the units of all its arrays and the size of lengths."""
    configuration = read_configuration(Codec.H265, HVCC)
    assert configuration.units == (b"\x42\x01\x01\x01", b"\x44\x01\xc1")
    assert configuration.length_size == 2


def test_annexb_is_read():
    """Start codes mean that samples have them too."""
    configuration = read_configuration(Codec.H264, b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS)
    assert configuration.units == (SPS, PPS)
    assert configuration.length_size is None


@given(st.sampled_from([(Codec.H264, AVCC), (Codec.H265, HVCC)]), st.data())
def test_damage_is_refused(case: tuple[Codec, bytes], data: st.DataObject):
    """A box that is cut short anywhere is refused by name."""
    codec, box = case
    end = data.draw(st.integers(1, len(box) - 1))
    with pytest.raises(MalformedNalUnits):
        read_configuration(codec, box[:end])


def test_sets_are_gathered_once():
    """Repeated sets count once; the profile stands in the SPS (RFC 6184 clause 8.1)."""
    sets = gather(Codec.H264, (SPS, PPS, b"\x65abc", SPS, PPS))
    assert sets.units == (SPS, PPS)
    assert sets.profile_level_id == "42C01E"


@pytest.mark.parametrize("units", [(), (SPS,), (PPS,), (b"\x67", PPS)])
def test_a_stream_without_sets_is_refused(units: tuple[bytes, ...]):
    """Nothing can decode a stream without parameter sets."""
    with pytest.raises(MalformedNalUnits, match="no usable parameter sets"):
        gather(Codec.H264, units)
