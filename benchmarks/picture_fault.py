"""Scripted faults of a camera, three grades of each: 1 a person notices when asked, 3 nobody overlooks."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from analytics.quality.category import Category
from ingest.frame import Image

GRADES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Fault:
    """A category, how bad, and the look that the seed draws."""

    category: Category
    grade: int
    seed: int

    def spoil(self, picture: Image) -> Image:
        """The picture before the sensor's noise and the encoder, (height, width, 3) uint8, with the fault."""
        before = _BEFORE_SENSOR.get(self.category)
        return picture if before is None else before(picture, self.grade, self._rng())

    def disturb(self, picture: Image, rng: random.Random) -> Image:
        """The picture after the sensor: what the electronics or the line do to it."""
        after = _AFTER_SENSOR.get(self.category)
        return picture if after is None else after(picture, self.grade, rng)

    def _rng(self) -> random.Random:
        return random.Random(f"{self.category} {self.grade} {self.seed}")


Spoiler = Callable[[Image, int, random.Random], Image]


def _dark(picture: Image, grade: int, _: random.Random) -> Image:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=(0.13, 0.06, 0.0)[grade - 1], beta=2), np.uint8)


def _bright(picture: Image, grade: int, _: random.Random) -> Image:
    gain, lift = ((2.2, 70.0), (3.0, 110.0), (5.0, 170.0))[grade - 1]
    return (picture.astype(np.float32) * gain + lift).clip(0, 255).astype(np.uint8)


def _blur(picture: Image, grade: int, _: random.Random) -> Image:
    sigma = picture.shape[1] * (0.0035, 0.007, 0.015)[grade - 1]
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def _occlusion(picture: Image, grade: int, rng: random.Random) -> Image:
    """Something near the lens, out of focus, from one side."""
    height, width = picture.shape[:2]
    share = (0.4, 0.6, 1.0)[grade - 1]
    cover = np.zeros((height, width), np.float32)
    side = rng.randrange(4)
    reach = [(0, 0, width, height * share), (0, height * (1 - share), width, height)]
    reach += [(0, 0, width * share, height), (width * (1 - share), 0, width, height)]
    left, top, right, bottom = (round(edge) for edge in reach[side])
    cv2.rectangle(cover, (left, top), (right, bottom), 1.0, cv2.FILLED)
    if grade < GRADES[-1]:
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), width / 60), np.float32)
    colour = np.array([rng.randint(15, 200) for _ in range(3)], np.float32)
    shade = np.linspace(0.85, 1.1, width, dtype=np.float32)[None, :, None]
    covered = picture * (1 - cover[:, :, None]) + colour * shade * cover[:, :, None]
    return covered.clip(0, 255).astype(np.uint8)


def _cast(picture: Image, grade: int, rng: random.Random) -> Image:
    strength = (0.30, 0.45, 0.7)[grade - 1]
    gains = [1.0, 1.0, 1.0]
    gains[rng.randrange(3)] += strength
    gains[rng.randrange(3)] -= strength * 0.8
    if max(gains) - min(gains) < strength:
        gains[0] -= strength
    return (picture * np.array(gains, np.float32)).clip(0, 255).astype(np.uint8)


def _shift(picture: Image, grade: int, rng: random.Random) -> Image:
    height, width = picture.shape[:2]
    way = (0.07, 0.18, 0.45)[grade - 1] * width
    angle = rng.uniform(0, 2 * np.pi)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-4, 4), 1.0)
    turn[:, 2] += way * np.cos(angle), min(way, height * 0.45) * np.sin(angle)
    return np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


def _loss(picture: Image, grade: int, _: random.Random) -> Image:
    canvas = np.zeros_like(picture)
    canvas[:] = ((170, 20, 10), (112, 112, 112), (0, 0, 0))[grade - 1]
    if grade == 1:
        height, width = canvas.shape[:2]
        place = (round(width * 0.36), height // 2)
        cv2.putText(canvas, "NO SIGNAL", place, cv2.FONT_HERSHEY_SIMPLEX, height / 400, (255, 255, 255), 2, cv2.LINE_AA)
    return canvas


def _snow(picture: Image, grade: int, rng: random.Random) -> Image:
    grains = np.random.default_rng(rng.randrange(1 << 30))
    density = (0.08, 0.16, 0.35)[grade - 1]
    height, width = picture.shape[:2]
    hit = grains.random((height, width), np.float32) < density
    level = grains.integers(0, 256, (height, width), np.uint8)
    return np.asarray(np.where(hit[:, :, None], level[:, :, None], picture), np.uint8)


def _stripes(picture: Image, grade: int, rng: random.Random) -> Image:
    height, width = picture.shape[:2]
    strength = (10.0, 18.0, 40.0)[grade - 1]
    slope = rng.choice(((0.0, 1.0), (1.0, 0.0), (0.7, 0.7), (0.35, 0.94)))
    waves = rng.uniform(12, 34)
    x, y = np.meshgrid(np.arange(width) / width, np.arange(height) / width)
    phase = 2 * np.pi * (waves * (x * slope[0] + y * slope[1]) + rng.random())
    wave = (strength * np.sin(phase)).astype(np.float32)
    return np.asarray((picture + wave[:, :, None]).clip(0, 255), np.uint8)


_BEFORE_SENSOR: Final[Mapping[Category, Spoiler]] = {
    Category.DARK: _dark,
    Category.BRIGHT: _bright,
    Category.BLUR: _blur,
    Category.OCCLUSION: _occlusion,
    Category.CAST: _cast,
    Category.SHIFT: _shift,
}
_AFTER_SENSOR: Final[Mapping[Category, Spoiler]] = {
    Category.LOSS: _loss,
    Category.SNOW: _snow,
    Category.STRIPES: _stripes,
}
