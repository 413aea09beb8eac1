"""Stripes: interference that lays a regular pattern, or torn lines, over the whole picture.

Value: luma steps of what all parts of the picture have in common: row by row, column by column, or as one wave in any
direction. Brickwork and grilles have it in one place, interference everywhere.
"""

import math

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged
from analytics.quality.grid import Floats
from analytics.quality.view import View

_PARTS = 4
_STEP = 2.2
_FLOOR = 3.0
_FIRST = 7.0
_SLOW = 4  # waves a picture; fewer are shading
_SIZE = (256, 192)
_STICKS_OUT = 24.0  # luma steps; more is an outline


def stripes_of(view: View) -> float:
    """The strongest of the three patterns."""
    detail = _detail(view)
    lines = max(_common(detail, view.inner), _common(detail.T, view.inner.T))
    return max(lines, _wave(detail))


def judge(case: Case) -> Finding:
    """Stripes when the pattern is clearly stronger than is usual."""
    value = case.features.numbers.stripes
    usual = case.usual("stripes")
    if usual is None:
        return judged(Category.STRIPES, value, Limit(0.0, _FIRST), "stripes", 1 / 2)
    return judged(Category.STRIPES, value, case.above(Category.STRIPES, usual, _STEP, _FLOOR), "stripes")


def _detail(view: View) -> Floats:
    """The picture without its shading and with its outlines cut off."""
    luma = view.luma.astype(np.float32)
    detail = luma - cv2.blur(luma, (25, 25))
    detail[~view.inner] = 0.0
    return np.asarray(detail.clip(-_STICKS_OUT, _STICKS_OUT), np.float32)


def _common(detail: Floats, counted: np.ndarray) -> float:
    """Standard deviation of the row profile that the parts from left to right share."""
    parts = []
    for columns in np.array_split(np.arange(detail.shape[1]), _PARTS):
        weights = counted[:, columns].sum(axis=1)
        parts.append(detail[:, columns].sum(axis=1) / np.maximum(weights, 1))
    shared = [float((one * other).mean()) for i, one in enumerate(parts) for other in parts[i + 1 :]]
    return math.sqrt(max(float(np.median(shared)), 0.0))


def _wave(detail: Floats) -> float:
    """Amplitude of the strongest plane wave, beyond what its neighbours in the spectrum have."""
    small = cv2.resize(detail, _SIZE, interpolation=cv2.INTER_AREA)
    spectrum = np.abs(np.fft.rfft2(small * _window())) * (2.0 * 4.0 / small.size)
    spectrum[:_SLOW, :_SLOW] = spectrum[-_SLOW:, :_SLOW] = 0.0
    around = cv2.blur(spectrum.astype(np.float32), (15, 15))
    return float((spectrum - 3.0 * around).max(initial=0.0)) / math.sqrt(2.0)


def _window() -> Floats:
    return np.outer(np.hanning(_SIZE[1]), np.hanning(_SIZE[0])).astype(np.float32)
