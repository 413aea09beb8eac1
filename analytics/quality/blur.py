"""Blur: outlines are soft that were sharp.

Value: how much finer detail is missing than usual, as a logarithm (0.7 is half of it gone), over the cells that show
the most today. What the same cell has lost in coarse detail as well is not held against the lens: fog, snow and a lorry
take contrast at every scale, and what they leave is as sharp as ever. Where nothing is left of the coarse detail
either, the large forms tell: a lens keeps them, fog does not.
"""

import math

import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.detail import LUMA_STEP, in_steps, visible
from analytics.quality.features import Cells
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.grid import TEXT_ROWS, Floats
from analytics.quality.light import Light

_STEP = 0.5
_RICH = 0.4  # share of the cells that are looked at
_LEAST_CELLS = 6
_SHOWS = 0.2  # logarithm of the luma steps that a cell's fine detail should have today; less, the encoder takes
_THICK = 0.6  # logarithm of the coarse detail that is lost
_FOG = math.log(0.6)
_STRONG, _LEAST_STRONG = math.log(8.0), 3  # luma steps of coarse detail, and cells that have them
_SHARPEST = 0.75
_WAVERS = 4.0  # mean deviations
_SAME_FORMS = 0.85  # correlation of the cells' mean luma


def contrast_of(luma: Floats) -> float:
    """Spread of the cells' mean luma: the large forms, which no blur takes away."""
    return float(np.nanstd(luma) * LUMA_STEP) if not np.isnan(luma).all() else 0.0


def judge(case: Case) -> Finding:
    """Blurred when the richest cells have lost their fine detail, and not their coarse detail or their forms."""
    usual, now = case.baseline.usual_cells(case.features.light), case.features.cells
    if usual is None:
        return unknown(Category.BLUR, "no-baseline")
    if (~(np.isnan(usual.fine) | np.isnan(now.fine))).sum() < _LEAST_CELLS:
        return unknown(Category.BLUR, "too-little-to-see")
    missing = _by_edges(usual, now)
    if missing is None:
        missing = _by_the_sharpest(case)
    if missing is None:
        missing = _by_forms(case, usual, now)
    if missing is None:
        return unknown(Category.BLUR, "no-detail")
    return judged(Category.BLUR, missing, Limit(0.0, _STEP * case.baseline.margin(Category.BLUR)), "blurred")


def _by_edges(usual: Cells, now: Cells) -> float | None:
    """What fine detail is missing beside the coarse; None where too few cells show enough of the coarse.

    Of faint outlines an encoder takes the fine detail first: behind a thick veil nobody can tell by them.
    """
    veil = np.maximum(usual.coarse - now.coarse, 0.0)
    expected = usual.fine - veil
    steps = np.nan_to_num(in_steps(expected, now.luma), nan=-np.inf)
    both = ~(np.isnan(expected) | np.isnan(now.fine))
    rich = both & (steps >= np.quantile(steps[both], 1.0 - _RICH)) & (steps > _SHOWS)
    if rich.sum() < _LEAST_CELLS or np.median(veil[rich]) > _THICK:
        return None
    return float(np.median((expected - now.fine)[rich]))


def crispness(cells: Cells) -> float | None:
    """Fine by coarse detail, a logarithm, of the sharpest of the strong outlines; None of too few.

    Those of what passes count as well: a car that comes is as sharp as the one before.
    """
    inner = np.s_[TEXT_ROWS:-TEXT_ROWS]
    steps = np.nan_to_num(in_steps(cells.coarse, cells.luma)[inner], nan=-np.inf)
    strong = (steps > _STRONG) & ~np.isnan(cells.fine[inner])
    if strong.sum() < _LEAST_STRONG:
        return None
    return float(np.quantile((cells.fine - cells.coarse)[inner][strong], _SHARPEST))


def _by_the_sharpest(case: Case) -> float | None:
    """What is missing of the usual crispness; None where there is too little to go by."""
    usual, now = case.usual("crisp"), case.features.numbers.crisp
    if usual is None or now is None:
        return None
    return (usual.mean - now) / max(1.0, _WAVERS * usual.spread / _STEP)


def _by_forms(case: Case, usual: Cells, now: Cells) -> float | None:
    """What fine detail is missing where the large forms are as they were; None where nobody can tell.

    Only by daylight: by night the forms are those of the lamp, which fog shows as well.
    """
    contrast = case.usual("contrast")
    both = ~(np.isnan(usual.fine) | np.isnan(now.fine))
    rich = both & (usual.fine >= np.quantile(usual.fine[both], 1.0 - _RICH)) & visible(usual.fine, now.luma, _SHOWS)
    if case.features.light is not Light.DAY or contrast is None or rich.sum() < _LEAST_CELLS:
        return None
    veil = math.log((case.features.numbers.contrast + 1.0) / (contrast.mean + 1.0))
    if veil < _FOG or not _same_forms(usual.luma[both], now.luma[both]):
        return None
    return float(np.median((usual.fine - now.fine)[rich])) + min(veil, 0.0)


def _same_forms(usual: Floats, now: Floats) -> bool:
    return bool(min(usual.std(), now.std()) > 0.0 and np.corrcoef(usual, now)[0, 1] > _SAME_FORMS)
