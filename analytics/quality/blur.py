"""Blur: fine detail is gone though the large forms are as ever.

Value: how much finer detail is missing than usual, as a logarithm (0.7 is half of it gone), over the cells that usually
show the most. Fog takes contrast at every scale alike, and that much is not held against the lens.
"""

import math

import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.detail import LUMA_STEP, visible
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.grid import Floats

_STEP = 0.5
_RICH = 0.4  # share of the cells that are looked at
_LEAST_CELLS = 6
_FOG = math.log(0.3)


def contrast_of(luma: Floats) -> float:
    """Spread of the cells' mean luma: the large forms, which no blur takes away."""
    return float(np.nanstd(luma) * LUMA_STEP) if not np.isnan(luma).all() else 0.0


def judge(case: Case) -> Finding:
    """Blurred when the richest cells have lost their fine detail, and not their contrast."""
    cells = case.baseline.usual_cells(case.features.light)
    contrast = case.usual("contrast")
    if cells is None or contrast is None:
        return unknown(Category.BLUR, "no-baseline")
    both = ~(np.isnan(cells.fine) | np.isnan(case.features.cells.fine))
    if both.sum() < _LEAST_CELLS:
        return unknown(Category.BLUR, "too-little-to-see")
    usual, now = cells.fine[both], case.features.cells.fine[both]
    rich = (usual >= np.quantile(usual, 1.0 - _RICH)) & visible(usual, case.features.cells.luma[both])
    if rich.sum() < _LEAST_CELLS:
        return unknown(Category.BLUR, "no-detail")
    veil = min(math.log((case.features.numbers.contrast + 1.0) / (contrast.mean + 1.0)), 0.0)
    missing = float(np.median((usual - now)[rich])) + veil
    if veil < _FOG:
        return unknown(Category.BLUR, "no-contrast", missing)
    return judged(Category.BLUR, missing, Limit(0.0, _STEP * case.baseline.margin(Category.BLUR)), "blurred")
