"""The picture as a few cells: what a cell shows is steadier than what a pixel shows."""

import cv2
import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 16, 9
TEXT_ROWS = 1
"""Rows of cells along the upper and the lower edge, where cameras burn in their clock and name."""

_HALF = 0.5

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def cell_means(values: Floats, counted: Mask) -> Floats:
    """The mean of the counted pixels of each cell, (ROWS, COLUMNS); NaN where less than half of a cell counts."""
    weights = _cells(counted.astype(np.float32))
    sums = _cells(np.where(counted, values, np.float32(0.0)))
    means = np.full((ROWS, COLUMNS), np.nan, np.float32)
    np.divide(sums, weights, out=means, where=weights >= _HALF)
    return means


def _cells(values: Floats) -> Floats:
    return np.asarray(cv2.resize(values, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA), np.float32)
