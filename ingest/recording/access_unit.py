"""From Annex B access units to what a file holds: length-prefixed NAL units, parameter sets kept apart."""

from dataclasses import dataclass
from typing import NamedTuple

from ingest.annexb import nal_units
from ingest.packet import Codec
from ingest.recording.errors import NotRecordable
from ingest.sps import picture_size

LENGTH_BYTES = 4
_SETS = {Codec.H264: (7, 8), Codec.H265: (32, 33, 34)}
"""Types of the parameter sets in the order they must stand in (see annexb): the sequence's is the last but one."""
_LEFT_OUT = {Codec.H264: frozenset({7, 8, 9, 12}), Codec.H265: frozenset({32, 33, 34, 35, 38})}
# Rec. ITU-T H.264 A.2 and H.265 A.3, by profile_idc; names as libav has them.
_H264_PROFILES = {66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2"}
_H265_PROFILES = {1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext"}


@dataclass(frozen=True, slots=True)
class VideoLayout:
    """What all pictures of one file have in common. `sets` are its parameter sets by type, headers included."""

    codec: Codec
    width: int
    height: int
    profile: str | None
    sets: tuple[tuple[int, tuple[bytes, ...]], ...]

    @property
    def sps(self) -> bytes:
        """The sequence parameter set."""
        return next(units[0] for kind, units in self.sets if kind == _SETS[self.codec][-2])


class TrackSample(NamedTuple):
    """One access unit of a file in units of the track's timescale; `composition` is presentation minus decoding."""

    data: bytes
    time: int
    composition: int
    is_keyframe: bool


def length_prefixed(codec: Codec, data: bytes) -> bytes:
    """The access unit's NAL units, each after its length (ISO/IEC 14496-15 clause 5.3.2), without parameter sets."""
    left_out = _LEFT_OUT[codec]
    pieces: list[bytes] = []
    for unit in nal_units(codec, data):
        if unit.type not in left_out:
            pieces.append((unit.end - unit.start).to_bytes(LENGTH_BYTES, "big"))
            pieces.append(data[unit.start : unit.end])
    return b"".join(pieces)


def video_layout(codec: Codec, keyframe: bytes) -> VideoLayout:
    """The layout that a key frame (Annex B, parameter sets in front) begins.

    Raises:
        NotRecordable: Motion JPEG, a parameter set missing, or one that cannot be read.

    """
    wanted = _SETS.get(codec)
    if wanted is None:
        raise NotRecordable(f"{codec} is not recorded")
    found: dict[int, dict[bytes, None]] = {kind: {} for kind in wanted}  # in order, each once
    for unit in nal_units(codec, keyframe):
        if unit.type in found:
            found[unit.type][keyframe[unit.start : unit.end]] = None
    sets = tuple((kind, tuple(units)) for kind, units in found.items())
    if not all(units for _kind, units in sets):
        raise NotRecordable("the key frame lacks parameter sets")
    sps = next(units[0] for kind, units in sets if kind == wanted[-2])
    try:
        width, height = picture_size(codec, sps)
    except ValueError as error:
        raise NotRecordable(f"the sequence parameter set cannot be read: {error}") from error
    return VideoLayout(codec, width, height, _profile(codec, sps), sets)


def _profile(codec: Codec, sps: bytes) -> str | None:
    """profile_idc stands in the second byte of H.264's set, and in the low bits of the fourth of H.265's."""
    if codec is Codec.H264:
        return _H264_PROFILES.get(sps[1])
    return _H265_PROFILES.get(sps[3] & 0x1F)
