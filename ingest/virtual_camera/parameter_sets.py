"""The parameter sets of a stream, and the file boxes that carry them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.packet import Codec
from ingest.virtual_camera.nal import (
    H264_PPS,
    H264_SPS,
    H265_PPS,
    H265_SPS,
    H265_VPS,
    MalformedNalUnits,
    nal_type,
    split_annexb,
)

_HVCC_ARRAYS_AT = 22
_SPS_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must have before the first picture. `vps` is empty for H.264."""

    vps: tuple[bytes, ...]
    sps: tuple[bytes, ...]
    pps: tuple[bytes, ...]

    @property
    def units(self) -> tuple[bytes, ...]:
        """All sets in the order in which a camera sends them."""
        return self.vps + self.sps + self.pps

    @property
    def profile_level_id(self) -> str:
        """Three bytes of the H.264 SPS in hexadecimal (RFC 6184 clause 8.1)."""
        return self.sps[0][1:4].hex().upper()


def gather(codec: Codec, units: Iterable[bytes]) -> ParameterSets:
    """The parameter sets among NAL units.

    Raises:
        MalformedNalUnits: no usable SPS or no PPS is among them.

    """
    vps_type, sps_type, pps_type = (-1, H264_SPS, H264_PPS) if codec is Codec.H264 else (H265_VPS, H265_SPS, H265_PPS)
    found: dict[int, list[bytes]] = {vps_type: [], sps_type: [], pps_type: []}
    for unit in units:
        kind = nal_type(codec, unit)
        if kind in found and unit not in found[kind]:
            found[kind].append(unit)
    if not found[sps_type] or not found[pps_type] or len(found[sps_type][0]) < _SPS_SHORTEST:
        raise MalformedNalUnits("the stream has no usable parameter sets")
    return ParameterSets(tuple(found[vps_type]), tuple(found[sps_type]), tuple(found[pps_type]))


@dataclass(frozen=True, slots=True)
class CodecConfiguration:
    """A container's codec configuration. `length_size` is None when samples are Annex B."""

    units: tuple[bytes, ...]
    length_size: int | None


def read_configuration(codec: Codec, extradata: bytes) -> CodecConfiguration:
    """Reads avcC or hvcC (ISO/IEC 14496-15 clauses 5.3.3.1 and 8.3.3.1), or Annex B where the container has neither.

    Raises:
        MalformedNalUnits: a length reaches past the box.

    """
    if not extradata or extradata[0] != 1:
        return CodecConfiguration(split_annexb(extradata), None)
    return _read_avcc(extradata) if codec is Codec.H264 else _read_hvcc(extradata)


def _read_avcc(box: bytes) -> CodecConfiguration:
    reader = _Reader(box, 4)
    length_size = (reader.number(1) & 3) + 1
    sps_count = reader.number(1) & 0x1F
    units = [reader.unit() for _ in range(sps_count)]
    units += [reader.unit() for _ in range(reader.number(1))]
    return CodecConfiguration(tuple(units), length_size)


def _read_hvcc(box: bytes) -> CodecConfiguration:
    reader = _Reader(box, _HVCC_ARRAYS_AT - 1)
    length_size = (reader.number(1) & 3) + 1
    units: list[bytes] = []
    for _ in range(reader.number(1)):
        reader.number(1)  # the array's NAL unit type: each unit carries it too
        units += [reader.unit() for _ in range(reader.number(2))]
    return CodecConfiguration(tuple(units), length_size)


class _Reader:
    """Takes big-endian numbers and length-prefixed units off a box."""

    def __init__(self, box: bytes, position: int) -> None:
        self._box = box
        self._position = position

    def _take(self, size: int) -> bytes:
        taken = self._box[self._position : self._position + size]
        if len(taken) < size:
            raise MalformedNalUnits("the codec configuration is cut short")
        self._position += size
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self._take(size))

    def unit(self) -> bytes:
        return self._take(self.number(2))
