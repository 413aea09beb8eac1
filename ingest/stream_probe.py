"""What a stream really is: opened, read for a few seconds, and closed again. What devices say does not count."""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.camera import Camera, StreamProfile
from ingest.clock import Clock
from ingest.packet import Codec, Packet, StreamDescription
from ingest.source import PacketSource, SourceOpener

PATIENCE_S = 6.0
"""Longest look: long enough to see two key frames where they are no further apart than they should be."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What was seen. `gop_s` is the time between two key frames, None when no second one came within the look."""

    codec: Codec
    width: int
    height: int
    profile: str | None
    frame_rate: float | None
    gop_s: float | None
    has_b_frames: bool
    has_audio: bool


def probe_stream(
    opener: SourceOpener,
    camera: Camera,
    profile: StreamProfile,
    clock: Clock,
    patience_s: float = PATIENCE_S,
    look: Callable[[Packet], None] | None = None,
) -> StreamFacts:
    """Reads a stream until its second key frame, for at most `patience_s`. `look` is handed every packet.

    Raises:
        IngestError: the stream cannot be opened, or ends at once.

    """
    source = opener.open(camera, profile, epoch=1)
    try:
        return _read(source, clock, patience_s, look)
    finally:
        source.close()


def _read(source: PacketSource, clock: Clock, patience_s: float, look: Callable[[Packet], None] | None) -> StreamFacts:
    ends_s = clock.monotonic_s() + patience_s
    key_times: list[float] = []
    has_b_frames, latest_s = False, 0.0
    for packet in source.packets():
        if isinstance(packet, Packet):
            # RTP has no decoding time: there a picture that is shown before one that came earlier is the sign.
            has_b_frames = has_b_frames or packet.pts != packet.dts or packet.media_time_s < latest_s
            latest_s = packet.media_time_s
            if look:
                look(packet)
            if packet.is_keyframe:
                key_times.append(packet.media_time_s)
        if len(key_times) > 1 or clock.monotonic_s() > ends_s:
            break
    gop_s = key_times[1] - key_times[0] if len(key_times) > 1 else None
    return _facts(source.description, gop_s, has_b_frames)


def _facts(told: StreamDescription, gop_s: float | None, has_b_frames: bool) -> StreamFacts:
    return StreamFacts(
        told.codec,
        told.width,
        told.height,
        told.profile,
        told.frame_rate,
        None if gop_s is None else round(gop_s, 2),
        has_b_frames,
        told.audio is not None,
    )
