"""The motion gate: whether anything in the picture is worth the detector's time.

The luma is shrunk to about 100 rows, smoothed and compared with a running average of the same camera. What exceeds the
place's own noise, grown by a cell, forms patches. The average follows by media time, so the gate works alike at any
frame rate, and it forgets nothing while frames are skipped.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.geometry import Box
from analytics.settings import GateSettings
from analytics.substance import Change
from ingest.frame import Image

_ROWS = 100
_SMOOTHING = (3, 3)
_GROWTH = np.ones((3, 3), np.uint8)
_NOISE_S = 20.0  # the noise of a camera changes with daylight, not with what passes by
_MAX_THRESHOLD = 60
_MAX_GAIN = 2.0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Motion:
    """What changed: `boxes` of the moving patches, the `share` of the picture they cover.

    `recalibrated` says that nearly everything changed at once (light, infrared switch, a knock): no motion is told,
    and the picture is the new background.
    """

    boxes: tuple[Box, ...] = ()
    share: float = 0.0
    recalibrated: bool = False


class BackgroundModel:
    """The running average of one camera's small luma, and how much each of its cells usually strays from it.

    The threshold is per cell: leaves, water and the edges of a swaying pole grow deaf, a quiet wall stays keen.
    """

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._average: Floats = np.empty((0, 0), np.float32)
        self._noise: Floats = np.empty((0, 0), np.float32)
        self._learnt_s = 0.0
        self.change: Change | None = None  # of the last picture, cell by cell; None where it was a new background

    def observe(self, luma: Image, now_s: float) -> Motion:
        """What differs from the background in this picture, which then becomes part of the background.

        `luma` is (height, width) uint8 of any size; `now_s` is media time in seconds.
        """
        small, self.change = _shrink(luma), None
        if self._average.shape != small.shape:
            self._begin(small, now_s)
            return Motion(recalibrated=True)
        expected = self._expected(small)
        difference = _bytes(cv2.absdiff(small, expected))
        moving = _bytes(cv2.compare(difference, self._thresholds(), cv2.CMP_GT))
        share = cv2.countNonZero(moving) / moving.size
        if share > self._settings.recalibrate_share:
            self._begin(small, now_s)
            return Motion(share=share, recalibrated=True)
        self._learn(small, difference, now_s)
        self.change = Change(small, expected, moving)
        return Motion(_patches(moving, self._settings.min_area), share)

    def reset(self) -> None:
        """Forgets the background: a new epoch may show another picture."""
        self._average = np.empty((0, 0), np.float32)

    def _begin(self, small: Image, now_s: float) -> None:
        self._average, self._learnt_s = small.astype(np.float32), now_s
        if self._noise.shape != small.shape:
            self._noise = np.zeros(small.shape, np.float32)

    def _expected(self, small: Image) -> Image:
        """The background at the exposure of this picture: a white car makes a camera darken all the rest."""
        gain = (_median(small) + 1.0) / (_median(_bytes(cv2.convertScaleAbs(self._average))) + 1.0)
        return _bytes(cv2.convertScaleAbs(self._average, alpha=float(np.clip(gain, 1 / _MAX_GAIN, _MAX_GAIN))))

    def _thresholds(self) -> Image:
        wanted = cv2.convertScaleAbs(self._noise, alpha=self._settings.noise_factor)
        return np.clip(_bytes(wanted), self._settings.min_threshold, _MAX_THRESHOLD)

    def _learn(self, small: Image, difference: Image, now_s: float) -> None:
        elapsed_s, self._learnt_s = max(now_s - self._learnt_s, 0.0), now_s
        cv2.accumulateWeighted(small, self._average, _weight(elapsed_s, self._settings.background_s))
        cv2.accumulateWeighted(difference, self._noise, _weight(elapsed_s, _NOISE_S))


class MotionGate:
    """Open while something moves, and for a moment after, so that tracks can settle."""

    def __init__(self, settings: GateSettings) -> None:
        self._background = BackgroundModel(settings)
        self._hold_s = settings.hold_s
        self._moved_s = -math.inf
        self.moving: tuple[Box, ...] = ()  # the patches of the last picture
        self.is_stirred = False  # by the last picture itself, whatever came before

    @property
    def change(self) -> Change | None:
        """The last picture cell by cell; None where it was a new background."""
        return self._background.change

    def is_open(self, luma: Image, now_s: float) -> bool:
        """Looks at the next picture. A changed scene opens the gate too: nobody knows what it shows."""
        motion = self._background.observe(luma, now_s)
        self.moving, self.is_stirred = motion.boxes, bool(motion.boxes) or motion.recalibrated
        if self.is_stirred:
            self._moved_s = now_s
        return now_s - self._moved_s <= self._hold_s

    def reset(self) -> None:
        """A new epoch: media time starts anew."""
        self._background.reset()
        self._moved_s, self.moving, self.is_stirred = -math.inf, (), False


def _weight(elapsed_s: float, time_constant_s: float) -> float:
    return 1.0 - math.exp(-elapsed_s / time_constant_s)


def gate_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the points that the gate takes of such a picture."""
    return max(round(width * _ROWS / height), 1), _ROWS


def _shrink(luma: Image) -> Image:
    height, width = luma.shape
    size = gate_size(width, height)
    # Nearest neighbour reads only the pixels it keeps; smoothing afterwards costs a hundredth of an area average.
    small = cv2.resize(luma, size, interpolation=cv2.INTER_NEAREST)
    return _bytes(cv2.blur(small, _SMOOTHING))


def _median(values: Image) -> int:
    """The median brightness: what moves covers less than half, so it has no say."""
    counts = cv2.calcHist([values], [0], None, [256], [0, 256]).ravel().cumsum()
    return int(np.searchsorted(counts, counts[-1] / 2))


def _bytes(array: object) -> Image:
    return np.asarray(array, np.uint8)


def _patches(moving: Image, min_area: float) -> tuple[Box, ...]:
    grown = cv2.dilate(moving, _GROWTH)
    outlines, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    height, width = moving.shape
    rectangles = [cv2.boundingRect(outline) for outline in outlines]
    return tuple(
        Box(left / width, top / height, (left + across) / width, (top + down) / height)
        for left, top, across, down in rectangles
        if (across - 2) * (down - 2) >= max(min_area * width * height, 2)  # less the cell grown on each side
    )
