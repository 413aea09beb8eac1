"""Occlusion: something stands or sticks before the lens.

Value: share of the cells, of those that usually show detail, that have become bare and look otherwise than the place
behind. What is near the lens is out of focus, so next to nothing is left there; snow and fog leave some of the detail,
which may be far less than usual and is more than nothing. A lorry has outlines of its own, and drives off.
"""

import math
from dataclasses import replace

import numpy as np

from analytics.quality.baseline import Usual
from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.detail import in_steps, visible
from analytics.quality.features import Cells
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.grid import Mask

_LEAST, _STEP, _MOST = 0.17, 0.17, 0.9
_WAVERING = 0.055  # mean deviation that is allowed for: where lorries come and go, patience must tell
_GONE = math.log(0.45)
_SHOWS, _FAINT = -0.3, -0.2  # logarithm of luma steps: what must usually be there to be missed, and what is left
_LEAST_CELLS = 12


def bare_cells(usual: Cells | None, now: Cells) -> tuple[Mask, Mask] | None:
    """Which cells usually show something, and which of them are bare now; None where nothing is known to tell by."""
    if usual is None:
        return None
    seen = ~(np.isnan(usual.coarse) | np.isnan(now.coarse)) & visible(usual.coarse, now.luma, _SHOWS)
    if seen.sum() < _LEAST_CELLS:
        return None
    gone = (now.coarse - usual.coarse < _GONE) & (now.fine - usual.fine < _GONE / 2)
    return seen, seen & gone & (in_steps(now.coarse, now.luma) < _FAINT)


def bare_share(usual: Cells | None, now: Cells) -> float | None:
    """The share of them."""
    found = bare_cells(usual, now)
    return None if found is None else float(found[1].sum() / found[0].sum())


def judge(case: Case) -> Finding:
    """Covered when clearly more of the view is bare than is usual, and does not look as it did."""
    cells, now = case.baseline.usual_cells(case.features.light), case.features.cells
    found, share = bare_cells(cells, now), case.features.numbers.bare
    if cells is None or found is None or share is None:
        return unknown(Category.OCCLUSION, "no-baseline" if cells is None else "no-detail")
    usual = case.usual("bare") or Usual(0.0, 0.0, 0)
    limit = case.above(Category.OCCLUSION, replace(usual, spread=min(usual.spread, _WAVERING)), _STEP, _LEAST)
    if limit.usual >= _MOST:
        return unknown(Category.OCCLUSION, "usually-bare", share)
    bare = found[1]
    if share > limit.threshold and _looks_the_same(now.luma[bare], cells.luma[bare]):
        return judged(Category.OCCLUSION, 0.0, limit, "covered", 1 / 2)
    return judged(Category.OCCLUSION, share, Limit(limit.usual, min(limit.threshold, _MOST)), "covered")


def _looks_the_same(now: np.ndarray, usual: np.ndarray) -> bool:
    """Whether the large forms are still where they were: then the lens is out of focus, and nothing before it."""
    if usual.std() < 0.02 or now.std() < 0.02:  # noqa: PLR2004 - one step of luma in 64
        return False
    return bool(np.corrcoef(now, usual)[0, 1] > 0.85)  # noqa: PLR2004
