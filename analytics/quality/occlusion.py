"""Occlusion: something stands or sticks before the lens.

Value: share of the cells, each weighed by how clearly it usually shows detail, that have become bare and look otherwise
than the place behind; or, where a place has next to no detail to lose, share of the cells that are smooth and of a
colour that is not the place's, while others keep theirs. What is near the lens is out of focus, so next to nothing is
left there; fog leaves the place's own outlines, if weaker. Snow on the ground is brighter than the ground, has no
colour and hangs in no sky; where it lies, nobody can tell. A lorry has outlines of its own, and drives off; what moves
is not before the lens.
"""

import math
from dataclasses import replace

import numpy as np

from analytics.quality.baseline import Usual
from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.detail import LUMA_STEP, in_steps, today
from analytics.quality.features import Cells
from analytics.quality.finding import Finding, Limit, State, judged, unknown
from analytics.quality.grid import ROWS, TEXT_ROWS, Floats, Mask
from analytics.quality.outlines import alike_within
from analytics.quality.tint import TINT_STEP

_LEAST, _STEP, _MOST = 0.17, 0.17, 0.9
_WAVERING = 0.055  # mean deviation that is allowed for: where lorries come and go, patience must tell
_GONE = math.log(0.45)
_SHOWS, _CLEARLY = -0.3, 0.6  # logarithm of luma steps: a cell that usually shows less weighs nothing, or all
_LEAST_OF_CELL = 0.25
_FAINT = -0.2  # and what may be left in it
_LEAST_WEIGHT = 2.5
_VEILED = 0.5  # correlation of the outlines in the bare cells with what is usual
_WHITER, _COLOUR = 1.25, 4.0 / TINT_STEP
_SAME_LUMA, _SAME_COLOUR = 8.0 / LUMA_STEP, 5.0 / TINT_STEP
_SKY = ROWS // 3
_IN_THE_SKY = 0.1
_LEAST_LIT = 6
_FOREIGN = 0.2
_OTHER_COLOUR, _KEPT_COLOUR, _KEEP = 12.0 / TINT_STEP, 6.0 / TINT_STEP, 0.15
_SMOOTH = 0.7  # logarithm of luma steps: by night the sensor's grain is left of a cover
_LEAST_KNOWN = 40
_PASSES = 0.3  # share of the cells that show anything: what moves before a cover is no proof that there is none


def bare_cells(usual: Cells | None, now: Cells, moved: Mask) -> tuple[Floats, Mask] | None:
    """How much each cell weighs and which of them are bare now; None where too little is known to tell by."""
    if usual is None:
        return None
    steps = np.nan_to_num((today(usual.coarse, now.luma) - _SHOWS) / (_CLEARLY - _SHOWS), nan=-1.0)
    weights = np.where(steps > 0.0, steps.clip(_LEAST_OF_CELL, 1.0), 0.0).astype(np.float32)
    weights[np.isnan(now.coarse) & ~moved] = 0.0
    gone = (now.coarse - usual.coarse < _GONE) & (now.fine - usual.fine < _GONE / 2)
    bare = (weights > 0.0) & gone & (in_steps(now.coarse, now.luma) < _FAINT) & ~_looks_the_same(usual, now)
    weights[_snow(usual, now, bare)] = 0.0
    return (weights, bare & (weights > 0.0)) if weights.sum() >= _LEAST_WEIGHT else None


def bare_share(usual: Cells | None, now: Cells, moved: Mask) -> float | None:
    """The weighed share of them."""
    found = bare_cells(usual, now, moved)
    return None if found is None else float(found[0][found[1]].sum() / found[0].sum())


