"""A stream's sound as it arrives: recorded as it is, never analysed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from ingest.camera import CameraId, StreamRole


class AudioCodec(StrEnum):
    """The sound that is let in. A camera's other codecs are left out; its pictures are taken all the same."""

    AAC = "aac"
    PCMA = "pcma"
    PCMU = "pcmu"
    OPUS = "opus"


@dataclass(frozen=True, slots=True)
class AudioDescription:
    """What the session description says of the sound.

    `clock_rate` counts timestamp units, and samples, per second. `config` is AAC's AudioSpecificConfig
    (ISO/IEC 14496-3 clause 1.6.2.1), empty for the other codecs.
    """

    codec: AudioCodec
    clock_rate: int
    channels: int
    config: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """One access unit of AAC or Opus, or the bytes of one RTP packet of G.711. `pts` counts `time_base` seconds."""

    camera_id: CameraId
    role: StreamRole
    data: bytes
    pts: int
    time_base: Fraction
    epoch: int
    received_at: datetime
    received_monotonic_s: float
