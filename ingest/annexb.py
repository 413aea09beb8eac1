"""H.264 and H.265 byte streams (Annex B of both standards): taken apart, and completed with their parameter sets."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.packet import Codec

_START_CODE = b"\x00\x00\x01"
_LONG_START_CODE = b"\x00" + _START_CODE


@dataclass(frozen=True, slots=True)
class _NalTypes:
    parameter_sets: tuple[int, ...]  # in the order they must stand in
    sps: int
    needless: frozenset[int]  # access unit delimiters and filler: the transport has its own boundaries


_TYPES = {
    # Rec. ITU-T H.264 table 7-1: 7 SPS, 8 PPS, 9 access unit delimiter, 12 filler data
    Codec.H264: _NalTypes(parameter_sets=(7, 8), sps=7, needless=frozenset({9, 12})),
    # Rec. ITU-T H.265 table 7-1: 32 VPS, 33 SPS, 34 PPS, 35 access unit delimiter, 38 filler data
    Codec.H265: _NalTypes(parameter_sets=(32, 33, 34), sps=33, needless=frozenset({35, 38})),
}


@dataclass(frozen=True, slots=True)
class NalUnit:
    """A NAL unit's type and where it lies in its byte stream, without start code and trailing zeros."""

    type: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One picture's bytes. `can_start` means that a decoder knowing nothing can begin here."""

    data: bytes
    can_start: bool


def nal_units(codec: Codec, data: bytes) -> Iterator[NalUnit]:
    """The NAL units of a byte stream in order. Bytes before the first start code are not looked at."""
    start = data.find(_START_CODE)
    while start >= 0:
        start += len(_START_CODE)
        following = data.find(_START_CODE, start)
        end = following if following >= 0 else len(data)
        while end > start and data[end - 1] == 0:  # trailing_zero_8bits and the long start code's first zero
            end -= 1
        if end > start:
            yield NalUnit(_nal_type(codec, data[start]), start, end)
        start = following


class ParameterSets:
    """Remembers a stream's parameter sets and puts them before each key frame that lacks them.

    Some cameras tell them only once, in the session description (`extradata`, in Annex B form), others change them
    in the middle of the stream. Holds the sets of one epoch.
    """

    def __init__(self, codec: Codec, extradata: bytes = b"") -> None:
        self._codec = codec
        self._types = _TYPES[codec]
        self._sets: dict[int, list[bytes]] = {}
        self._learn(extradata, nal_units(codec, extradata))

    @property
    def sps(self) -> bytes | None:
        """The latest sequence parameter set, header byte included."""
        known = self._sets.get(self._types.sps)
        return known[0] if known else None

    def complete(self, data: bytes, *, is_keyframe: bool) -> AccessUnit:
        """The access unit without delimiters and filler; a key frame with all parameter sets in front."""
        units = list(nal_units(self._codec, data))
        present = self._learn(data, units)
        lacks_sets = is_keyframe and present != set(self._types.parameter_sets)
        if not lacks_sets and all(unit.type not in self._types.needless for unit in units):
            return AccessUnit(data, is_keyframe and bool(units))
        kept = [unit for unit in units if unit.type not in self._types.needless]
        if lacks_sets:
            kept = [unit for unit in kept if unit.type not in self._types.parameter_sets]
        pieces = [*(self._known() if lacks_sets else ()), *(data[unit.start : unit.end] for unit in kept)]
        complete = self._sets.keys() == set(self._types.parameter_sets)
        return AccessUnit(b"".join(_LONG_START_CODE + piece for piece in pieces), is_keyframe and complete)

    def _known(self) -> Iterator[bytes]:
        for kind in self._types.parameter_sets:
            yield from self._sets.get(kind, ())

    def _learn(self, data: bytes, units: Iterator[NalUnit] | list[NalUnit]) -> set[int]:
        """Remembers the sets that stand in `data` and returns their types."""
        found: dict[int, list[bytes]] = {}
        for unit in units:
            if unit.type in self._types.parameter_sets:
                found.setdefault(unit.type, []).append(data[unit.start : unit.end])
        self._sets.update(found)
        return set(found)


def _nal_type(codec: Codec, header: int) -> int:
    """The type in a NAL unit's first byte (H.264 7.3.1: the 5 low bits; H.265 7.3.1.2: all but the first and last)."""
    return header & 0x1F if codec is Codec.H264 else header >> 1 & 0x3F