def _foreign(usual: Cells, now: Cells) -> tuple[Mask, float]:
    """Which still cells are smooth and of a strong colour that the place has not there, and their share.

    Nothing where next to no cell has kept its colour: then the light has changed, or the camera's colours have.
    """
    away = np.hypot(now.tint_a - usual.tint_a, now.tint_b - usual.tint_b)
    away[:TEXT_ROWS] = away[-TEXT_ROWS:] = np.nan
    known = ~np.isnan(away)
    if known.sum() < _LEAST_KNOWN or (away[known] < _KEPT_COLOUR).mean() < _KEEP:
        return np.zeros_like(known), 0.0
    smooth = (in_steps(now.coarse, now.luma) < _SMOOTH) & (np.hypot(now.tint_a, now.tint_b) > _COLOUR)
    foreign = np.asarray(smooth & (away > _OTHER_COLOUR), np.bool_)
    return foreign, float(foreign[known].mean())


def judge(case: Case) -> Finding:
    """Covered when clearly more of the view is bare than is usual, and does not look as it did."""
    features = case.features
    cells, now = case.baseline.usual_cells(features.light), features.cells
    found, share = bare_cells(cells, now, features.moved), features.numbers.bare
    if cells is None or found is None or share is None:
        return unknown(Category.OCCLUSION, "no-baseline" if cells is None else "no-detail")
    usual = case.usual("bare") or Usual(0.0, 0.0, 0)
    limit = case.above(Category.OCCLUSION, replace(usual, spread=min(usual.spread, _WAVERING)), _STEP, _LEAST)
    if limit.usual >= _MOST:
        return unknown(Category.OCCLUSION, "usually-bare", share)
    bare = found[1]
    if share > limit.threshold and _is_veiled(case, bare):
        return judged(Category.OCCLUSION, 0.0, limit, "covered", 1 / 2)
    finding = judged(Category.OCCLUSION, share, Limit(limit.usual, min(limit.threshold, _MOST)), "covered")
    foreign, foreign_share = _foreign(cells, now)
    strange = Limit(0.0, _FOREIGN * case.baseline.margin(Category.OCCLUSION))
    if finding.state is State.OK and foreign_share > strange.threshold and not _is_veiled(case, foreign):
        return judged(Category.OCCLUSION, foreign_share, strange, "covered", 2 / 3)
    if finding.state is State.OK and features.moved[found[0] > 0.0].mean() > _PASSES:
        return unknown(Category.OCCLUSION, "too-much-moves", share)
    return finding


def _snow(usual: Cells, now: Cells, bare: Mask) -> Mask:
    """Which of the bare cells snow may lie on."""
    lit = ~bare & ~np.isnan(now.luma + usual.luma) & (usual.luma > 0.0)
    light = float(np.median(now.luma[lit] / usual.luma[lit])) if lit.sum() >= _LEAST_LIT else 1.0
    colour, usual_colour = np.hypot(now.tint_a, now.tint_b), np.hypot(usual.tint_a, usual.tint_b)
    white = bare & (now.luma > _WHITER * light * usual.luma) & (colour < usual_colour + _COLOUR)
    return white if white[:_SKY].sum() <= _IN_THE_SKY * white.sum() else np.zeros_like(white)


def _is_veiled(case: Case, bare: Mask) -> bool:
    """Whether the place's own outlines still show in these cells, however faintly."""
    usual, outlines = case.baseline.usual_view(case.features.light), case.features.outlines
    return usual is not None and usual.shape == outlines.shape and alike_within(usual, outlines, bare) > _VEILED


def _looks_the_same(usual: Cells, now: Cells) -> Mask:
    """Which cells have the brightness and colour that the place has there: the lens is out of focus, if anything."""
    known = ~np.isnan(now.luma + usual.luma) & (usual.luma > 0.0)
    light = np.float32(np.median(now.luma[known] / usual.luma[known])) if known.any() else np.float32(1.0)
    colour = np.hypot(now.tint_a - usual.tint_a, now.tint_b - usual.tint_b)
    return np.asarray((np.abs(now.luma - light * usual.luma) < _SAME_LUMA) & (colour < _SAME_COLOUR), np.bool_)
