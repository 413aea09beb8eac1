"""Drawn weather and light: all that changes a picture though nothing of interest is there. Pure, by seed."""

import math
import random
from enum import StrEnum

import cv2
import numpy as np

from ingest.frame import Image
from ingest.virtual_camera.weather_look import STANDARD_SEED, Look, Rain, Sweep, Trees, look_of

_NOISE_FIELDS = 16  # made once and shown in turn, shifted: fresh noise for every picture would cost more than the rest
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
    """Puts one weather on pictures of one size, looking as its seed has it (see `look_of`), with a little noise."""

    def __init__(self, weather: Weather, width: int, height: int, seed: int = STANDARD_SEED) -> None:
        rng = np.random.default_rng(seed)
        sigma = 9.0 if weather is Weather.NOISE else 2.0
        self._weather = weather
        self._seed = seed
        self._look: Look = look_of(seed)
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
                return _rain(lit, self._look.rain, rng)
            case Weather.HEADLIGHTS:
                return _headlights(lit, self._look.sweep, time_s)
            case Weather.SWAYING_TREES:
                return _trees(lit, self._look.trees, time_s)
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


def _rain(canvas: Image, rain: Rain, rng: random.Random) -> Image:
    height, width = canvas.shape[:2]
    for _ in range(int(width * rain.density)):
        x, y = rng.randrange(width), rng.randrange(height)
        length = rng.randint(int(height * rain.shortest), int(height * rain.longest))
        end = (x + int(length * rain.slant), y + length)
        cv2.line(canvas, (x, y), end, (rain.level,) * 3, rain.thickness)
    return canvas


def _headlights(canvas: Image, sweep: Sweep, time_s: float) -> Image:
    """A pool of light, or two, sweeps over the ground; its car stays out of view."""
    height, width = canvas.shape[:2]
    since_s = time_s % sweep.period_s
    if since_s >= sweep.lasts_s:
        return canvas
    glow = np.zeros((height, width), np.float32)
    way = since_s / sweep.lasts_s * 1.4 - 0.2
    middle = (1 - way if sweep.leftwards else way) * width
    axes = (int(width * sweep.across), int(width * sweep.down))
    for lamp in range(sweep.lamps):
        centre = (round(middle + lamp * axes[0] * 1.2), round(sweep.row * height))
        cv2.ellipse(glow, centre, axes, 0, 0, 360, 1.0, cv2.FILLED)
    glow = np.asarray(cv2.GaussianBlur(glow, (0, 0), width * sweep.softness), np.float32)
    return (canvas + sweep.brightness * glow[:, :, None]).clip(0, 255).astype(np.uint8)


def _trees(canvas: Image, trees: Trees, time_s: float) -> Image:
    """Crowns whose branches swing, not quite alike."""
    height, width = canvas.shape[:2]
    swing = trees.swing_at(time_s)
    for number in range(trees.branches):
        side = round(trees.places[-1 - number % len(trees.places)] * width)
        turn = math.sin(2 * math.pi * time_s / (trees.sway_s + 0.17 * number) + number)
        centre = (side + round(turn * swing * width), height // 6 + number * height // 26)
        cv2.circle(canvas, centre, int(height * trees.size), (30, 70 + 5 * number, 35), cv2.FILLED)
    return canvas
