"""Light, rain and leaves move without anything being there; a block that drives through them is there."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from analytics.geometry import Box
from analytics.motion import BackgroundModel
from analytics.settings import GateSettings
from analytics.substance import Substance
from ingest.frame import Image

_SETTINGS = GateSettings()
_STEP_S = 0.2
_HEIGHT, _WIDTH = 180, 320

Painter = Callable[[Image, int], None]


def _place() -> Image:
    """A yard of slabs."""
    slabs = np.random.default_rng(7).integers(90, 130, (9, 16)).astype(np.uint8)
    return np.kron(slabs, np.ones((20, 20), np.uint8))


def _watch(paint: Painter, pictures: int, known: tuple[Box, ...] = ()) -> list[tuple[Box, ...]]:
    """What has substance in each picture."""
    model, substance, found = BackgroundModel(_SETTINGS), Substance(_SETTINGS.min_threshold), []
    for index in range(pictures):
        luma = _place()
        paint(luma, index)
        noisy = luma + np.random.default_rng(index).normal(0, 1.0, luma.shape)
        model.observe(noisy.clip(0, 255).astype(np.uint8), index * _STEP_S)
        found.append(() if model.change is None else substance.observe(model.change, index * _STEP_S, known))
    return found


def _block(luma: Image, index: int, *, enters: int = 40) -> None:
    """A dark car that drives to the right, an eighth of the picture wide."""
    left = 4 * (index - enters)
    if left >= 0:
        luma[80:120, left : left + 40] = 30


def _pool_of_light(luma: Image, index: int) -> None:
    """Headlights from outside sweep over the yard."""
    glow = np.zeros(luma.shape, np.float32)
    if index >= 20:
        cv2.ellipse(glow, (8 * (index - 20), 110), (50, 30), 0, 0, 360, 1.0, cv2.FILLED)
    luma[:] = (luma * (1 + 0.9 * cv2.GaussianBlur(glow, (0, 0), 9))).clip(0, 255).astype(np.uint8)


def _rain(luma: Image, index: int) -> None:
    chance = np.random.default_rng(1000 + index)
    for x, y in zip(chance.integers(0, _WIDTH, 50), chance.integers(0, _HEIGHT, 50), strict=True):
        cv2.line(luma, (int(x), int(y)), (int(x) - 4, int(y) + 18), 210, 1)


def _branch(luma: Image, index: int) -> None:
    """A crown of leaves that swings with a period of two and a half seconds."""
    cv2.circle(luma, (160 + round(14 * np.sin(2 * np.pi * index * _STEP_S / 2.5)), 60), 22, 25, cv2.FILLED)


def test_a_block_that_drives_through_has_substance_and_its_place() -> None:
    """In every picture in which it is wholly in view, where it is."""
    found = _watch(_block, 100)
    assert not any(found[:40])
    assert all(found[45:100])
    for index in range(45, 100):
        left = 4 * (index - 40)
        assert any(
            box.left == pytest.approx(left / _WIDTH, abs=0.03)
            and box.right == pytest.approx((left + 40) / _WIDTH, abs=0.03)
            for box in found[index]
        )


def test_light_has_no_substance() -> None:
    """It doubles the brightness of a quarter of the picture, and what it shows stays the same."""
    assert sum(map(bool, _watch(_pool_of_light, 70))) <= 1  # as it leaves the picture


def test_a_block_in_the_light_has_substance() -> None:
    """Headlights and their car."""

    def both(luma: Image, index: int) -> None:
        _block(luma, index)
        _pool_of_light(luma, index)

    assert sum(map(bool, _watch(both, 70)[42:])) >= 20


def test_streaks_have_no_substance_and_hide_no_block() -> None:
    """Fifty in each picture; most pictures show nothing, and the block shows in most of its pictures."""

    def both(luma: Image, index: int) -> None:
        _block(luma, index, enters=60)
        _rain(luma, index)

    found = _watch(both, 100)
    large = [[box for box in boxes if (box.right - box.left) * (box.bottom - box.top) > 0.006] for boxes in found]
    assert sum(map(bool, large[:60])) <= 3
    assert sum(any(0.4 < box.top < 0.5 < box.bottom < 0.75 for box in boxes) for boxes in large[65:]) >= 25


def test_leaves_that_swing_are_learnt_within_one_swing() -> None:
    """From the second time that they are where they were, nothing is told."""
    found = _watch(_branch, 150)
    assert sum(map(bool, found[30:])) <= 6


def test_a_road_is_not_taken_for_a_bush() -> None:
    """Cars one close behind the other, each known: the next one is still seen."""

    def convoy(luma: Image, index: int) -> None:
        for enters in (20, 40, 60, 80, 100, 120):
            _block(luma, index, enters=enters)

    road = (Box(0.0, 0.4, 1.0, 0.7),)
    known, unknown = _watch(convoy, 160, road), _watch(convoy, 160)
    assert sum(map(bool, known[30:160])) >= 90
    assert sum(map(len, known)) > sum(map(len, unknown))


def test_another_picture_size_begins_anew() -> None:
    """A camera may come back with another resolution."""
    substance = Substance(_SETTINGS.min_threshold)
    for shape in ((180, 320), (100, 400)):
        model = BackgroundModel(_SETTINGS)
        for index in range(3):
            model.observe(np.full(shape, 90 + index, np.uint8), index * _STEP_S)
            if model.change is not None:
                assert substance.observe(model.change, index * _STEP_S, ()) == ()


def test_a_figure_is_seen_where_light_has_just_been() -> None:
    """The pool went twice over all of the block's way, the last time a moment ago: it is no leaf that returns.

    In a third of its pictures at least, where the background still glows; it was in none.
    """

    def both(luma: Image, index: int) -> None:
        _block(luma, index, enters=90)
        _pool_of_light(luma, next((index - start for start in (0, 35) if 20 <= index - start < 50), 0))

    found = _watch(both, 115)
    assert sum(any(0.4 < box.top < 0.5 < box.bottom < 0.75 for box in boxes) for boxes in found[95:113]) >= 6
