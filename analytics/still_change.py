"""What has changed in a place and stays so: something stands there that did not, or stands there no longer.

A slow picture of the place is compared with a fast one. Where they differ and nothing moves, the change grows old; what
is old enough is told. Whether something came or went is read off its outline: who stands before a wall has edges that
the bare wall has not.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detection import GONE_OBJECT, LEFT_OBJECT
from analytics.geometry import Box, area_of, overlap_area
from analytics.track import Track, TrackState
from ingest.frame import Image

TELL_S = 3.0
"""A change is told from this age on."""
ABSORB_S = 3600.0
"""A change this old belongs to the place."""
SETTLE_S = 30.0
"""So long a new place is learnt and nothing told: who is in the first picture and leaves is no change."""

_ROWS = 180
_LOOK_S = 0.4  # nothing here is in a hurry, and each look costs half a millisecond
_RECENT_S = 1.0
_PLACE_S = 60.0
_NOISE_S = 20.0
_MIN_STEP = 16.0  # of 256
_NOISE_FACTOR = 5.0
_MAX_GAIN = 2.0
_RECALIBRATE_SHARE = 0.4
_MIN_AREA = 0.0004
_MOST = 32
_SAME = 0.3
_BAND = np.ones((5, 5), np.uint8)

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


class StillChange:
    """One camera's memory of its place. Not thread-safe."""

    def __init__(self) -> None:
        self._place: Floats = np.empty((0, 0), np.float32)
        self._recent = self._noise = self._age_s = self._place
        self._looked_s = self._begun_s = -math.inf
        self._told: tuple[Track, ...] = ()
        self._last_id = 0

    def observe(self, luma: Image, now_s: float) -> Sequence[Track]:
        """The changes that stand now, oldest knowledge half a second old. Their ids are negative and stay theirs.

        `luma` is (height, width) uint8 of any size; `now_s` must not run back. A change of nearly everything (light,
        infrared switch, a turned camera) makes the new picture the place.
        """
        elapsed_s = now_s - self._looked_s
        if elapsed_s < _LOOK_S:
            return self._told
        small = _shrink(luma)
        self._looked_s = now_s
        if self._place.shape != small.shape:
            self._begin(small, now_s)
            return self._told
        self._learn(small, elapsed_s)
        self._told = tuple(self._tell(now_s)) if now_s - self._begun_s >= SETTLE_S else ()
        return self._told

    def reset(self) -> None:
        """Forgets the place."""
        self._place, self._told, self._looked_s = np.empty((0, 0), np.float32), (), -math.inf

    def _begin(self, small: Floats, now_s: float) -> None:
        self._begun_s = now_s
        self._place, self._recent = small.copy(), small.copy()
        self._noise, self._age_s = np.zeros_like(small), np.zeros_like(small)
        self._told = ()

    def _learn(self, small: Floats, elapsed_s: float) -> None:
        stirs = np.abs(small - self._recent)
        self._recent += _weight(elapsed_s, _RECENT_S) * (small - self._recent)
        threshold = np.maximum(_NOISE_FACTOR * self._noise, _MIN_STEP)
        self._noise += _weight(elapsed_s, _NOISE_S) * (np.minimum(stirs, _MIN_STEP) - self._noise)
        gain = float(np.clip((np.median(small) + 1) / (np.median(self._place) + 1), 1 / _MAX_GAIN, _MAX_GAIN))
        differs = np.abs(self._recent - gain * self._place) > threshold
        if differs.mean() > _RECALIBRATE_SHARE:
            self._begin(small, self._looked_s)
            return
        self._grow_older(differs, stirs > threshold, elapsed_s)

    def _grow_older(self, differs: Mask, moves: Mask, elapsed_s: float) -> None:
        # Who walks past makes a change no older, and no younger for longer than it takes to pass.
        step = np.where(moves, -elapsed_s, elapsed_s)
        self._age_s = np.where(differs, np.maximum(self._age_s + step, 0.0), 0.0).astype(np.float32)
        rate = np.where(differs, 0.0, _weight(elapsed_s, _PLACE_S))
        is_settling = self._looked_s - self._begun_s < SETTLE_S
        rate[self._age_s > (TELL_S if is_settling else ABSORB_S)] = 1.0
        self._place += rate.astype(np.float32) * (self._recent - self._place)

    def _tell(self, now_s: float) -> Sequence[Track]:
        old = cv2.morphologyEx((self._age_s >= TELL_S).astype(np.uint8), cv2.MORPH_CLOSE, _BAND)
        count, parts, stats, _ = cv2.connectedComponentsWithStats(old)
        height, width = old.shape
        large = [
            part for part in range(1, count) if stats[part, cv2.CC_STAT_AREA] >= max(_MIN_AREA * height * width, 6)
        ]
        large.sort(key=lambda part: -int(stats[part, cv2.CC_STAT_AREA]))
        return [self._track(parts == part, now_s) for part in large[:_MOST]]

    def _track(self, part: Mask, now_s: float) -> Track:
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        height, width = part.shape
        box = Box(
            float(columns[0] / width),
            float(rows[0] / height),
            float((columns[-1] + 1) / width),
            float((rows[-1] + 1) / height),
        )
        before = next((track for track in self._told if _is_same(track.box, box)), None)
        since_s = now_s - float(self._age_s[part].max())
        if before is None:
            self._last_id -= 1
        return Track(
            id=self._last_id if before is None else before.id,
            label=self._label(part) if before is None else before.label,
            state=TrackState.CONFIRMED,
            box=box,
            score=1.0,
            first_seen_s=since_s if before is None else before.first_seen_s,
            last_seen_s=now_s,
            hit_count=1 if before is None else before.hit_count + 1,
            path=(box.foot,),
            still_since_s=since_s if before is None else before.still_since_s,
        )

    def _label(self, part: Mask) -> str:
        mask = part.astype(np.uint8)
        outline = (cv2.dilate(mask, _BAND) - cv2.erode(mask, _BAND)).astype(bool)
        came = _edges(self._recent)[outline].mean() >= _edges(self._place)[outline].mean()
        return LEFT_OBJECT if came else GONE_OBJECT


def _is_same(one: Box, other: Box) -> bool:
    both = overlap_area(one, other)
    return both > _SAME * (area_of(one) + area_of(other) - both)


def _edges(picture: Floats) -> Floats:
    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _weight(elapsed_s: float, time_constant_s: float) -> float:
    return 1.0 - math.exp(-elapsed_s / time_constant_s)


def _shrink(luma: Image) -> Floats:
    height, width = luma.shape
    size = (max(round(width * _ROWS / height), 1), _ROWS)
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA if height > _ROWS else cv2.INTER_LINEAR)
    return np.asarray(cv2.blur(small, (3, 3)), np.float32)
