# ruff: noqa: PLR2004 - shares, hours and colours of a drawing, each used once beside what it draws
"""What a healthy camera goes through: days and nights, seasons, weather, lamps, a lorry that unloads. Drawn by seed."""

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import cv2
import numpy as np

from analytics.quality.grid import Floats
from ingest.frame import Image
from ingest.virtual_camera.weather import Weather, WeatherPainter

_SPARE = 200  # pixels by which the noise can be shifted: fresh noise for each picture would cost more than the rest
_LOOKS = 4  # so many cameras share a look of the rain and of the headlights
_TWILIGHT_H = 0.8
JPEG = (55, 80)
"""Worst and best quality of a healthy camera's coding."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How a place looks at a time. `sun` is 1 by day and 0 by night; shares are 0 to 1."""

    sun: float
    cloud: float
    rain: bool
    fog: float
    snow_on_ground: bool
    snow_falls: bool
    lorry: tuple[float, float, float, float] | None
    headlights: bool
    glare: bool


class DayCourse:
    """One camera's weather and light. The seed draws its place on the year and what its night looks like."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(f"course {seed}")
        self._seed = seed
        self.first_day = datetime(2026, 1, 1) + timedelta(days=rng.randrange(360))  # noqa: DTZ001 - local time
        self.night = ("infrared", "lamps", "dim")[seed % 3]
        self._night_level = {"infrared": 0.75, "lamps": 0.42, "dim": 0.16}[self.night] * rng.uniform(0.85, 1.15)
        self._night_grain = rng.uniform(3.5, 7.5)
        self._lamp = (rng.uniform(0.55, 0.8), rng.uniform(0.85, 0.95), rng.uniform(1.05, 1.2))
        self._shiver = rng.choice((0.0, 0.0, 0.8, 1.6))
        self._grain: Floats | None = None

    def moment(self, at: datetime) -> Moment:
        """How it is at a local time."""
        rng = random.Random(f"day {self._seed} {at.date()}")
        hour = at.hour + at.minute / 60
        rain_from, rain_h = rng.uniform(0, 22), rng.uniform(1, 9)
        is_wet, is_foggy = rng.random() < 0.3, rng.random() < 0.2
        fog_until, fog = rng.uniform(6, 11), rng.uniform(0.3, 0.8)
        lorry_from = rng.uniform(7, 18)
        lorry = (rng.uniform(-0.05, 0.7), rng.uniform(0.3, 0.5), rng.uniform(0.2, 0.34), rng.uniform(0.3, 0.45))
        has_lorry, glare_from, glares = rng.random() < 0.5, rng.uniform(7, 17), rng.random() < 0.3
        is_winter = self.first_day.month in (12, 1, 2)
        week_snow = random.Random(f"snow {self._seed} {at.date().isocalendar().week}").random() < 0.5
        sun = self._sun(at, hour)
        minute = random.Random(f"minute {self._seed} {at:%d %H %M}")
        return Moment(
            sun=sun,
            cloud=self._cloud(at, hour),
            rain=is_wet and not is_winter and rain_from <= hour < rain_from + rain_h,
            fog=fog * min((fog_until - hour) / 2, 1.0) if is_foggy and 3 < hour < fog_until else 0.0,
            snow_on_ground=is_winter and week_snow,
            snow_falls=is_wet and is_winter and rain_from <= hour < rain_from + rain_h,
            lorry=lorry if has_lorry and lorry_from <= hour < lorry_from + 1.0 else None,
            headlights=sun < 0.3 and minute.random() < 0.3,
            glare=glares and sun > 0.5 and glare_from <= hour < glare_from + 0.4,
        )

    def shown(self, picture: Image, at: datetime, rng: random.Random, *, graining: bool = True) -> Image:
        """The place's picture as the camera shows it at a local time."""
        moment = self.moment(at)
        canvas = self._things(picture, moment)
        if moment.rain:
            canvas = self._weathered(canvas, Weather.RAIN, rng)
        canvas = self._lit(canvas, moment)
        if moment.headlights:
            pools = self._weathered(np.zeros_like(canvas), Weather.HEADLIGHTS, rng)
            canvas = np.asarray(cv2.add(canvas, pools), np.uint8)
        if moment.snow_falls:
            _flakes(canvas, rng)
        if self._shiver:
            move = np.array([[1, 0, rng.gauss(0, self._shiver)], [0, 1, rng.gauss(0, self._shiver)]], np.float64)
            moved = cv2.warpAffine(canvas, move, canvas.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
            canvas = np.asarray(moved, np.uint8)
        return self.grained(canvas, moment, rng) if graining else canvas

    def is_infrared(self, at: datetime) -> bool:
        """Whether the filter is swung away at that time."""
        return self.night == "infrared" and self.moment(at).sun < 0.25

    def grained(self, canvas: Image, moment: Moment, rng: random.Random) -> Image:
        """With the sensor's noise, more by night."""
        strength = 1.3 + (self._night_grain - 1.3) * (1.0 - moment.sun)
        height, width = canvas.shape[:2]
        if self._grain is None:
            shape = (height + _SPARE, width + _SPARE, 3)
            self._grain = np.random.default_rng(self._seed).standard_normal(shape, np.float32)
        top, left = rng.randrange(_SPARE), rng.randrange(_SPARE)
        grain = self._grain[top : top + height, left : left + width]
        if rng.randrange(2):
            grain = grain[::-1]
        grained = cv2.scaleAdd(np.ascontiguousarray(grain), strength, canvas.astype(np.float32))
        return np.asarray(cv2.convertScaleAbs(np.maximum(grained, 0.0)), np.uint8)

    def _weathered(self, canvas: Image, weather: Weather, rng: random.Random) -> Image:
        look = self._seed - self._seed % _LOOKS
        return _painter(weather, canvas.shape[1], canvas.shape[0], look).paint(canvas, rng.uniform(0, 500))

    def _sun(self, at: datetime, hour: float) -> float:
        half = 6.0 + 2.6 * math.sin(2 * math.pi * (at.timetuple().tm_yday - 80) / 365)
        return min(max((half - abs(hour - 12.5)) / _TWILIGHT_H + 0.5, 0.0), 1.0)

    def _cloud(self, at: datetime, hour: float) -> float:
        """Wanders smoothly from hour to hour."""
        of = [random.Random(f"cloud {self._seed} {at.date()} {int(hour) + step}").random() for step in (0, 1)]
        share = hour % 1
        return of[0] * (1 - share) + of[1] * share

    def _things(self, picture: Image, moment: Moment) -> Image:
        canvas = picture.copy()
        height, width = canvas.shape[:2]
        if moment.snow_on_ground:
            ground = canvas[height // 3 :].astype(np.float32)
            canvas[height // 3 :] = (ground * 0.35 + 150).clip(0, 240).astype(np.uint8)
        if moment.lorry is not None:
            _lorry(canvas, moment.lorry)
        if moment.fog > 0:
            haze = np.float32(1 - moment.fog)
            canvas = (canvas * haze + np.float32(205) * (1 - haze)).astype(np.uint8)
        if moment.glare:
            glow = np.zeros((height, width), np.float32)
            cv2.circle(glow, (width * 2 // 3, height // 5), width // 9, 1.0, cv2.FILLED)
            soft = np.asarray(cv2.blur(glow, (width // 5, width // 5)), np.float32)
            canvas = (canvas + 230 * soft[:, :, None]).clip(0, 255).astype(np.uint8)
        return canvas

    def _lit(self, canvas: Image, moment: Moment) -> Image:
        if self.night == "infrared" and moment.sun < 0.25:
            height, width = canvas.shape[:2]
            grey = cv2.transform(canvas, np.array([[0.5, 0.2, 0.0]], np.float32)).astype(np.float32)
            lit = grey * (_infrared_lamp(height, width) * np.float32(self._night_level)) + np.float32(12)
            return np.asarray(cv2.cvtColor(lit.clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)
        day = 1.12 - 0.4 * moment.cloud
        level = moment.sun * day + (1 - moment.sun) * self._night_level
        lamp = np.array(self._lamp, np.float32)
        dusk = np.array((1.0, 0.99, 1.03), np.float32) if moment.sun > 0.5 else np.ones(3, np.float32)
        tint = moment.sun * dusk + (1 - moment.sun) * (lamp if self.night == "lamps" else np.ones(3, np.float32))
        return np.asarray(cv2.transform(canvas, np.diag(tint * np.float32(level))), np.uint8)


@cache
def _infrared_lamp(height: int, width: int) -> Floats:
    """Brighter in the middle than in the corners."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return (1.25 - 0.55 * np.hypot(x, y)).astype(np.float32)


@cache
def _painter(weather: Weather, width: int, height: int, seed: int) -> WeatherPainter:
    """Slow to make, so cameras of one size share a few looks."""
    return WeatherPainter(weather, width, height, seed)


def coded(picture: Image, quality: int) -> Image:
    """As it is after an encoder has been at it."""
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def clock_text(canvas: Image, at: datetime) -> None:
    """Burns a camera's clock and name into the picture, as cameras do: the seconds tick."""
    height, width = canvas.shape[:2]
    size = height / 620
    for text, place in (
        (f"{at:%Y-%m-%d %H:%M:%S}", (10, round(height * 0.07))),
        ("Camera 01", (width * 3 // 4, height - 12)),
    ):
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (0, 0, 0), 3, cv2.LINE_AA)
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 1, cv2.LINE_AA)


def _lorry(canvas: Image, extent: tuple[float, float, float, float]) -> None:
    height, width = canvas.shape[:2]
    left, top, wide, tall = (round(share * side) for share, side in zip(extent, (width, height) * 2, strict=True))
    right, bottom = left + wide, top + tall
    cv2.rectangle(canvas, (left, top), (right, bottom), (205, 200, 190), cv2.FILLED)
    cv2.rectangle(canvas, (left, top), (right, bottom), (90, 90, 95), 2)
    for rib in range(left, right, max(wide // 9, 4)):
        cv2.line(canvas, (rib, top), (rib, bottom), (185, 180, 172), 1)
    for axle in (left + wide // 5, right - wide // 5):
        cv2.circle(canvas, (axle, bottom), max(tall // 8, 3), (35, 35, 35), cv2.FILLED)


def _flakes(canvas: Image, rng: random.Random) -> None:
    height, width = canvas.shape[:2]
    for _ in range(rng.randint(150, 400)):
        cv2.circle(
            canvas, (rng.randrange(width), rng.randrange(height)), rng.choice((1, 1, 2, 3)), (225,) * 3, cv2.FILLED
        )
