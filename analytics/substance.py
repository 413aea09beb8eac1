"""Which of what moves has substance. Light, rain and leaves move without anything being there.

Only what is told without a name is judged so: a detector that names an object needs no such doubt. Three questions,
each asked of the cells of the small picture in which the gate sees motion:

- **Light** (headlights, a cloud) changes brightness and keeps what the brightness shows: within a few cells it is one
  factor, or one addition, for all. An object brings an outline of its own.
- **Streaks** (rain, snow, cables of a spider) are thin. An object has a core.
- **Leaves** stir where they have stirred all the while: how far each place strays is learnt over minutes, from all that
  known objects do not explain, so that a busy road is not taken for a bush.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.geometry import Box
from ingest.frame import Image

_NEIGHBOURS = (9, 9)  # cells of one light
_CORE = np.ones((4, 4), np.uint8)
_GROWTH = np.ones((3, 3), np.uint8)
_REGROWTH = np.ones((7, 7), np.uint8)
_OUTLINE_STEP = 0.5  # what the neighbours average away of an outline
_OUTLINE_SHARE = 0.25  # of the cells around a patch, so many must show something that light does not
_NEW_S = 3.0  # in a place that nobody has seen before, leaves are not told from what passes
_SPELL_S = 0.3  # shorter ones are a streak of rain
_ABSENT_S = 0.5  # longer ended, a spell is over
_AGAIN_S = 8.0  # anew within this time is to and fro; what passes once and away teaches nothing
_STRAYS_UP_S, _STRAYS_DOWN_S = 1.0, 90.0
_LEAST_CELLS = 2

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Change:
    """One picture as the gate sees it, each (rows, columns) uint8: `small` itself, what was `expected`, what moves.

    `moving` is 255 where the two differ by more than the place's own noise.
    """

    small: Image
    expected: Image
    moving: Image


class Substance:
    """One camera's knowledge of what stirs in its place. Not thread-safe."""

    def __init__(self, min_step: int) -> None:
        self._min_step = min_step
        self._strays: Floats = np.empty((0, 0), np.float32)  # how far each cell strays when it does so again and again
        self._entered_s = self._astray_s = self._left_s = self._strays  # when its spells began and ended
        self._returns: Mask = np.empty((0, 0), np.bool_)  # whether it is astray now as it was a moment ago
        self._begun_s = self._learnt_s = 0.0

    def observe(self, change: Change, now_s: float, known: Iterable[Box]) -> tuple[Box, ...]:
        """The patches that have substance. `known` are the boxes of objects that explain what moves in them."""
        difference = _bytes(cv2.absdiff(change.small, change.expected))
        if self._strays.shape != difference.shape:
            self._begin(difference.shape, now_s)
        is_still = cv2.countNonZero(change.moving) < _LEAST_CELLS
        outlines = np.zeros_like(difference) if is_still else _outlines(change, self._min_step * _OUTLINE_STEP)
        self._learn(difference, _lit(change.moving, outlines), now_s, known)
        moving = _bytes(cv2.bitwise_and(change.moving, self._is_unusual(difference)))
        if now_s - self._begun_s < _NEW_S or cv2.countNonZero(moving) < _LEAST_CELLS:
            return ()
        return _solid(moving, outlines)

    def _is_unusual(self, difference: Image) -> Image:
        usual = cv2.convertScaleAbs(self._strays, alpha=1.0, beta=self._min_step)
        unusual = _bytes(cv2.compare(difference, usual, cv2.CMP_GT))
        unusual[self._returns] = 0
        return unusual

    def _begin(self, shape: tuple[int, ...], now_s: float) -> None:
        self._strays, self._learnt_s = np.zeros(shape, np.float32), now_s
        self._begun_s = now_s
        self._entered_s = np.full(shape, now_s, np.float32)
        self._astray_s, self._left_s = self._entered_s.copy(), np.full(shape, -math.inf, np.float32)
        self._returns = np.zeros(shape, np.bool_)

    def _learn(self, difference: Image, lit: Mask, now_s: float, known: Iterable[Box]) -> None:
        elapsed_s, self._learnt_s = max(now_s - self._learnt_s, 0.0), now_s
        astray = (difference > self._min_step) & ~lit
        for box in known:
            astray[_cells(box, astray.shape)] = False
        entered = astray & (now_s - self._astray_s > max(_ABSENT_S, 1.5 * elapsed_s))
        lasted = entered & (self._astray_s - self._entered_s >= _SPELL_S)  # a streak of rain is no spell
        self._left_s[lasted] = self._astray_s[lasted]
        self._entered_s[entered] = now_s
        self._astray_s[astray] = now_s
        self._returns = astray & (self._entered_s - self._left_s < _AGAIN_S)
        off = difference - self._strays
        up = _weight(elapsed_s, _STRAYS_UP_S) * self._returns
        self._strays += (np.where(off > 0, up, _weight(elapsed_s, _STRAYS_DOWN_S)) * off).astype(np.float32)

    @property
    def begun_s(self) -> float:
        """When it began to learn the place."""
        return self._begun_s

    def reset(self) -> None:
        """Forgets the place."""
        self._strays = np.empty((0, 0), np.float32)


def _outlines(change: Change, least: float) -> Image:
    """Not 0 where the picture shows what no light makes of the expected one, neither by a factor nor by an addition."""
    small, expected = change.small.astype(np.float32), change.expected.astype(np.float32)
    mean, usual = cv2.blur(small, _NEIGHBOURS), cv2.blur(expected, _NEIGHBOURS)
    by_addition = cv2.absdiff(small, expected + (mean - usual))
    by_factor = cv2.absdiff(small, expected * (mean + 1.0) / (usual + 1.0))
    return _bytes(np.minimum(by_addition, by_factor) > least)


def _lit(moving: Image, outlines: Image) -> Mask:
    """The cells of patches that are light as a whole: light that comes again is no leaf, and hides no figure."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(moving, _GROWTH), connectivity=8)
    shown = np.bincount(labels[outlines > 0], minlength=count)
    least = _OUTLINE_SHARE * 2 * (stats[:, cv2.CC_STAT_WIDTH] + stats[:, cv2.CC_STAT_HEIGHT])
    is_light = shown < least
    is_light[0] = False  # what does not move
    return np.asarray(is_light[labels], np.bool_)


def _solid(moving: Image, outlines: Image) -> tuple[Box, ...]:
    """The patches with a core whose surroundings show enough of an outline."""
    # What reaches out of the picture is as thin as it looks, not continued beyond.
    core = cv2.morphologyEx(moving, cv2.MORPH_OPEN, _CORE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    whole = cv2.dilate(cv2.bitwise_and(cv2.dilate(core, _REGROWTH), moving), _GROWTH)
    contours, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    height, width = moving.shape
    found = []
    for left, top, across, down in map(cv2.boundingRect, contours):
        inside = outlines[top : top + down, left : left + across]
        if cv2.countNonZero(inside) >= _OUTLINE_SHARE * 2 * (across + down):
            found.append(Box(left / width, top / height, (left + across) / width, (top + down) / height))
    return tuple(found)


def _cells(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    height, width = shape
    return (
        slice(int(box.top * height), math.ceil(box.bottom * height)),
        slice(int(box.left * width), math.ceil(box.right * width)),
    )


def _bytes(array: object) -> Image:
    return np.asarray(array, np.uint8)


def _weight(elapsed_s: float, time_constant_s: float) -> float:
    return 1.0 - math.exp(-elapsed_s / time_constant_s)
