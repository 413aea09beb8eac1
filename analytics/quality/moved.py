"""Which cells of a picture moved since the picture before: what passes hides the place, and cannot be its fault."""

import cv2
import numpy as np

from analytics.quality.grid import COLUMNS, ROWS, Mask, cell_means
from analytics.quality.view import View
from ingest.frame import Image

_SHRINK = 0.25
_STEP = 10  # luma steps, of a sixteenth of the pixels: what the sensor adds by night is less
_SHAKE = np.ones((3, 3), np.uint8)  # a mast in the wind moves outlines by no more
_SHARE = 0.12  # of a cell


def moved_cells(view: View) -> Mask:
    """(ROWS, COLUMNS); none where there is no picture before."""
    if view.earlier is None:
        return np.zeros((ROWS, COLUMNS), np.bool_)
    now, earlier = _quarter(view.luma), _quarter(view.earlier)
    counted = cv2.resize(view.counted.astype(np.uint8), now.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    if not counted.any():
        return np.zeros((ROWS, COLUMNS), np.bool_)
    earlier = _exposed_alike(earlier, now, counted)
    brighter = cv2.subtract(now, cv2.dilate(earlier, _SHAKE))
    darker = cv2.subtract(cv2.erode(earlier, _SHAKE), now)
    has_moved = (cv2.max(brighter, darker) > _STEP).astype(np.float32)
    return np.nan_to_num(cell_means(has_moved, counted)) > _SHARE


def _quarter(luma: Image) -> Image:
    return np.asarray(cv2.resize(luma, None, fx=_SHRINK, fy=_SHRINK, interpolation=cv2.INTER_AREA), np.uint8)


def _exposed_alike(earlier: Image, now: Image, counted: Mask) -> Image:
    """As if it had been exposed as the picture now: a white car makes the whole place darker, and moves none of it."""
    gains = (now[counted] + np.float32(1.0)) / (earlier[counted] + np.float32(1.0))
    return np.asarray(cv2.convertScaleAbs(earlier, alpha=float(np.median(gains))), np.uint8)
