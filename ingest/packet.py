"""What a source yields: encoded access units and what was learnt about their stream."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from ingest.audio import AudioDescription
from ingest.camera import CameraId, StreamRole


class Codec(StrEnum):
    """The codecs let in. Everything else is refused before it is parsed further (see errors.CodecRefused)."""

    H264 = "h264"
    H265 = "hevc"
    MJPEG = "mjpeg"


@dataclass(frozen=True, slots=True)
class StreamDescription:
    """What the stream itself says, never what was typed in.

    `profile` is the codec's own name ("High"); `frame_rate` is per second, None when the stream does not tell; `audio`
    is None for a stream without sound, or with sound of a codec that is not let in.
    """

    codec: Codec
    width: int
    height: int
    profile: str | None
    frame_rate: float | None
    audio: AudioDescription | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """One access unit.

    `data` of H.264 and H.265 is Annex B with parameter sets in front of every key frame, so decoding can start at
    any key frame without side data. `pts` and `dts` count `time_base` seconds (RTP video: 1/90000).
    `epoch` is new after every reconnect: timestamps of different epochs are never compared. `mask_version` is that of
    the masks painted over the picture, None for what the camera itself sent.
    """

    camera_id: CameraId
    role: StreamRole
    codec: Codec
    data: bytes
    pts: int
    dts: int
    time_base: Fraction
    is_keyframe: bool
    epoch: int
    sequence: int
    received_at: datetime
    received_monotonic_s: float
    mask_version: int | None = None

    @property
    def media_time_s(self) -> float:
        """Presentation time in seconds on the stream's own clock."""
        base = self.time_base  # whose own product costs ten times as much
        return self.pts * base.numerator / base.denominator
