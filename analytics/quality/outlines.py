"""How well one map of outlines is found again in another, as a whole and part by part."""

import math
from collections.abc import Iterator

import cv2
import numpy as np

from analytics.quality.features import Alike
from analytics.quality.grid import TEXT_ROWS, Floats, Mask
from ingest.frame import Image

_REACH = 3  # a view is looked for within this part of the picture in each direction
_PARTS = (8, 5)  # columns and rows
_LEAST_PARTS = 6
_SHOWN = 0.5  # of a part must be seen
_LEAST_SPREAD = 6.0  # of a part that has outlines
_FOUND = 0.55  # correlation from which a part is where it was
_SHAKE = (-1, 0, 1)


def compared(before: Floats, outlines: Image, moved: Mask) -> Alike | None:
    """`before` (height, width) is how the view was; what has moved and what may be text counts for nothing.

    None where one of them is flat.

    A part that is lost under snow, behind a lorry or a cover takes nothing from the others.
    """
    text = moved.copy()
    text[:TEXT_ROWS] = text[-TEXT_ROWS:] = True
    hidden = cv2.resize(text.astype(np.uint8), outlines.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    if hidden.all():
        return None
    was, now = (_soft(np.where(hidden, values[~hidden].mean(), values)) for values in (before, outlines))
    kept = _kept(was, now, (~hidden).astype(np.float32))
    was, now = was - was.mean(), now - now.mean()
    if (norm := float(np.linalg.norm(was) * np.linalg.norm(now))) == 0.0:
        return None
    rows, columns = (side // _REACH for side in was.shape)
    padded = cv2.copyMakeBorder(now, rows, rows, columns, columns, cv2.BORDER_CONSTANT)
    scores = np.asarray(cv2.matchTemplate(padded, was, cv2.TM_CCORR) / norm, np.float32)
    here = float(scores[rows - 1 : rows + 2, columns - 1 : columns + 2].max())
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    return Alike(here, best, math.hypot(x - columns, y - rows) / was.shape[1], kept)


def alike_within(before: Floats, outlines: Image, cells: Mask) -> float:
    """Correlation of both maps within these cells (ROWS, COLUMNS); 0 where one of them is flat there."""
    region = cv2.resize(cells.astype(np.uint8), outlines.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    was, now = _soft(before)[region], _soft(outlines)[region]
    if not region.any() or min(was.std(), now.std()) == 0.0:
        return 0.0
    return float(np.corrcoef(was, now)[0, 1])


def _kept(was: Floats, now: Floats, weights: Floats) -> float | None:
    """Share of the parts that show outlines which are where they were; None of too few."""
    shown = _of_parts(weights)
    mean, spread = _moments(was, weights, shown)
    counts = (shown >= _SHOWN) & (spread > _LEAST_SPREAD)
    if counts.sum() < _LEAST_PARTS:
        return None
    best = np.full(shown.shape, -1.0, np.float32)
    for moved in _shaken(now):
        now_mean, now_spread = _moments(moved, weights, shown)
        common = _of_parts(weights * was * moved) / np.maximum(shown, _SHOWN) - mean * now_mean
        best = np.maximum(best, common / np.maximum(spread * now_spread, 1.0))
    return float((best[counts] >= _FOUND).mean())


def _moments(values: Floats, weights: Floats, shown: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each part."""
    share = np.maximum(shown, _SHOWN)
    mean = np.asarray(_of_parts(weights * values) / share, np.float32)
    square = _of_parts(weights * values * values) / share
    return mean, np.asarray(np.sqrt(np.maximum(square - mean * mean, 0.0)), np.float32)


def _of_parts(values: Floats) -> Floats:
    return np.asarray(cv2.resize(values, _PARTS, interpolation=cv2.INTER_AREA), np.float32)


def _shaken(values: Floats) -> Iterator[Floats]:
    for down in _SHAKE:
        for right in _SHAKE:
            yield np.roll(values, (down, right), (0, 1))


def _soft(outlines: np.ndarray) -> Floats:
    return np.asarray(cv2.GaussianBlur(outlines.astype(np.float32), (0, 0), 1.0), np.float32)
