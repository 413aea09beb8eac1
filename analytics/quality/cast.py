"""Cast: a colour lies over the whole picture.

Value: how far, in Lab units, the picture's median colour is from where it usually is at this hour in this light. In
infrared there is no colour to judge. A cast lies on the sky as on the ground: where a part of the picture keeps its
colour, the place has changed, as when snow goes, and not the camera.
"""

import math

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.light import Light
from analytics.quality.tint import TINT_STEP
from analytics.quality.view import View

_NEUTRAL = 128.0
_STEP, _MOST = 13.0, 18.0
_COLOURLESS = 7.0  # from neutral: snow has fallen, or fog; no fault takes colours to just there
_BARE, _GLARING = 14.0, 45.0  # from neutral, of a camera that is not known yet
_FIRST_CONFIDENCE = 0.4
_LIT_FROM = 0.6  # of 64 luma steps: darker cells show no colour
_LEAST_CELLS = 12
_LAGGING, _FOLLOWS = 0.2, 0.35  # so many of the cells may have gone less than so much of the way


def tint_of(view: View) -> tuple[float, float]:
    """The median of each colour axis over what counts."""
    a, b = (_median(view, plane) - _NEUTRAL for plane in (1, 2))
    return a, b


def _median(view: View, plane: int) -> float:
    """By counting, with the place within the middle step, so that a colour that drifts does so in no steps."""
    counts = cv2.calcHist([view.lab], [plane], view.counted.astype(np.uint8), [256], [0, 256]).ravel()
    below = np.cumsum(counts)
    half = below[-1] / 2.0
    step = int(np.searchsorted(below, half))
    return step + 0.5 - float((below[step] - half) / max(counts[step], 1.0))


def judge(case: Case) -> Finding:
    """Cast when the median colour has left its usual place."""
    if case.features.light is Light.INFRARED:
        return unknown(Category.CAST, "infrared")
    numbers = case.features.numbers
    usual_a, usual_b = case.usual("tint_a"), case.usual("tint_b")
    if usual_a is None or usual_b is None:
        return _at_first(math.hypot(numbers.tint_a, numbers.tint_b))
    away = math.hypot(numbers.tint_a - usual_a.mean, numbers.tint_b - usual_b.mean)
    if away > _STEP and math.hypot(numbers.tint_a, numbers.tint_b) < _COLOURLESS:
        return unknown(Category.CAST, "no-colour", away)
    step = min(max(_STEP, 5.0 * math.hypot(usual_a.spread, usual_b.spread)), _MOST)
    limit = Limit(0.0, step * case.baseline.margin(Category.CAST))
    if away > limit.threshold and not _is_all_over(case, numbers.tint_a - usual_a.mean, numbers.tint_b - usual_b.mean):
        return judged(Category.CAST, 0.0, limit, "cast", 1 / 2)
    return judged(Category.CAST, away, limit, "cast")


def _is_all_over(case: Case, a: float, b: float) -> bool:
    """Whether the cells that show colours have gone the picture's way (`a`, `b` in Lab units), nearly all of them."""
    usual, now = case.baseline.usual_cells(case.features.light), case.features.cells
    if usual is None:
        return True
    lit = (now.luma > _LIT_FROM) & ~np.isnan(usual.tint_a)
    if lit.sum() < _LEAST_CELLS:
        return True
    ways = (now.tint_a - usual.tint_a)[lit] * a + (now.tint_b - usual.tint_b)[lit] * b
    return bool(np.quantile(ways, _LAGGING) * TINT_STEP > _FOLLOWS * (a * a + b * b))


def _at_first(from_neutral: float) -> Finding:
    """Nothing is usual yet: between nearly grey and glaring nobody can tell."""
    if _BARE < from_neutral <= _GLARING:
        return unknown(Category.CAST, "no-baseline", from_neutral)
    return judged(Category.CAST, from_neutral, Limit(0.0, _GLARING), "cast", _FIRST_CONFIDENCE)
