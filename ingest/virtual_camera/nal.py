"""NAL units: how they are told apart in a file, and what kind they are."""

from ingest.packet import Codec

H264_TYPE_MASK = 0x1F
H264_IDR, H264_SPS, H264_PPS = 5, 7, 8
H265_VPS, H265_SPS, H265_PPS = 32, 33, 34

_START_CODE = b"\x00\x00\x01"
_PARAMETER_SETS = {Codec.H264: (H264_SPS, H264_PPS), Codec.H265: (H265_VPS, H265_SPS, H265_PPS)}


class MalformedNalUnits(ValueError):
    """Lengths that do not fit the bytes they describe."""


def nal_type(codec: Codec, unit: bytes) -> int:
    """The type in the NAL unit header (H.264 clause 7.3.1: low five bits; H.265 clause 7.3.1.2: six bits)."""
    return unit[0] & H264_TYPE_MASK if codec is Codec.H264 else unit[0] >> 1 & 0x3F


def is_parameter_set(codec: Codec, unit: bytes) -> bool:
    """Whether the unit describes the stream rather than a picture."""
    return nal_type(codec, unit) in _PARAMETER_SETS[codec]


def split_annexb(data: bytes) -> tuple[bytes, ...]:
    """The NAL units between start codes (H.264 and H.265 Annex B).

    Zero bytes before a start code are padding: a NAL unit never ends in one (clause 7.4.1).
    """
    parts = data.split(_START_CODE)[1:]
    return tuple(unit for part in parts if (unit := part.rstrip(b"\x00")))


def split_length_prefixed(data: bytes, length_size: int) -> tuple[bytes, ...]:
    """The NAL units of an MP4 sample (ISO/IEC 14496-15 clause 4.3.3), each behind `length_size` bytes of length.

    No unit may hold a start code (H.264 clause 7.4.1), but some muxers leave one, with an end of sequence behind it,
    in the last sample: it parts units here as well.

    Raises:
        MalformedNalUnits: a length reaches past the sample.

    """
    units: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + length_size
        end = start + int.from_bytes(data[position:start])
        if end > len(data):
            raise MalformedNalUnits(f"a NAL unit ends at byte {end} of {len(data)}")
        if end > start:
            units += split_annexb(_START_CODE + data[start:end])
        position = end
    return tuple(units)
