"""Short films as a camera's packets: any profile, with or without pictures out of order."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.packet import Codec, Packet, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace
from ingest.timestamps import RTP_VIDEO_CLOCK

FRAME_RATE = 25
_SIZE = (320, 240)
_ENCODERS = {
    Codec.H264: ("libx264", {"x264-params": "keyint=25:min-keyint=25:scenecut=0"}),
    Codec.H265: ("libx265", {"x265-params": "keyint=25:min-keyint=25:scenecut=0:log-level=0"}),
}


def film(
    clock: Clock,
    codec: Codec = Codec.H264,
    *,
    frames: int = 75,
    b_frames: int = 0,
    size: tuple[int, int] = _SIZE,
    epoch: int = 1,
) -> list[Packet]:
    """A bar that walks, a key frame every second; times are RTP's: those of showing, and none of decoding."""
    encoder = av.CodecContext.create(_ENCODERS[codec][0], "w")
    _set_up(encoder, codec, b_frames, size)
    encoder.flags |= av.codec.context.Flags.global_header  # as a session description tells them
    encoded = [packet for frame in _frames(frames, size) for packet in encoder.encode(frame)]
    encoded += encoder.encode(None)
    place = StreamPlace(CameraId("camera"), StreamRole.MAIN, epoch)
    described = StreamDescription(codec, *size, None, float(FRAME_RATE))
    builder = PacketBuilder(place, described, RTP_VIDEO_CLOCK, clock, bytes(encoder.extradata or b""))
    ticks = 90_000 // FRAME_RATE
    return [builder.build(bytes(one), one.pts * ticks, None, is_keyframe=one.is_keyframe) for one in encoded]


def write_film(path: Path, codec: Codec, *, frames: int = 100, b_frames: int = 0) -> Path:
    """The same as a file, for a virtual camera."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream(_ENCODERS[codec][0], rate=FRAME_RATE)
        _set_up(stream.codec_context, codec, b_frames, _SIZE)
        for frame in _frames(frames, _SIZE):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _set_up(encoder: av.VideoCodecContext, codec: Codec, b_frames: int, size: tuple[int, int]) -> None:
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", Fraction(FRAME_RATE), Fraction(1, FRAME_RATE)
    encoder.max_b_frames = b_frames
    if codec is Codec.H264:
        encoder.profile = "High" if b_frames else "Baseline"
    faster = {} if b_frames else {"preset": "ultrafast"}
    encoder.options = {"preset": "veryfast"} | _ENCODERS[codec][1] | {"bf": str(b_frames)} | faster


def _frames(count: int, size: tuple[int, int]) -> Iterator[av.VideoFrame]:
    for index in range(count):
        image = np.full((size[1], size[0], 3), 40, np.uint8)
        image[:, index * 4 % (size[0] - 20) : index * 4 % (size[0] - 20) + 20] = 220
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = index
        yield frame
