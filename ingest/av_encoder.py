"""Encoding with libx264, on the thread that calls."""

from fractions import Fraction

import av
import av.error
from av.video.frame import PictureType

from ingest.av_decoder import AvDecoder, AvPicture
from ingest.encoder import Codecs, EncodeFailed
from ingest.frame import Picture
from ingest.timestamps import RTP_VIDEO_CLOCK

# Constant quality, with a ceiling by picture size: 0.6 Mbit/s at 640x360, 2.3 at 1280x720, 5.2 at 1920x1080.
_CRF = 25
_MOST_BITS_PER_PIXEL = 2.5
_NOMINAL_RATE = 25


class AvEncoder:
    """Implements `Encoder`. Threads of its own would take the processor from the cameras: it has none."""

    def __init__(self, width: int, height: int) -> None:
        most_kbps = max(200, round(width * height * _MOST_BITS_PER_PIXEL / 1000))
        self._context = context = av.CodecContext.create("libx264", "w")
        # 4:2:0 has no odd sizes; PyAV scales what does not fit.
        context.width, context.height, context.pix_fmt = width & ~1, height & ~1, "yuv420p"
        context.time_base, context.framerate = RTP_VIDEO_CLOCK, Fraction(_NOMINAL_RATE)
        context.thread_count = 1
        context.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "crf": str(_CRF),
            "forced-idr": "1",
            # Key frames come when they are asked for, never by counting frames: cameras change their rate.
            "x264-params": f"keyint=infinite:scenecut=0:vbv-maxrate={most_kbps}:vbv-bufsize={most_kbps}",
        }

    def encode(self, picture: Picture, pts: int, *, is_keyframe: bool) -> bytes:
        """One access unit, Annex B.

        Raises:
            EncodeFailed: nothing came out; make a new encoder.

        """
        if not isinstance(picture, AvPicture):
            raise EncodeFailed(f"a {type(picture).__name__} is no decoded picture")
        frame = picture.native
        frame.pts, frame.time_base = pts, RTP_VIDEO_CLOCK
        frame.pict_type = PictureType.I if is_keyframe else PictureType.NONE  # a decoded frame remembers what it was
        try:
            encoded = b"".join(bytes(packet) for packet in self._context.encode(frame))
        except (av.error.FFmpegError, ValueError, MemoryError) as error:
            raise EncodeFailed(repr(error)) from error
        if not encoded:
            raise EncodeFailed("no picture came out")
        return encoded

    def close(self) -> None:
        """Frees the codec once nobody refers to this encoder."""


AV_CODECS = Codecs(AvDecoder, AvEncoder)
"""The codecs of a real node."""
