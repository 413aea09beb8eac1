"""A small place with a sensor's noise, and a camera of it that is known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from analytics.quality.baseline import NO_BASELINE, Baseline
from analytics.quality.category import Category
from analytics.quality.finding import Finding
from analytics.quality.judge import judge, reference_of
from analytics.quality.reference import Reference
from analytics.quality.sample import Sample
from ingest.frame import Image

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WIDTH, HEIGHT = 320, 180


def paved_square(seed: int = 5) -> Image:
    """Houses, windows and gravel: (HEIGHT, WIDTH, 3), without noise."""
    rng = np.random.default_rng(seed)
    canvas = np.full((HEIGHT, WIDTH, 3), (140, 146, 150), np.uint8)
    gravel = cv2.resize(rng.normal(0, 14, (HEIGHT // 2, WIDTH // 2, 1)), (WIDTH, HEIGHT))
    canvas = (canvas + gravel[:, :, None]).clip(0, 255).astype(np.uint8)
    for _ in range(26):
        x, y = int(rng.integers(0, WIDTH - 30)), int(rng.integers(0, HEIGHT - 20))
        corner = (x + int(rng.integers(12, 60)), y + int(rng.integers(10, 50)))
        colour = tuple(int(value) for value in rng.integers(40, 220, 3))
        cv2.rectangle(canvas, (x, y), corner, colour, cv2.FILLED)
    return canvas


def noisy(picture: Image, seed: int, sigma: float = 2.0) -> Image:
    """With fresh noise of the sensor."""
    noise = np.random.default_rng(seed).normal(0.0, sigma, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """What has been learnt of a camera in ten days of noons."""

    baseline: Baseline
    reference: Reference | None

    def finding(self, category: Category, sample: Sample) -> Finding:
        """What it says of one picture in one category."""
        judgement = judge(sample, self.baseline, self.reference)
        return next(one for one in judgement.findings if one.category is category)


def known_camera(show: Callable[[int], Sample]) -> KnownCamera:
    """Learns from ten pictures; `show` gives the one of each day, which `day_of` has the time for."""
    baseline, reference = NO_BASELINE, reference_of(show(0))
    for number in range(10):
        baseline = judge(show(number), baseline, reference).baseline
    return KnownCamera(baseline, reference)


def day_of(number: int) -> datetime:
    """The noon of that day."""
    return NOON + timedelta(days=number)


def at_noon(picture: Image, number: int = 20, earlier: Image | None = None) -> Sample:
    """A picture of a noon."""
    return Sample(picture, day_of(number), 12, earlier)
