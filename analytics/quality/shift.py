"""Shift: the camera looks somewhere else than it did when its view was confirmed.

Value: how far the view's corners have moved, as a share of the picture's width; 1 where the view is not found at all.
"""

import math

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.features import Alike
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.grid import Floats
from analytics.quality.reference import Reference, corners_of, outlines_of
from analytics.quality.view import View
from ingest.frame import Image

_LIMIT = Limit(0.0, 0.03)
_RATIO = 0.8
_LEAST_INLIERS = 14
_INLIER_PX = 2.5
_GONE = 0.2  # at most this much likeness is left of a view that is no longer there
_BARE = 0.45  # share of bare cells: what has nothing to show is not the same view, and no other
_WAVERS = 3.0  # mean deviations
_REACH = 3  # a view is looked for within this part of the picture in each direction
_SURELY, _THERE = 0.6, 0.3  # correlation of outlines at the same place
_ELSEWHERE = 0.1  # and this much better at another place
_NOT_FOUND_CONFIDENCE = 0.6


def compared(view: View, reference: Reference | None) -> Alike | None:
    """The view's outlines beside the reference's; None where there is none, or one of another size."""
    height, width = view.luma.shape
    if reference is None or reference.size != (width, height):
        return None
    before, after = _centred(reference.outlines), _centred(outlines_of(view))
    if (norm := float(np.linalg.norm(before) * np.linalg.norm(after))) == 0.0:
        return None
    rows, columns = (side // _REACH for side in before.shape)
    padded = cv2.copyMakeBorder(after, rows, rows, columns, columns, cv2.BORDER_CONSTANT)
    scores = np.asarray(cv2.matchTemplate(padded, before, cv2.TM_CCORR) / norm, np.float32)
    here = float(scores[rows - 1 : rows + 2, columns - 1 : columns + 2].max())
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    return Alike(here, best, math.hypot(x - columns, y - rows) / before.shape[1])


def judge(case: Case) -> Finding:
    """Shifted when corners or outlines are found again at another place, or a view that always is found is not."""
    reference, alike = case.reference, case.features.alike
    if reference is None or alike is None:
        return unknown(Category.SHIFT, "no-reference" if reference is None else "another-size")
    moved = _by_outlines(alike, _SURELY)
    if moved is None:
        moved = _by_corners(reference, *corners_of(case.view))
    if moved is None:
        moved = _by_outlines(alike, _THERE)
    if moved is not None:
        return judged(Category.SHIFT, moved, _limit(case), "shifted")
    if (case.features.numbers.bare or 0.0) > _BARE:
        return unknown(Category.SHIFT, "covered")
    usual = case.usual("likeness")
    if usual is None or usual.mean - _WAVERS * usual.spread < _THERE or alike.here > _GONE:
        return unknown(Category.SHIFT, "not-comparable")
    return judged(Category.SHIFT, 1.0, _limit(case), "another-view", _NOT_FOUND_CONFIDENCE)


def _limit(case: Case) -> Limit:
    return Limit(0.0, _LIMIT.threshold * case.baseline.margin(Category.SHIFT))


def _by_corners(reference: Reference, places: Floats, marks: Image) -> float | None:
    """Mean way of the picture's corners, by the corners of the view that are found again; None of too few."""
    if min(len(reference.marks), len(marks)) < _LEAST_INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(reference.marks, marks, k=2)
    good = [pair[0] for pair in pairs if len(pair) > 1 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < _LEAST_INLIERS:
        return None
    before = reference.places[[one.queryIdx for one in good]]
    after = places[[one.trainIdx for one in good]]
    cv2.setRNGSeed(1)  # the same pictures are judged the same
    turn, inliers = cv2.estimateAffinePartial2D(before, after, ransacReprojThreshold=_INLIER_PX)
    if turn is None or int(inliers.sum()) < _LEAST_INLIERS:
        return None
    width, height = reference.size
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float64)
    moved = corners @ turn[:, :2].T + turn[:, 2] - corners
    return float(np.hypot(moved[:, 0], moved[:, 1]).mean() / width)


def _by_outlines(alike: Alike, least: float) -> float | None:
    """How far the outlines have moved; None where they are found nowhere with at least that correlation."""
    if alike.best - alike.here < _ELSEWHERE:
        return 0.0 if alike.here >= least else None
    return alike.away if alike.best >= least else None


def _centred(outlines: np.ndarray) -> Floats:
    soft = cv2.GaussianBlur(outlines.astype(np.float32), (0, 0), 1.0)
    return np.asarray(soft - soft.mean(), np.float32)
