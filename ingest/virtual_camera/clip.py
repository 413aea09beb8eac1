"""What a virtual camera plays: encoded pictures with their times."""

from dataclasses import dataclass, field

from ingest.packet import Codec
from ingest.virtual_camera.parameter_sets import ParameterSets

CLOCK_RATE = 90_000
"""Ticks per second of RTP video timestamps (RFC 6184 clause 5.1, RFC 7798 clause 4.1)."""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded picture.

    `pts` (when it is shown) and `due` (when a camera would send it) count 1/90000 s from the start of the clip.
    """

    nal_units: tuple[bytes, ...] = field(repr=False)
    pts: int
    due: int
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """An encoded clip that can be looped. It starts with a key frame; `duration` counts 1/90000 s.

    Parameter sets stand in front of every key frame, as cameras send them, whatever the file did.
    """

    codec: Codec
    width: int
    height: int
    frame_rate: float
    duration: int
    parameter_sets: ParameterSets = field(repr=False)
    units: tuple[AccessUnit, ...] = field(repr=False)

    @property
    def bitrate_bps(self) -> int:
        """Bits per second, averaged over the clip."""
        bits = 8 * sum(len(nal) for unit in self.units for nal in unit.nal_units)
        return bits * CLOCK_RATE // self.duration
