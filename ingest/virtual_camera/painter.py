"""Draws a scene, picture by picture."""

import random
from collections.abc import Iterator

import cv2
import numpy as np

from ingest.frame import Image
from ingest.virtual_camera.scene import Box, Figure, Scene, figures
from ingest.virtual_camera.stamp import stamp

_Colour = tuple[int, int, int]
_Pixels = tuple[int, int, int, int]

_HORIZON, _KERB = 0.30, 0.50
_SKIN, _DARK, _GLASS = (40, 60, 170), (40, 35, 35), (120, 100, 80)
_STEPS_PER_S = 1.6


class ScenePainter:
    """The pictures of one loop of a scene: (height, width, 3) uint8, blue first."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._background = paint_background(scene)
        by_depth = sorted(figures(scene), key=lambda figure: max(figure.feet_from[1], figure.feet_to[1]))
        self._figures = tuple((figure, _colour(scene, figure)) for figure in by_depth)

    def pictures(self) -> Iterator[Image]:
        """Every picture of the loop, in order."""
        return (self.picture(index) for index in range(self._scene.frame_count))

    def picture(self, index: int) -> Image:
        """The picture of that number."""
        canvas = self._background.copy()
        time_s = index / self._scene.frame_rate
        for figure, colour in self._figures:
            extent = figure.extent_at(time_s)
            if extent is not None:
                _paint_figure(canvas, figure, colour, self._pixels(extent), time_s)
        if self._scene.noise:
            canvas = _noisy(canvas, self._scene.noise, np.random.default_rng((self._scene.seed, index)))
        if self._scene.has_counter:
            stamp(canvas, index)
        return canvas

    def _pixels(self, extent: Box) -> _Pixels:
        width, height = self._scene.width, self._scene.height
        left, top, right, bottom = extent
        return round(left * width), round(top * height), round(right * width) - 1, round(bottom * height) - 1


def paint_background(scene: Scene) -> Image:
    """The empty scene: sky, road, paved square with a grain that never moves."""
    grain = np.random.default_rng(scene.seed).integers(-6, 7, (scene.height, scene.width, 1))
    canvas = np.empty((scene.height, scene.width, 3), np.int16)
    horizon, kerb = round(_HORIZON * scene.height), round(_KERB * scene.height)
    canvas[:horizon] = (215, 200, 185)
    canvas[horizon:kerb] = (95, 92, 90)
    canvas[kerb:] = (150, 160, 165)
    canvas[kerb:, :: max(8, scene.width // 16)] -= 18
    return (canvas + grain).clip(0, 255).astype(np.uint8)


def _noisy(canvas: Image, steps: int, chance: np.random.Generator) -> Image:
    noise = chance.integers(-steps, steps + 1, (*canvas.shape[:2], 1), np.int16)
    return np.asarray((canvas + noise).clip(0, 255), np.uint8)


def _colour(scene: Scene, figure: Figure) -> _Colour:
    rng = random.Random(scene.seed * 1000 + figure.id)  # noqa: S311 - a picture, not a secret
    strong, weak = rng.randint(190, 255), rng.randint(0, 50)
    return rng.choice(((strong, weak, weak), (weak, weak, strong), (weak, strong, strong), (strong, weak, strong)))


def _paint_figure(canvas: Image, figure: Figure, colour: _Colour, pixels: _Pixels, time_s: float) -> None:
    if figure.label == "car":
        _paint_car(canvas, colour, pixels)
    else:
        _paint_walker(canvas, colour, pixels, phase=(time_s * _STEPS_PER_S + figure.id / 3) % 1)


def _paint_walker(canvas: Image, colour: _Colour, pixels: _Pixels, phase: float) -> None:
    left, top, right, bottom = pixels
    width, height = right - left, bottom - top
    middle, hip, neck = (left + right) // 2, top + height * 6 // 10, top + height * 2 // 10
    swing = round(abs(1 - 2 * phase) * width / 2)
    foot = max(2, width // 5)
    for side in (middle - swing, middle + swing):
        start = min(max(side - foot // 2, left), right - foot)
        leg = np.array([(middle - foot, hip), (middle + foot, hip), (start + foot, bottom), (start, bottom)], np.int32)
        cv2.fillConvexPoly(canvas, leg, _DARK)
    cv2.rectangle(canvas, (left, neck), (right, hip), colour, cv2.FILLED)
    cv2.rectangle(canvas, (middle - width // 4, top), (middle + width // 4, neck), _SKIN, cv2.FILLED)


def _paint_car(canvas: Image, colour: _Colour, pixels: _Pixels) -> None:
    left, top, right, bottom = pixels
    width, height = right - left, bottom - top
    waist = top + height * 45 // 100
    sill = bottom - height // 6
    cv2.rectangle(canvas, (left + width // 5, top), (right - width // 4, waist), _GLASS, cv2.FILLED)
    cv2.rectangle(
        canvas, (left + width // 5, top), (right - width // 4, top + max(1, height // 10)), colour, cv2.FILLED
    )
    cv2.rectangle(canvas, (left, waist), (right, sill), colour, cv2.FILLED)
    for axle in (left + width // 5, right - width // 5):
        radius = bottom - sill
        cv2.circle(canvas, (axle, bottom - radius), radius, _DARK, cv2.FILLED)
