"""Covers the masked parts of decoded pictures, on every plane, before anybody else gets them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from ingest.mask import MaskSet, Patch, cover, patch, subsampled

GREY = 128
"""Of luma and of both chroma planes: a flat middle grey, whatever the colour matrix."""

# Pixel format → for each plane: pixels per sample across and down, and values per sample.
_LAYOUTS: dict[str, tuple[tuple[int, int, int], ...]] = {
    "gray": ((1, 1, 1),),
    "nv12": ((1, 1, 1), (2, 2, 2)),
    "yuv420p": ((1, 1, 1), (2, 2, 1), (2, 2, 1)),
    "yuvj420p": ((1, 1, 1), (2, 2, 1), (2, 2, 1)),
    "yuv422p": ((1, 1, 1), (2, 1, 1), (2, 1, 1)),
    "yuvj422p": ((1, 1, 1), (2, 1, 1), (2, 1, 1)),
    "yuv444p": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
    "yuvj444p": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
}
_ANY_FORMAT = "yuv420p"
# A camera has two streams of one size each, and their sizes change rarely.
_KEPT_RASTERS = 8


class MaskPainter:
    """Paints for one decoder. What it kept of rasters is let go with it."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()
        self._patches = lru_cache(maxsize=_KEPT_RASTERS)(_patches)

    def paint(self, frame: av.VideoFrame, masks: MaskSet) -> av.VideoFrame:
        """The covered picture. A layout we cannot paint in is converted to 8-bit 4:2:0 first, never passed on as it is.

        Raises:
            FFmpegError, ValueError, MemoryError: it cannot be covered; the picture must not be used.

        """
        if masks.is_empty:
            return frame
        if frame.format.name in _LAYOUTS:
            # The decoder predicts its next pictures from this buffer: it gets to keep it as it is.
            frame.make_writable()
        else:
            frame = self._reformatter.reformat(frame, format=_ANY_FORMAT)
        patches = self._patches(masks, frame.format.name, frame.width, frame.height)
        for plane, covered in zip(frame.planes, patches, strict=True):
            if covered is not None:
                rows = np.frombuffer(cast("bytes", plane), dtype=np.uint8).reshape(-1, plane.line_size)
                rows[covered.rows, covered.columns][covered.covered] = GREY
        return frame


def _patches(masks: MaskSet, pixel_format: str, width: int, height: int) -> Sequence[Patch | None]:
    raster = cover(masks, width, height)
    return tuple(
        patch((raster if (across, down) == (1, 1) else subsampled(raster, across, down)).repeat(values, axis=1))
        for across, down, values in _LAYOUTS[pixel_format]
    )
