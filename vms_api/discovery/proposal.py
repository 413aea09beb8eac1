"""What is proposed after a device was looked at: its streams as they really are, and what to know before taking it.

Pure: from what the device told and what its streams turned out to be.
"""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel

from ingest.onvif.messages import MediaProfile
from ingest.packet import Codec
from ingest.stream_probe import StreamFacts

MAX_CLOCK_OFFSET_S = 5.0
MAX_GOP_S = 4.0


class CautionKind(StrEnum):
    """What somebody should know before a camera is taken in. `docs/devices.md` has the remedy of each."""

    H265 = "h265"
    """Not every browser plays it."""
    B_FRAMES = "b-frames"
    """WebRTC cannot carry them."""
    LONG_GOP = "long-gop"
    """Key frames are further apart than a viewer wants to wait."""
    NO_SUB_STREAM = "no-sub-stream"
    """The large picture has to be decoded for analysis."""
    CLOCK_OFF = "clock-off"
    CLOCK_UNKNOWN = "clock-unknown"
    CODEC_MISTOLD = "codec-mistold"
    """The device says another codec than its stream has."""
    HOST_REPLACED = "host-replaced"
    """The device names a host behind its router; its port may not be reachable from here."""
    STREAM_UNREACHABLE = "stream-unreachable"


class Caution(BaseModel):
    """One thing to know; `value` is the figure it is about, where there is one, and `stream` the stream."""

    code: CautionKind
    stream: str | None = None
    value: float | str | None = None


class Stream(BaseModel):
    """A stream as it was seen; without `codec` it could not be opened, and `fault` says why."""

    address: str
    profile_token: str
    profile_name: str
    codec: Codec | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None
    gop_s: float | None = None
    has_b_frames: bool = False
    has_audio: bool = False
    fault: str | None = None

    def seen(self, facts: StreamFacts) -> "Stream":
        """The stream with what was seen of it."""
        names = ("codec", "width", "height", "frame_rate", "gop_s", "has_b_frames", "has_audio")
        return self.model_copy(update={name: getattr(facts, name) for name in names})


def chosen_profiles(profiles: Sequence[MediaProfile]) -> list[MediaProfile]:
    """The profile with the largest picture first, and the one with the smallest if that is another."""
    if not profiles:
        return []
    ordered = sorted(profiles, key=_pixels, reverse=True)
    main, sub = ordered[0], ordered[-1]
    return [main, sub] if len(ordered) > 1 and _pixels(sub) < _pixels(main) else [main]


def cautions_of(streams: Sequence[Stream], told: Sequence[MediaProfile], clock_offset_s: float | None) -> list[Caution]:
    """What to know, the main stream first."""
    named = list(zip(("main", "sub"), streams, strict=False))
    found = [caution for role, stream in named for caution in _about(role, stream)]
    codecs = {profile.token: profile.video.codec for profile in told if profile.video}
    for role, stream in named:
        said = codecs.get(stream.profile_token, "")
        if stream.codec and said and said != _TOLD[stream.codec]:
            found.append(Caution(code=CautionKind.CODEC_MISTOLD, stream=role, value=said))
    if len(streams) == 1:
        found.append(Caution(code=CautionKind.NO_SUB_STREAM))
    if clock_offset_s is None:
        found.append(Caution(code=CautionKind.CLOCK_UNKNOWN))
    elif abs(clock_offset_s) > MAX_CLOCK_OFFSET_S:
        found.append(Caution(code=CautionKind.CLOCK_OFF, value=clock_offset_s))
    return found


_TOLD = {Codec.H264: "H264", Codec.H265: "H265", Codec.MJPEG: "JPEG"}


def _about(role: str, stream: Stream) -> list[Caution]:
    if stream.codec is None:
        return [Caution(code=CautionKind.STREAM_UNREACHABLE, stream=role, value=stream.fault)]
    found = []
    if stream.codec is Codec.H265:
        found.append(Caution(code=CautionKind.H265, stream=role))
    if stream.has_b_frames:
        found.append(Caution(code=CautionKind.B_FRAMES, stream=role))
    if stream.codec is not Codec.MJPEG and (stream.gop_s is None or stream.gop_s > MAX_GOP_S):
        found.append(Caution(code=CautionKind.LONG_GOP, stream=role, value=stream.gop_s))
    return found


def _pixels(profile: MediaProfile) -> int:
    return profile.video.width * profile.video.height if profile.video else 0
