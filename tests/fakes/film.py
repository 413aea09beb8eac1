"""Short films as a camera's packets: any profile, with or without pictures out of order."""

from fractions import Fraction

import av
import numpy as np

from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.packet import Codec, Packet, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace
from ingest.timestamps import RTP_VIDEO_CLOCK

FRAME_RATE = 25
_ENCODERS = {
    Codec.H264: ("libx264", {"preset": "ultrafast", "x264-params": "keyint=25:min-keyint=25:scenecut=0"}),
    Codec.H265: ("libx265", {"preset": "ultrafast", "x265-params": "keyint=25:min-keyint=25:scenecut=0:log-level=0"}),
}


def film(
    clock: Clock,
    codec: Codec = Codec.H264,
    *,
    frames: int = 75,
    b_frames: int = 0,
    size: tuple[int, int] = (320, 240),
    epoch: int = 1,
) -> list[Packet]:
    """A bar that walks, a key frame every second; times are RTP's: those of showing, and none of decoding."""
    name, options = _ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.framerate, encoder.time_base = "yuv420p", Fraction(FRAME_RATE), Fraction(1, FRAME_RATE)
    encoder.max_b_frames = b_frames
    encoder.flags |= av.codec.context.Flags.global_header  # as a session description tells them
    if codec is Codec.H264:
        encoder.profile = "High" if b_frames else "Baseline"
    encoder.options = options | {"bf": str(b_frames)} | ({"preset": "veryfast"} if b_frames else {})
    encoded = []
    for index in range(frames):
        image = np.full((size[1], size[0], 3), 40, np.uint8)
        image[:, index * 4 % (size[0] - 20) : index * 4 % (size[0] - 20) + 20] = 220
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = index
        encoded += encoder.encode(frame)
    encoded += encoder.encode(None)
    place = StreamPlace(CameraId("camera"), StreamRole.MAIN, epoch)
    described = StreamDescription(codec, *size, None, float(FRAME_RATE))
    builder = PacketBuilder(place, described, RTP_VIDEO_CLOCK, clock, bytes(encoder.extradata or b""))
    ticks = 90_000 // FRAME_RATE
    return [builder.build(bytes(one), one.pts * ticks, None, is_keyframe=one.is_keyframe) for one in encoded]
