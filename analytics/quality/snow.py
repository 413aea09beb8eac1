"""Snow: the noise of a bad line or a failing sensor, not what falls from the sky.

Value: share of pixels that stick out of their neighbours, measured at the picture's own size. A dark night and a shower
of rain have some of it as well, which is why the limit is the camera's own.
"""

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged
from analytics.quality.view import View

_STANDS_OUT = 25  # luma steps from the median of the nine pixels around
_FLOOR = 0.05
_STEP = 0.035
_FIRST = 0.12


def impulses_of(view: View) -> float:
    """Share of the tiles' pixels that stick out."""
    around = np.asarray(cv2.medianBlur(view.tiles, 3), np.uint8)
    counted = view.tiles_counted
    return float((cv2.absdiff(view.tiles, around)[counted] > _STANDS_OUT).mean()) if counted.any() else 0.0


def judge(case: Case) -> Finding:
    """Snow when clearly more sticks out than is usual."""
    value = case.features.numbers.impulses
    usual = case.usual("impulses")
    if usual is None:
        return judged(Category.SNOW, value, Limit(0.0, _FIRST), "snow", 1 / 2)
    return judged(Category.SNOW, value, case.above(Category.SNOW, usual, _STEP, _FLOOR), "snow")
