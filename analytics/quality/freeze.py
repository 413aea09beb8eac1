"""Freeze: pictures go on, what they show does not.

Value: how much of the usual wavering between two pictures is gone, 0 none, 1 all of it. Even an empty place wavers by
the sensor's noise. Where it usually does not (a drawn picture, hard noise reduction), nobody can tell by looking.
"""

import math

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, State, judged, unknown
from analytics.quality.overlay import moving_share
from analytics.quality.view import View

_LIMIT = Limit(0.0, 0.6)
_COARSEST = 1.0  # luma steps: two codings of the same picture, alike in quality, differ by no more
_SILENT = 0.05  # luma steps: a place that usually wavers by less cannot be judged
_MOVES = 0.0004  # share of the picture that moves besides a clock
_EXACT = 0.002
_LEAST = 0.001  # luma steps, so that none at all has a logarithm
_QUIET = 0.25  # of the tiles: where nothing passes
_FIRST_CONFIDENCE = 0.4
_COLUMNS, _ROWS = 6, 4


def change_of(view: View) -> float | None:
    """Logarithm of the luma steps from the picture before, in one of the quieter tiles."""
    if view.earlier_tiles is None or not view.tiles_counted.any():
        return None
    difference = cv2.absdiff(view.tiles, view.earlier_tiles)
    tall, wide = difference.shape[0] // _ROWS, difference.shape[1] // _COLUMNS
    shape = (_ROWS, tall, _COLUMNS, wide)
    counted = view.tiles_counted.reshape(shape).sum(axis=(1, 3))
    sums = np.where(view.tiles_counted, difference, 0).reshape(shape).sum(axis=(1, 3), dtype=np.float64)
    steps = float(np.quantile(sums[counted > 0] / counted[counted > 0], _QUIET))
    return math.log(steps + _LEAST)


def motion_of(view: View) -> float | None:
    """Share of the picture that moved, a ticking clock aside."""
    return None if view.earlier is None else moving_share(view.luma, view.earlier, view.counted)


def judge(case: Case) -> Finding:
    """Frozen when nothing moves and the usual wavering is gone."""
    if case.features.numbers.change is None or case.features.moves is None:
        return unknown(Category.FREEZE, "no-earlier-picture")
    change, moves = math.exp(case.features.numbers.change) - _LEAST, case.features.moves
    usual = case.usual("change")
    if moves > _MOVES or change > _COARSEST:
        return judged(Category.FREEZE, 0.0, _LIMIT, "frozen")
    if usual is None:
        return _at_first(change)
    calm = math.exp(usual.mean - usual.spread)
    if calm < _SILENT:
        return unknown(Category.FREEZE, "usually-still", change)
    return judged(Category.FREEZE, 1.0 - min(change / calm, 1.0), _widened(case), "frozen")


def _widened(case: Case) -> Limit:
    """False alarms move the limit towards 1, which only a picture without any change reaches."""
    return Limit(0.0, 1.0 - (1.0 - _LIMIT.threshold) / case.baseline.margin(Category.FREEZE) ** 2)


def _at_first(change: float) -> Finding:
    """Nothing is usual yet: only two pictures that are the same to the last step speak for themselves."""
    if change > _EXACT:
        return unknown(Category.FREEZE, "no-baseline", change)
    return Finding(
        Category.FREEZE, State.ABNORMAL, 30.0, 1.0, _LIMIT.threshold, None, _FIRST_CONFIDENCE, "no-change-at-all"
    )
