"""A drawn scene: figures that cross a square on known paths. Pure: the same scene is the same truth for ever."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, each 0..1 of the picture."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn. `width` and `height` are pixels and even; `has_counter` burns in the frame number (see stamp).

    `noise` is the sensor's, in steps of 0..255 up or down: without it the empty parts of two pictures are the same.
    """

    width: int = 640
    height: int = 360
    frame_rate: int = 10
    duration_s: float = 30.0
    gop_s: float = 2.0
    seed: int = 1
    walker_count: int = 4
    car_count: int = 2
    has_counter: bool = False
    noise: int = 0

    @property
    def frame_count(self) -> int:
        """Pictures in one loop."""
        return max(2, round(self.duration_s * self.frame_rate))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that crosses the picture in a straight line, at even speed.

    `feet_from` and `feet_to` are the points (x, y) on the ground, 0..1 of the picture, at `enters_s` and `leaves_s`;
    they lie outside the picture, so that a figure comes and goes at its edges. `width`, `height` are 0..1 as well.
    """

    id: int
    label: str
    enters_s: float
    leaves_s: float
    feet_from: tuple[float, float]
    feet_to: tuple[float, float]
    width: float
    height: float

    def extent_at(self, time_s: float) -> Box | None:
        """The figure's box, which may reach beyond the picture; None before it enters and after it leaves."""
        if not self.enters_s <= time_s < self.leaves_s:
            return None
        done = (time_s - self.enters_s) / (self.leaves_s - self.enters_s)
        x, y = (start + (end - start) * done for start, end in zip(self.feet_from, self.feet_to, strict=True))
        return x - self.width / 2, y - self.height, x + self.width / 2, y


@dataclass(frozen=True, slots=True)
class TruthBox:
    """Where a figure is seen at one moment. What another figure hides still counts."""

    figure_id: int
    label: str
    box: Box


def figures(scene: Scene) -> tuple[Figure, ...]:
    """All figures of one loop: walkers (label person) in the square, cars (label car) on the road behind it."""
    rng = random.Random(scene.seed)  # noqa: S311 - a picture, not a secret
    walkers = (_walker(rng, number, scene) for number in range(scene.walker_count))
    cars = (_car(rng, scene.walker_count + number, scene) for number in range(scene.car_count))
    return (*walkers, *cars)


def truth_at(scene: Scene, time_s: float) -> tuple[TruthBox, ...]:
    """The visible part of every figure at a time; the scene repeats after its duration."""
    return tuple(_visible(figures(scene), time_s % scene.duration_s))


def _visible(crossing: tuple[Figure, ...], time_s: float) -> Iterator[TruthBox]:
    for figure in crossing:
        extent = figure.extent_at(time_s)
        if extent is None:
            continue
        left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in extent)
        if left < right and top < bottom:
            yield TruthBox(figure.id, figure.label, (left, top, right, bottom))


def _walker(rng: random.Random, number: int, scene: Scene) -> Figure:
    height = rng.uniform(0.22, 0.30)
    width = 0.4 * height * scene.height / scene.width
    feet = rng.uniform(0.62, 0.92), rng.uniform(0.62, 0.92)
    return _crossing(rng, (number, "person"), scene, feet, (width, height))


def _car(rng: random.Random, number: int, scene: Scene) -> Figure:
    height = rng.uniform(0.13, 0.16)
    width = 2.4 * height * scene.height / scene.width
    feet = rng.uniform(0.40, 0.46)
    return _crossing(rng, (number, "car"), scene, (feet, feet), (width, height))


def _crossing(
    rng: random.Random, who: tuple[int, str], scene: Scene, feet: tuple[float, float], size: tuple[float, float]
) -> Figure:
    outside = size[0] / 2
    edges = (-outside, 1.0 + outside) if rng.random() < 1 / 2 else (1.0 + outside, -outside)
    share = rng.uniform(0.4, 0.7) if who[1] == "person" else rng.uniform(0.15, 0.25)
    takes_s = min(scene.duration_s, share * min(scene.duration_s, 30.0))
    enters_s = rng.uniform(0.0, scene.duration_s - takes_s)
    return Figure(
        *who, enters_s, enters_s + takes_s, (edges[0], feet[0]), (edges[1], feet[1]), width=size[0], height=size[1]
    )
