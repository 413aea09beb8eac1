"""Occlusion: something stands or sticks before the lens.

Value: share of the cells, of those that usually show detail, that have become bare and look otherwise than the place
behind. What is near the lens is out of focus; a lorry has outlines of its own, and drives off.
"""

import math

import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.detail import visible
from analytics.quality.finding import Finding, Limit, judged, unknown

_LIMIT = Limit(0.0, 0.17)
_GONE = math.log(0.45)
_LEAST_CELLS = 12


def judge(case: Case) -> Finding:
    """Covered when a part of the view is bare."""
    cells = case.baseline.usual_cells(case.features.light)
    if cells is None:
        return unknown(Category.OCCLUSION, "no-baseline")
    now = case.features.cells
    seen = ~(np.isnan(cells.coarse) | np.isnan(now.coarse)) & visible(cells.coarse, now.luma)
    if seen.sum() < _LEAST_CELLS:
        return unknown(Category.OCCLUSION, "no-detail")
    gone = (now.coarse - cells.coarse < _GONE) & (now.fine - cells.fine < _GONE / 2) & seen
    share = float(gone.sum() / seen.sum())
    if share > _LIMIT.threshold and _looks_the_same(now.luma[gone], cells.luma[gone]):
        return judged(Category.OCCLUSION, 0.0, _LIMIT, "covered", 1 / 2)
    limit = Limit(0.0, min(_LIMIT.threshold * case.baseline.margin(Category.OCCLUSION), 0.95))
    return judged(Category.OCCLUSION, share, limit, "covered")


def _looks_the_same(now: np.ndarray, usual: np.ndarray) -> bool:
    """Whether the large forms are still where they were: then the lens is out of focus, and nothing before it."""
    if usual.std() < 0.02 or now.std() < 0.02:  # noqa: PLR2004 - one step of luma in 64
        return False
    return bool(np.corrcoef(now, usual)[0, 1] > 0.85)  # noqa: PLR2004
