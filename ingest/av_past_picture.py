"""One picture out of recorded bytes, decoded with PyAV on the thread that calls."""

import io
from typing import NamedTuple, cast

import av
import av.error
from av.codec.context import ThreadType

from ingest.frame import Image

# As in av_decoder: a stream that announces more is after our memory.
_MAX_PIXELS = 8192 * 4320


class PastPicture(NamedTuple):
    """A decoded picture, (height, width, 3) uint8, blue first, and its time in units of 1/90000 s."""

    bgr: Image
    time: int


def decode_at(data: bytes, until: int) -> PastPicture | None:
    """The last picture that begins at or before `until` (1/90000 s on the file's own clock).

    `data` is the beginning of a file and one group of pictures. None: no picture before that can be decoded.
    """
    found: av.VideoFrame | None = None
    try:
        with av.open(io.BytesIO(data), "r", format="mp4") as container:
            context = container.streams.video[0].codec_context
            context.thread_count = 1
            context.thread_type = ThreadType.NONE
            context.options = {"max_pixels": str(_MAX_PIXELS)}
            for frame in container.decode(video=0):
                if frame.pts is None or frame.is_corrupt:
                    continue
                if found is not None and frame.pts > until:
                    break
                found = frame
    except (av.error.FFmpegError, ValueError, IndexError, MemoryError):
        pass  # what was decoded before the damage counts
    if found is None or found.pts is None:
        return None
    return PastPicture(cast("Image", found.to_ndarray(format="bgr24")), found.pts)
