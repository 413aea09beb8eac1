"""Shift: the camera looks somewhere else than it did when its view was confirmed.

Value: how far the view's corners have moved, as a share of the picture's width; 1 where the view is not found at all.
"""

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.features import Alike
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.grid import Floats, Mask
from analytics.quality.light import Light
from analytics.quality.outlines import compared
from analytics.quality.reference import Reference, corners_of
from ingest.frame import Image

_LIMIT = Limit(0.0, 0.03)
_RATIO = 0.8
_LEAST_INLIERS = 14
_INLIER_PX = 2.5
_ZOOM = 1.5
_FOUND = 0.4  # share of the parts in place; what happens to look like them elsewhere is less
_ALWAYS, _GONE = 0.3, 0.3  # what is there at least, as a rule, of a view that is missed; and so much of that is left
_BARE = 0.3  # share of bare cells: what has nothing to show is not the same view, and no other
_WAVERS = 3.0  # mean deviations
_SURELY, _THERE = 0.6, 0.3  # correlation of outlines at the same place
_ELSEWHERE = 0.1  # and this much better at another place
_NOT_FOUND_CONFIDENCE = 0.6
_FILLED = 0.3  # of the cells move


def beside_reference(outlines: Image, moved: Mask, size: tuple[int, int], reference: Reference | None) -> Alike | None:
    """The view's outlines beside the reference's; `size` as the reference's. None where there is none of that size."""
    if reference is None or reference.size != size:
        return None
    return compared(reference.outlines.astype(np.float32), outlines, moved)


def beside_learnt(outlines: Image, moved: Mask, usual: Floats | None, alike: Alike | None) -> Alike | None:
    """The view's outlines beside what is learnt of this light, where they are not found beyond doubt beside `alike`."""
    if usual is None or usual.shape != outlines.shape or (alike is not None and _surely(alike) is not None):
        return None
    return compared(usual, outlines, moved)


def judge(case: Case) -> Finding:
    """Shifted when corners or outlines are found again at another place, or a view that always is found is not.

    The reference is asked first; where it cannot tell, because of snow or the night, what is learnt of this light is.
    By night rain and falling snow hide a view as well as a turn does: the next day tells.
    """
    reference, alike = case.reference, case.features.alike
    if reference is None or alike is None:
        return unknown(Category.SHIFT, "no-reference" if reference is None else "another-size")
    learnt = case.features.learnt
    moved = _surely(alike)
    if moved is None:
        moved = _by_corners(reference, *corners_of(case.view))
    if moved is None:
        moved = _perhaps(alike)
    if moved is None and learnt is not None:
        moved = _perhaps(learnt)
    if moved is not None:
        return judged(Category.SHIFT, moved, _limit(case), "shifted")
    if (case.features.numbers.bare or 0.0) > _BARE:
        return unknown(Category.SHIFT, "covered")
    usual, kept = case.usual("likeness"), case.features.numbers.likeness
    if usual is None or kept is None or usual.mean - _WAVERS * usual.spread < _ALWAYS or kept > _GONE * usual.mean:
        return unknown(Category.SHIFT, "not-comparable")
    if case.features.light is not Light.DAY or case.features.moved.mean() > _FILLED:
        return unknown(Category.SHIFT, "not-comparable")
    return judged(Category.SHIFT, 1.0, _limit(case), "another-view", _NOT_FOUND_CONFIDENCE)


def is_lost(case: Case) -> bool:
    """Whether next to nothing of the view is in place, though little passes: that must not become usual untold."""
    known, kept = case.baseline.seen_by("likeness", case.features.light), case.features.numbers.likeness
    is_still = case.features.moved.mean() <= _FILLED
    return bool(is_still and known is not None and kept is not None and kept <= _GONE * known.mean)


def is_proof(alike: Alike | None, learnt: Alike | None) -> bool:
    """Whether the view may be learnt from: it is found in place beyond doubt. Else doubt would teach itself."""
    if alike is None:
        return True
    kept = likeness_of(alike, learnt)
    return _surely(alike) == 0.0 or (kept is not None and kept >= _SURELY)


def likeness_of(alike: Alike | None, learnt: Alike | None) -> float | None:
    """Share of the view's parts that are where they were, by whichever knows it better."""
    shares = [one.kept for one in (alike, learnt) if one is not None and one.kept is not None]
    return max(shares, default=None)


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
    if not 1.0 / _ZOOM < float(np.hypot(turn[0, 0], turn[1, 0])) < _ZOOM:  # all corners upon one: no view does that
        return None
    width, height = reference.size
    corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], np.float64)
    moved = corners @ turn[:, :2].T + turn[:, 2] - corners
    return float(np.hypot(moved[:, 0], moved[:, 1]).mean() / width)


def _surely(alike: Alike) -> float | None:
    """How far the outlines have moved, where they are found beyond doubt."""
    if alike.best - alike.here < _ELSEWHERE:
        return 0.0 if alike.here >= _SURELY else None
    return alike.away if alike.best >= _SURELY else None


def _perhaps(alike: Alike) -> float | None:
    """The same by fewer signs: the parts that are still in place, or a better place for all of them together."""
    if alike.kept is not None and alike.kept >= _FOUND:
        return 0.0
    return alike.away if alike.best >= _THERE and alike.best - alike.here >= _ELSEWHERE else None
