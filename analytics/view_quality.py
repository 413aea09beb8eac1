"""How well one frame shows an object: sure, large, whole, and sharp."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from analytics.geometry import Box, area_of, overlap_area
from ingest.frame import Image, Picture

_LARGE_PX = 200.0  # from this size on (side of a square of the box's area) more pixels show nothing new
_EDGE = 0.005  # share of the picture: a box that ends there is an object that goes on outside of it
_CUT, _HIDDEN = 0.5, 0.6
_PATCH_PX = 128  # sharpness is judged on no more than this
_SHARP = 150.0  # variance of the Laplacian at which a patch counts as half sharp


def quality_of(picture: Picture, box: Box, score: float, others: Sequence[Box]) -> float:
    """0 to 1; comparable between pictures of the same object. `others` are the boxes of what stands about it."""
    outer = score * _size(picture, box) * _wholeness(box, others)
    return outer * (0.5 + 0.5 * _sharpness(_patch(picture.luma(), box))) if outer > 0.0 else 0.0


def _size(picture: Picture, box: Box) -> float:
    return min(math.sqrt(area_of(box) * picture.width * picture.height) / _LARGE_PX, 1.0)


def _wholeness(box: Box, others: Sequence[Box]) -> float:
    """Less where the picture's edge cuts it, or something nearer (its foot is lower) stands before it."""
    is_cut = min(box.left, box.top) < _EDGE or max(box.right, box.bottom) > 1.0 - _EDGE
    area = area_of(box)
    nearer = (other for other in others if other.bottom > box.bottom)
    hidden = max((overlap_area(box, other) / area for other in nearer), default=0.0) if area > 0.0 else 0.0
    return (_CUT if is_cut else 1.0) * (1.0 - _HIDDEN * hidden)


def _patch(luma: Image, box: Box) -> Image:
    height, width = luma.shape
    rows = slice(int(box.top * height), max(math.ceil(box.bottom * height), 1))
    return luma[rows, int(box.left * width) : max(math.ceil(box.right * width), 1)]


def _sharpness(patch: Image) -> float:
    """0 to below 1: how much detail there is, by the variance of the Laplacian (Pech-Pacheco et al., ICPR 2000)."""
    if min(patch.shape) < 3:  # noqa: PLR2004 - the filter's own size
        return 0.0
    shrink = max(patch.shape) / _PATCH_PX
    if shrink > 1.0:
        size = (max(int(patch.shape[1] / shrink), 3), max(int(patch.shape[0] / shrink), 3))
        patch = np.asarray(cv2.resize(patch, size, interpolation=cv2.INTER_AREA), np.uint8)
    variance = float(cv2.Laplacian(patch, cv2.CV_32F).var())
    return variance / (variance + _SHARP)
