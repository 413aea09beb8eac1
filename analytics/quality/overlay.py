"""Finds burnt-in text that nobody has told of, by its ticking."""

import cv2
import numpy as np

from analytics.quality.grid import Mask
from ingest.frame import Image

_STEP = 10  # luma steps that are a change of the picture, not of its encoding
_HIGHEST, _WIDEST = 0.12, 0.6  # of the picture: a line or two of text
_BAND = 0.16  # text stands along the upper or the lower edge
_LETTER = np.ones((3, 9), np.uint8)  # digits of one line grow together
_SPECK = 4  # pixels; fewer are noise


def moving_share(luma: Image, earlier: Image, counted: Mask) -> float:
    """Share of what counts that has changed, without lines of text along the upper and the lower edge."""
    changed = ((cv2.absdiff(luma, earlier) > _STEP) & counted).astype(np.uint8)
    if not changed.any():
        return 0.0
    joined = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, _LETTER)
    _, labels, found, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    height, width = luma.shape
    is_motion = np.array([not _is_text(one, height, width) for one in found])
    is_motion[0] = False  # what has not changed
    moving = cv2.countNonZero(is_motion.astype(np.uint8)[labels] & changed)
    return moving / max(cv2.countNonZero(counted.astype(np.uint8)), 1)


def _is_text(found: np.ndarray, height: int, width: int) -> bool:
    top, wide, tall, pixels = found[1], found[2], found[3], found[4]
    if pixels < _SPECK:
        return True
    is_along_edge = top + tall <= _BAND * height or top >= (1.0 - _BAND) * height
    return bool(is_along_edge and tall <= _HIGHEST * height and wide <= _WIDEST * width)
