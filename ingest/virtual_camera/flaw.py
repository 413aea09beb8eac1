"""What a spoilt picture looks like: the flaws that a virtual camera can show. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import cv2
import numpy as np
from numpy.random import Generator

from ingest.frame import Image


class Flaw(StrEnum):
    """What is wrong with every picture."""

    BLACK = "black"
    """As dark as a lens cap, with a sensor's noise."""
    BRIGHT = "bright"
    """Washed out, most of it clipped to white."""
    BLUR = "blur"
    """Far out of focus."""
    COVER = "cover"
    """Something dark and plain stands before three quarters of the lens."""
    CAST = "cast"
    """All of it is tinted."""
    SNOW = "snow"
    """A fifth of its pixels is noise, another in every picture."""
    STRIPES = "stripes"
    """Bright and dark bars lie across, and wander."""
    SHIFT = "shift"
    """The camera points elsewhere: an eighth of the width to the side, a tenth of the height down, and tilted."""


_DARK, _LIFT, _GAIN = 14, 120, 2.0
_COVERED, _COVER_LEVEL = 3 / 4, 38
_TINT_BGR = (0.45, 1.25, 0.55)
_SNOW_SHARE = 0.2
_BARS, _BAR_LEVEL = 14, 70
_SIDEWAYS, _DOWN, _TILT_DEG = 1 / 8, 1 / 10, 4.0


def spoil(picture: Image, flaw: Flaw, chance: Generator) -> Image:
    """The picture ((height, width, 3) uint8, blue first) with the flaw; `chance` draws what differs each time."""
    return _SPOILERS[flaw](picture, chance)


def _black(picture: Image, chance: Generator) -> Image:
    return chance.integers(_DARK - 3, _DARK + 4, picture.shape[:2], dtype=np.uint8)[..., None].repeat(3, axis=2)


def _bright(picture: Image, _chance: Generator) -> Image:
    return np.asarray((picture * _GAIN + _LIFT).clip(0, 255), np.uint8)


def _blur(picture: Image, _chance: Generator) -> Image:
    side = max(3, picture.shape[1] // 80)
    for _ in range(3):  # three boxes are nearly a Gaussian, and cost the same whatever their size
        picture = np.asarray(cv2.blur(picture, (side, side)), np.uint8)
    return picture


def _cover(picture: Image, chance: Generator) -> Image:
    covered = picture.copy()
    width = round(picture.shape[1] * _COVERED)
    grain = chance.integers(-2, 3, (picture.shape[0], width, 1))
    covered[:, :width] = (_COVER_LEVEL + grain).astype(np.uint8)
    return covered


def _cast(picture: Image, _chance: Generator) -> Image:
    return np.asarray((picture * np.array(_TINT_BGR)).clip(0, 255), np.uint8)


def _snow(picture: Image, chance: Generator) -> Image:
    hit = chance.random(picture.shape[:2]) < _SNOW_SHARE
    noise = chance.integers(0, 256, (*picture.shape[:2], 1), dtype=np.uint8)
    return np.where(hit[..., None], noise, picture).astype(np.uint8)


def _stripes(picture: Image, chance: Generator) -> Image:
    rows = np.arange(picture.shape[0]) / picture.shape[0]
    bars = np.sin(2 * np.pi * (_BARS * rows + chance.random())) * _BAR_LEVEL
    return np.asarray((picture + bars[:, None, None]).clip(0, 255), np.uint8)


def _shift(picture: Image, _chance: Generator) -> Image:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), _TILT_DEG, 1.0)
    matrix[:, 2] += (_SIDEWAYS * width, _DOWN * height)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


_SPOILERS: Mapping[Flaw, Callable[[Image, Generator], Image]] = MappingProxyType(
    {
        Flaw.BLACK: _black,
        Flaw.BRIGHT: _bright,
        Flaw.BLUR: _blur,
        Flaw.COVER: _cover,
        Flaw.CAST: _cast,
        Flaw.SNOW: _snow,
        Flaw.STRIPES: _stripes,
        Flaw.SHIFT: _shift,
    }
)
