"""Clips back into pictures."""

from collections.abc import Iterator

import av
import numpy as np
from numpy.typing import NDArray

from ingest.packet import Codec
from ingest.virtual_camera.clip import Clip


def decode_clip(clip: Clip) -> Iterator[NDArray[np.uint8]]:
    """The pictures of one loop: (height, width, 3), blue first."""
    decoder = av.CodecContext.create("h264" if clip.codec is Codec.H264 else "hevc", "r")
    for unit in clip.units:
        data = b"".join(b"\0\0\0\1" + nal for nal in unit.nal_units)
        for frame in decoder.decode(av.Packet(data)):
            yield frame.to_ndarray(format="bgr24")
    for frame in decoder.decode(None):
        yield frame.to_ndarray(format="bgr24")
