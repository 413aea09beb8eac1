"""Drawn weather and light: all that changes a picture though nothing of interest is there. Pure, by seed."""

import math
import random
from enum import StrEnum

import cv2
import numpy as np

from ingest.frame import Image

_NOISE_FIELDS = 16  # made once and shown in turn, shifted: fresh noise for every picture would cost more than the rest
_TREE_SWAY_S = 2.3
_NIGHT_LEVEL = 0.35


class Weather(StrEnum):
    """What happens to the picture."""

    CLEAR = "clear"
    NOISE = "noise"
    RAIN = "rain"
    FLICKER = "flicker"
    LIGHT_SWITCH = "light-switch"
    HEADLIGHTS = "headlights"
    SWAYING_TREES = "swaying-trees"
    DAY_AND_NIGHT = "day-and-night"
    INFRARED_SWITCH = "infrared-switch"


class WeatherPainter:
    """Puts one weather on pictures of one size. Every picture gets a little sensor noise besides."""

    def __init__(self, weather: Weather, width: int, height: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        sigma = 9.0 if weather is Weather.NOISE else 2.0
        self._weather = weather
        self._seed = seed
        self._noise = [rng.normal(0.0, sigma, (height, width, 3)).astype(np.int16) for _ in range(_NOISE_FIELDS)]

    def paint(self, picture: Image, time_s: float) -> Image:
        """The picture at that time in this weather; the same time gives the same picture. (height, width, 3) uint8."""
        rng = random.Random(f"{self._seed} {time_s:.3f}")  # noqa: S311 - a picture, not a secret
        painted = self._changed(picture.copy(), time_s, rng)
        grain = np.roll(rng.choice(self._noise), rng.randrange(picture.shape[1]), axis=1)
        return (painted + grain).clip(0, 255).astype(np.uint8)

    def _changed(self, canvas: Image, time_s: float, rng: random.Random) -> Image:
        lit = _lit(canvas, _level(self._weather, time_s))
        match self._weather:
            case Weather.RAIN:
                return _rain(lit, rng)
            case Weather.HEADLIGHTS:
                return _headlights(lit, time_s)
            case Weather.SWAYING_TREES:
                return _trees(lit, time_s)
            case Weather.INFRARED_SWITCH if time_s % 60 >= 30:  # noqa: PLR2004 - half of the period
                return _infrared(lit)
            case _:
                return lit


def _level(weather: Weather, time_s: float) -> float:
    """How bright it is, 1 at noon."""
    match weather:
        case Weather.FLICKER:
            return 1.0 + 0.06 * math.sin(2 * math.pi * 1.7 * time_s)
        case Weather.LIGHT_SWITCH:
            return _NIGHT_LEVEL if time_s % 40 >= 20 else 1.0  # noqa: PLR2004 - half of the period
        case Weather.HEADLIGHTS:
            return _NIGHT_LEVEL
        case Weather.DAY_AND_NIGHT:
            return 0.65 + 0.35 * math.cos(2 * math.pi * time_s / 120)
        case _:
            return 1.0


def _lit(canvas: Image, level: float) -> Image:
    return canvas if level == 1.0 else np.asarray(cv2.convertScaleAbs(canvas, alpha=level), np.uint8)


def _infrared(canvas: Image) -> Image:
    """Grey and flatter, as behind an infrared lamp: what was bright by colour is so no longer."""
    blue = canvas[:, :, 0].astype(np.float32)
    grey = (70 + 0.45 * blue).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _rain(canvas: Image, rng: random.Random) -> Image:
    height, width = canvas.shape[:2]
    for _ in range(width // 6):
        x, y, length = rng.randrange(width), rng.randrange(height), rng.randrange(height // 16, height // 7)
        cv2.line(canvas, (x, y), (x - length // 4, y + length), (205, 205, 205), 1)
    return canvas


def _headlights(canvas: Image, time_s: float) -> Image:
    """Every 20 s a pool of light sweeps over the ground for three seconds; its car stays out of view."""
    height, width = canvas.shape[:2]
    since_s = time_s % 20
    if since_s >= 3:  # noqa: PLR2004 - the length of the sweep
        return canvas
    glow = np.zeros((height, width), np.float32)
    centre = (round((since_s / 3 * 1.4 - 0.2) * width), round(0.75 * height))
    cv2.ellipse(glow, centre, (width // 5, height // 9), 0, 0, 360, 1.0, cv2.FILLED)
    glow = np.asarray(cv2.GaussianBlur(glow, (0, 0), width / 24), np.float32)
    return (canvas + 130 * glow[:, :, None]).clip(0, 255).astype(np.uint8)


def _trees(canvas: Image, time_s: float) -> Image:
    """Two crowns at the sides whose branches swing, not quite alike."""
    height, width = canvas.shape[:2]
    for number in range(12):
        side = width // 12 if number % 2 else width - width // 12
        swing = math.sin(2 * math.pi * time_s / (_TREE_SWAY_S + 0.17 * number) + number)
        centre = (side + round(swing * width / 50), height // 6 + number * height // 26)
        cv2.circle(canvas, centre, height // 14, (30, 70 + 5 * number, 35), cv2.FILLED)
    return canvas
