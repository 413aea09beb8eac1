"""What one drawn weather looks like: how dense the rain, how hard the edge of a light, how wild the branches."""

import math
import random
from dataclasses import dataclass

STANDARD_SEED = 1
"""This seed draws the standard looks; every other one draws looks of its own."""


@dataclass(frozen=True, slots=True)
class Rain:
    """Streaks in a picture for each pixel of its width; lengths in shares of the height; `slant` is across by down."""

    density: float = 1 / 6
    shortest: float = 1 / 16
    longest: float = 1 / 7
    slant: float = -0.25
    thickness: int = 1
    level: int = 205


@dataclass(frozen=True, slots=True)
class Sweep:
    """A pool of light that crosses the ground: every `period_s`, for `lasts_s`. Sizes are shares of the width."""

    period_s: float = 20.0
    lasts_s: float = 3.0
    row: float = 0.75
    across: float = 1 / 5
    down: float = 1 / 16
    softness: float = 1 / 24
    brightness: float = 130.0
    leftwards: bool = False
    lamps: int = 1


@dataclass(frozen=True, slots=True)
class Trees:
    """Crowns at places from left (0) to right (1). Sizes are shares of the picture's height, `swing` of its width.

    In gusts the swing falls to `lull` of itself and rises again every `gust_s`.
    """

    places: tuple[float, ...] = (1 / 12, 11 / 12)
    branches: int = 12
    size: float = 1 / 14
    swing: float = 1 / 50
    sway_s: float = 2.3
    gust_s: float = 30.0
    lull: float = 1.0

    def swing_at(self, time_s: float) -> float:
        """How far branches swing at that time."""
        calm = (1 - self.lull) * (1 - math.cos(2 * math.pi * time_s / self.gust_s)) / 2
        return self.swing * (1 - calm)


@dataclass(frozen=True, slots=True)
class Look:
    """One of each."""

    rain: Rain = Rain()
    sweep: Sweep = Sweep()
    trees: Trees = Trees()


def look_of(seed: int) -> Look:
    """The look that the seed draws; the same seed gives the same look."""
    if seed == STANDARD_SEED:
        return Look()
    rng = random.Random(f"look {seed}")  # noqa: S311 - a picture, not a secret
    return Look(_rain(rng), _sweep(rng), _trees(rng))


def _rain(rng: random.Random) -> Rain:
    shortest = rng.uniform(1 / 24, 1 / 10)
    return Rain(
        density=rng.uniform(1 / 30, 1 / 4),
        shortest=shortest,
        longest=shortest * rng.uniform(1.5, 3.0),
        slant=rng.uniform(-0.5, 0.5),
        thickness=rng.choice((1, 1, 2)),
        level=rng.randint(170, 235),
    )


def _sweep(rng: random.Random) -> Sweep:
    across = rng.uniform(1 / 9, 1 / 3.5)
    return Sweep(
        period_s=rng.uniform(8, 30),
        lasts_s=rng.uniform(1.5, 6),
        row=rng.uniform(0.55, 0.9),
        across=across,
        down=across * rng.uniform(0.2, 0.5),
        softness=rng.uniform(1 / 60, 1 / 16),
        brightness=rng.uniform(60, 170),
        leftwards=rng.random() < 1 / 2,
        lamps=rng.choice((1, 2)),
    )


def _trees(rng: random.Random) -> Trees:
    return Trees(
        places=tuple(rng.uniform(0.05, 0.95) for _ in range(rng.randint(1, 3))),
        branches=rng.randint(6, 16),
        size=rng.uniform(1 / 20, 1 / 9),
        swing=rng.uniform(1 / 90, 1 / 25),
        sway_s=rng.uniform(1.2, 4.0),
        gust_s=rng.uniform(15, 90),
        lull=rng.uniform(0.1, 1.0),
    )
