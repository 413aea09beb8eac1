"""Shift: the camera looks somewhere else than it did when its view was confirmed.

Value: how far the view's corners have moved, as a share of the picture's width; 1 where the view is not found at all.
"""

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.grid import Floats
from analytics.quality.reference import Reference, corners_of, outlines_of
from ingest.frame import Image

_LIMIT = Limit(0.0, 0.03)
_RATIO = 0.8
_LEAST_INLIERS = 14
_INLIER_PX = 2.5
_LEAST_MARKS = 40
_SURELY, _THERE = 0.6, 0.3  # correlation of outlines at the same place
_ELSEWHERE = 0.1  # and this much better at another place
_NOT_FOUND_CONFIDENCE = 0.6


def judge(case: Case) -> Finding:
    """Shifted when corners or outlines are found again at another place, or an outlined view not at all."""
    reference = case.reference
    if reference is None:
        return unknown(Category.SHIFT, "no-reference")
    height, width = case.view.luma.shape
    if reference.size != (width, height):
        return unknown(Category.SHIFT, "another-size")
    outlines = outlines_of(case.view)
    if (moved := _by_outlines(reference.outlines, outlines, _SURELY)) is not None:
        return judged(Category.SHIFT, moved, _limit(case), "shifted")
    places, marks = corners_of(case.view)
    if (moved := _by_corners(reference, places, marks)) is None:
        moved = _by_outlines(reference.outlines, outlines, _THERE)
    if moved is not None:
        return judged(Category.SHIFT, moved, _limit(case), "shifted")
    is_same_light = case.features.light is reference.light
    if not is_same_light or min(len(marks), len(reference.marks)) < _LEAST_MARKS:
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


def _by_outlines(usual: Image, now: Image, least: float) -> float | None:
    """How far the map of outlines has moved; None where it is found nowhere with at least that correlation."""
    before, after = _centred(usual), _centred(now)
    if (norm := float(np.linalg.norm(before) * np.linalg.norm(after))) == 0.0:
        return None
    rows, columns = before.shape
    padded = cv2.copyMakeBorder(after, rows // 3, rows // 3, columns // 3, columns // 3, cv2.BORDER_CONSTANT)
    scores = np.asarray(cv2.matchTemplate(padded, before, cv2.TM_CCORR) / norm, np.float32)
    here = float(scores[rows // 3 - 1 : rows // 3 + 2, columns // 3 - 1 : columns // 3 + 2].max())
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    if here >= least and best - here < _ELSEWHERE:
        return 0.0
    if best >= least and best - here >= _ELSEWHERE:
        return float(np.hypot(x - columns // 3, y - rows // 3) / columns)
    return None


def _centred(outlines: np.ndarray) -> Floats:
    soft = cv2.GaussianBlur(outlines.astype(np.float32), (0, 0), 1.0)
    return np.asarray(soft - soft.mean(), np.float32)
