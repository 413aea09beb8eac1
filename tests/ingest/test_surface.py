"""Planes of decoded pictures where they lie, read by DLPack without a copy."""

import av
import numpy as np

from ingest.av_decoder import AvPicture, Colour
from ingest.surface import gpu_surface


def test_planes_are_handed_on_without_a_copy() -> None:
    """Brightness and colour of an NV12 picture, with the reach and the matrix that its stream tells."""
    frame = av.VideoFrame(64, 48, "nv12")
    frame.colorspace, frame.color_range = 1, 2  # Rec. ITU-T H.273 table 4: BT.709; libav's number for the whole range
    np.frombuffer(frame.planes[0], np.uint8)[:] = 77
    surface = AvPicture(frame, Colour()).surface
    assert surface is not None
    luma, chroma = np.from_dlpack(surface.luma), np.from_dlpack(surface.chroma)
    assert (luma.shape, chroma.shape) == ((48, 64), (24, 32, 2))
    assert luma.__array_interface__["data"][0] == frame.planes[0].buffer_ptr
    assert (luma == 77).all()
    assert (surface.full_range, surface.wide_gamut) == (True, True)


def test_a_picture_in_our_memory_is_no_gpus() -> None:
    """It has planes, but not there; other layouts have none that anybody reads in place."""
    assert gpu_surface(AvPicture(av.VideoFrame(64, 48, "nv12"), Colour())) is None
    assert AvPicture(av.VideoFrame(64, 48, "yuv420p"), Colour()).surface is None
    assert gpu_surface(object()) is None
