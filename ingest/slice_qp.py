"""The quantiser that an encoder chose for a picture, read from its first slice's header without decoding anything."""

from dataclasses import dataclass
from typing import Protocol

from ingest.annexb import nal_units
from ingest.h264_slice import H264Slices
from ingest.h265_slice import H265Slices
from ingest.packet import Codec

_HEADER_BYTES = 64
"""More than a camera's slice takes up to its quantiser: a dozen bytes at most."""


class SliceReader(Protocol):
    """Follows the parameter sets of one stream. NAL units come with their header.

    Both raise ValueError for what is damaged or not understood, and KeyError where a set was never told.
    """

    def learn(self, nal: bytes) -> None:
        """Remembers a sequence or picture parameter set."""
        ...

    def quantiser(self, nal: bytes) -> int | None:
        """The slice's QP; None where it is of a kind that is not read."""
        ...


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Types of NAL units."""

    slices: frozenset[int]
    parameter_sets: frozenset[int]


_KINDS = {
    Codec.H264: _Kinds(frozenset({1, 5}), frozenset({7, 8})),  # Rec. ITU-T H.264 table 7-1
    Codec.H265: _Kinds(frozenset({*range(10), *range(16, 22)}), frozenset({33, 34})),  # Rec. ITU-T H.265 table 7-1
}


class SliceQp:
    """Of one stream of a camera."""

    def __init__(self) -> None:
        self._readers: dict[Codec, SliceReader] = {Codec.H264: H264Slices(), Codec.H265: H265Slices()}

    def read(self, codec: Codec, data: bytes) -> int | None:
        """QP of the access unit's first slice, 0 to 51 for 8-bit samples; None where it cannot be told."""
        kinds, reader = _KINDS.get(codec), self._readers.get(codec)
        if kinds is None or reader is None:
            return None
        try:
            for unit in nal_units(codec, data):
                if unit.type in kinds.slices:
                    return reader.quantiser(data[unit.start : min(unit.end, unit.start + _HEADER_BYTES)])
                if unit.type in kinds.parameter_sets:
                    reader.learn(data[unit.start : unit.end])
        except (ValueError, KeyError):
            return None
        return None
