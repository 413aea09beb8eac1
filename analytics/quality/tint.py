"""The colour of each cell of a picture, as far from neutral as it is."""

import cv2
import numpy as np

from analytics.quality.grid import Floats, cell_means
from analytics.quality.view import View

TINT_STEP = 16.0
"""Lab units that count 1 in a cell."""

_NEUTRAL = 128.0


def tints_of(view: View) -> tuple[Floats, Floats]:
    """The mean of both colour axes in each cell, (ROWS, COLUMNS), in steps of 16 Lab units; NaN where nothing counts.

    By a quarter of the picture: the sensor's noise is gone from that.
    """
    quarter = cv2.resize(view.lab, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.float32)
    counted = cv2.resize(view.counted.astype(np.uint8), quarter.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    a, b = (cell_means((quarter[:, :, plane] - _NEUTRAL) / TINT_STEP, counted) for plane in (1, 2))
    return a, b
