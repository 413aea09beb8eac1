"""Loss: no picture at all, or the encoder's own "no signal" in its place.

Value: share of the picture without any grain. A sensor always has some, even behind a cap; what an encoder paints has
none, apart from its words. What is held before a lens by day has hardly any, but is shaded. A scene that an encoder has
smoothed to nothing in the dark looks the same, so a dark one is judged by what is usual at that hour.
"""

import cv2
import numpy as np

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, State, judged, unknown
from analytics.quality.sample import Sample
from analytics.quality.view import View

_LIMIT = Limit(0.0, 0.93)
_USUALLY_FLAT = 0.85
BLACK = 24.0  # mean luma
_TONE = 0.005  # of the picture has a luma step that counts as one of its tones
_SHADES, _GAP = 5, 3  # luma steps from the darkest to the brightest tone, and at most between two neighbours
_BOX = np.ones((5, 5), np.uint8)
_STEP = 2  # luma steps within a box that an encoder may put there


def flatness(view: View) -> float:
    """Share of what counts whose neighbourhood differs by no more than an encoder's rounding."""
    spread = np.asarray(cv2.morphologyEx(view.tiles, cv2.MORPH_GRADIENT, _BOX), np.uint8)
    counted = view.tiles_counted
    return float((spread[counted] <= _STEP).mean()) if counted.any() else 0.0


def without_picture(sample: Sample) -> Finding:
    """No picture could be had: what the stream did says whether that is the camera's fault."""
    stream = sample.stream
    if stream is None:
        return unknown(Category.LOSS, "no-picture")
    reason = "no-packets" if stream.packets == 0 else "not-decodable"
    return Finding(Category.LOSS, State.ABNORMAL, 0.0, 1.0, _LIMIT.threshold, None, 1.0, reason)


def judge(case: Case) -> Finding:
    """A flat picture is a loss, unless this camera is as flat at that hour, or nobody knows and it is black."""
    numbers = case.features.numbers
    usual = case.usual("flat")
    finding = judged(Category.LOSS, numbers.flat, _LIMIT, "no-signal")
    if finding.state is State.OK:
        return finding
    if _is_shaded(case.view):
        return unknown(Category.LOSS, "shaded", numbers.flat)
    if usual is not None and usual.mean + 1.5 * usual.spread > _USUALLY_FLAT:
        return unknown(Category.LOSS, "usually-flat", numbers.flat)
    if usual is None and numbers.level < BLACK:
        return unknown(Category.LOSS, "no-baseline", numbers.flat)
    return finding


def _is_shaded(view: View) -> bool:
    """Whether tones run into each other, which those that an encoder paints do not."""
    counts = np.bincount(view.luma[view.counted], minlength=256)
    tones = np.flatnonzero(counts > _TONE * counts.sum())
    return bool(np.ptp(tones) >= _SHADES and np.diff(tones).max() <= _GAP)
