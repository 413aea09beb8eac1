"""Privacy masks: what must not be seen of a camera, and the pixels that this covers."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Polygon = tuple[tuple[float, float], ...]
"""Three or more corners (x, y), each 0..1 of the picture, in order; the outline does not cross itself."""

Raster = NDArray[np.bool_]
"""Which samples of a plane are covered, (height, width)."""

# Binary places of the corners: a 256th of a pixel, and 32 bits still hold the largest picture let in.
_SHIFT = 8
_MARGIN = 2
_NEIGHBOURS = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class MaskSet:
    """The masks of one camera. `version` grows with every change; 0 means that nobody has ever drawn any."""

    version: int
    polygons: tuple[Polygon, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the whole picture may be seen."""
        return not self.polygons


NO_MASKS = MaskSet(0)


class CurrentMasks:
    """The masks of one camera at this moment. None: they are not known, and nothing may be shown.

    Replaced as a whole by one thread, read by any: a reader gets the set before or the set after, never a mixture.
    """

    def __init__(self, now: MaskSet | None = None) -> None:
        self.now = now

    def hides_nothing(self) -> bool:
        """Whether the camera's own packets may be shown. False while the masks are not known."""
        masks = self.now
        return masks is not None and masks.is_empty


@dataclass(frozen=True, slots=True)
class Patch:
    """The covered part of a plane: its bounding box, and which samples of the box are covered."""

    rows: slice
    columns: slice
    covered: Raster


def cover(masks: MaskSet, width: int, height: int) -> Raster:
    """Every pixel that a mask touches, and one pixel more on each side: rounding never uncovers anything."""
    # A frame around the picture, so that what lies on its edge is not rounded out of it and lost.
    canvas = np.zeros((height + 2 * _MARGIN, width + 2 * _MARGIN), np.uint8)
    for polygon in masks.polygons:
        # OpenCV counts from the middle of the first pixel, we from its corner.
        corners = np.array(polygon) * (width, height) - 0.5 + _MARGIN
        # One by one: where two outlines overlap, a common fill would leave a hole.
        cv2.fillPoly(canvas, [np.round(corners * (1 << _SHIFT)).astype(np.int32)], (1,), shift=_SHIFT)
    # Twice: OpenCV rounds corners to whole rows, so its own outline may be a pixel off.
    return _grown(canvas, times=2)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]


def subsampled(raster: Raster, across: int, down: int) -> Raster:
    """The samples of a plane that has one for `across` by `down` pixels: those touched, and one more on each side.

    One more, because players interpolate colour between neighbours, and a sample outside would tint pixels inside.
    """
    height, width = raster.shape
    padded = np.pad(raster, ((0, -height % down), (0, -width % across)))
    blocks = padded.reshape(padded.shape[0] // down, down, padded.shape[1] // across, across)
    return _grown(np.asarray(blocks.any(axis=(1, 3)), np.uint8))


def patch(raster: Raster) -> Patch | None:
    """The part of the raster that has covered samples, None where there are none."""
    rows, columns = np.flatnonzero(raster.any(axis=1)), np.flatnonzero(raster.any(axis=0))
    if not rows.size:
        return None
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    return Patch(*box, raster[box].copy())


def _grown(raster: NDArray[np.uint8], times: int = 1) -> Raster:
    return cv2.dilate(raster, _NEIGHBOURS, iterations=times).astype(np.bool_)
