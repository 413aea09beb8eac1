"""Places that diagnosed cameras look at: two real clips, and any number of drawn ones, by even daylight."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from benchmarks.analysed_footage import footage
from ingest.frame import Image
from ingest.virtual_camera.painter import ScenePainter, paint_background
from ingest.virtual_camera.scene import Scene

_EVERY = 4  # of five pictures a second
_EARLIER = 6  # pictures, 4.8 s
_SIZE = (640, 360)
_FRAME_RATE = 2
_LOOP_S = 40.0


class Place(Protocol):
    """What is seen of a place at a moment drawn by the generator."""

    @property
    def name(self) -> str:
        """What the place is called in reports."""
        ...

    def pair(self, rng: random.Random) -> tuple[Image, Image]:
        """A picture some seconds earlier, and the one now: (height, width, 3) uint8, blue first."""
        ...


@dataclass(frozen=True, slots=True)
class FilmedPlace:
    """A clip, played from any moment."""

    name: str
    pictures: Sequence[Image]

    def pair(self, rng: random.Random) -> tuple[Image, Image]:
        """Two pictures of the clip, 4.8 s apart."""
        now = rng.randrange(_EARLIER, len(self.pictures))
        return self.pictures[now - _EARLIER], self.pictures[now]


def filmed(path: Path) -> FilmedPlace:
    """A clip's place.

    Raises:
        IngestError: the file cannot be played.

    """
    pictures = [_scaled(frame.picture.bgr()) for index, frame in enumerate(footage(path)) if index % _EVERY == 0]
    return FilmedPlace(path.stem, pictures)


def _scaled(picture: Image) -> Image:
    height, width = picture.shape[:2]
    size = (_SIZE[0], round(_SIZE[0] * height / width))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


class DrawnPlace:
    """Buildings, ground, posts and trees by seed, with or without figures that cross."""

    def __init__(self, seed: int, *, is_busy: bool) -> None:
        self.name = f"drawn place {seed}{'' if is_busy else ', nobody there'}"
        self._is_busy = is_busy
        self._ground = _paint_place(random.Random(f"place {seed}"), np.random.default_rng(seed))
        count = (4, 2) if is_busy else (0, 0)
        self._scene = Scene(*_SIZE, _FRAME_RATE, _LOOP_S, seed=seed, walker_count=count[0], car_count=count[1])
        self._painter = ScenePainter(self._scene)
        self._bare = paint_background(self._scene)

    def pair(self, rng: random.Random) -> tuple[Image, Image]:
        """Two pictures, 5 s apart."""
        now = rng.randrange(10, self._scene.frame_count)
        return self._at(now - 10), self._at(now)

    def _at(self, index: int) -> Image:
        if not self._is_busy:
            return self._ground
        painted = self._painter.picture(index)
        is_figure = cv2.bitwise_not(cv2.inRange(cv2.absdiff(painted, self._bare), (0, 0, 0), (0, 0, 0)))
        return np.asarray(cv2.copyTo(painted, is_figure, self._ground.copy()), np.uint8)


def _paint_place(rng: random.Random, grains: np.random.Generator) -> Image:
    width, height = _SIZE
    horizon = round(rng.uniform(0.18, 0.38) * height)
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:horizon] = (rng.randint(195, 230), rng.randint(185, 215), rng.randint(170, 205))
    canvas[horizon:] = [rng.randint(85, 150) + shade for shade in (0, rng.randint(0, 12), rng.randint(0, 16))]
    _texture(canvas[horizon:], grains, rng.uniform(3.0, 9.0))
    for _ in range(rng.randint(2, 5)):
        _building(canvas, rng, horizon)
    for _ in range(rng.randint(2, 6)):
        _marking(canvas, rng, horizon)
    for _ in range(rng.randint(1, 4)):
        _tree(canvas, rng, grains, horizon)
    for _ in range(rng.randint(1, 4)):
        x, foot = rng.randrange(width), rng.randint(horizon + 10, height - 1)
        cv2.line(canvas, (x, foot), (x, max(foot - rng.randint(80, 200), 5)), (rng.randint(40, 170),) * 3, 3)
    return canvas


def _texture(area: Image, grains: np.random.Generator, strength: float) -> None:
    """Grain of several sizes, as of gravel and worn paving."""
    height, width = area.shape[:2]
    total = np.zeros((height, width), np.float32)
    for size in (1, 3, 10):
        field = grains.normal(0.0, strength, (height // size + 1, width // size + 1)).astype(np.float32)
        total += cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
    area[:] = (area + total[:, :, None] / 2).clip(0, 255).astype(np.uint8)


def _building(canvas: Image, rng: random.Random, horizon: int) -> None:
    height, width = canvas.shape[:2]
    left, wide = rng.randrange(-40, width - 60), rng.randint(90, 260)
    top, bottom = rng.randint(4, max(horizon - 10, 6)), horizon + rng.randint(5, height // 5)
    wall = (rng.randint(60, 170), rng.randint(70, 180), rng.randint(90, 200))
    cv2.rectangle(canvas, (left, top), (left + wide, bottom), wall, cv2.FILLED)
    step = rng.randint(16, 32)
    for x in range(left + 6, left + wide - step // 2, step):
        for y in range(top + 6, bottom - 14, step):
            cv2.rectangle(canvas, (x, y), (x + step // 2, y + step // 2), (70, 60, 50), cv2.FILLED)


def _marking(canvas: Image, rng: random.Random, horizon: int) -> None:
    height, width = canvas.shape[:2]
    ends = [(rng.randrange(width), rng.randint(horizon, height - 1)) for _ in range(2)]
    cv2.line(canvas, ends[0], ends[1], (rng.randint(190, 235),) * 3, rng.randint(2, 5), cv2.LINE_AA)


def _tree(canvas: Image, rng: random.Random, grains: np.random.Generator, horizon: int) -> None:
    centre, size = (rng.randrange(canvas.shape[1]), horizon + rng.randint(-20, 60)), rng.randint(14, 40)
    for x, y in grains.normal(0.0, size / 2, (60, 2)):
        green = (rng.randint(20, 60), rng.randint(60, 130), rng.randint(20, 70))
        cv2.circle(canvas, (centre[0] + int(x), centre[1] + int(y)), max(size // 7, 2), green, cv2.FILLED)
