"""The motion gate."""

import numpy as np
import pytest

from analytics.motion import BackgroundModel, MotionGate
from analytics.settings import GateSettings
from ingest.frame import Image

_SETTINGS = GateSettings()


def _scene(seed: int = 1, *, noise: float = 1.0) -> Image:
    """A still scene of blocks, with the sensor noise of one moment."""
    blocks = np.random.default_rng(7).integers(60, 180, (9, 16))
    scene = np.kron(blocks, np.ones((40, 40)))
    return np.clip(scene + np.random.default_rng(seed).normal(0, noise, scene.shape), 0, 255).astype(np.uint8)


def _with_walker(luma: Image, x: int, level: int = 20) -> Image:
    luma[150:240, x : x + 40] = level
    return luma


def test_a_still_scene_closes_the_gate() -> None:
    """After the first look and its hold time nothing moves."""
    gate = MotionGate(_SETTINGS)
    opened = [gate.is_open(_scene(seed), seed * 0.2) for seed in range(20)]
    assert opened[0]
    assert not any(opened[7:])


def test_a_walker_opens_the_gate_and_is_located() -> None:
    """The moving patch covers the walker."""
    model = BackgroundModel(_SETTINGS)
    for seed in range(5):
        model.observe(_scene(seed), seed * 0.2)
    (box,) = model.observe(_with_walker(_scene(6), 300), 1.2).boxes
    assert box.left == pytest.approx(300 / 640, abs=0.02)
    assert box.right == pytest.approx(340 / 640, abs=0.02)
    assert box.bottom == pytest.approx(240 / 360, abs=0.03)


def test_the_gate_stays_open_for_the_hold_time() -> None:
    """Tracks can settle after the motion has ended."""
    gate = MotionGate(_SETTINGS.model_copy(update={"hold_s": 1.0, "background_s": 60.0}))
    for seed in range(10):
        gate.is_open(_scene(seed), seed * 0.2)
    assert gate.is_open(_with_walker(_scene(11), 300), 2.0)
    assert gate.is_open(_scene(12), 2.9)
    assert not gate.is_open(_scene(13), 3.1)


def test_a_change_of_exposure_is_no_motion() -> None:
    """The whole picture a third darker shows nothing that moves."""
    model = BackgroundModel(_SETTINGS)
    for seed in range(5):
        model.observe(_scene(seed), seed * 0.2)
    darker = (_scene(6) * 0.66).astype(np.uint8)
    assert model.observe(darker, 1.2).boxes == ()


def test_another_scene_recalibrates_instead_of_moving() -> None:
    """An infrared switch or a knock makes a new background at once."""
    model = BackgroundModel(_SETTINGS)
    for seed in range(5):
        model.observe(_scene(seed), seed * 0.2)
    turned = 255 - _scene(6)
    assert model.observe(np.roll(turned, 20, axis=1), 1.2).recalibrated
    assert model.observe(np.roll(turned, 20, axis=1), 1.4).boxes == ()


def test_a_place_that_always_flickers_is_learnt() -> None:
    """A flag in the wind opens the gate at first and not for ever; a walker elsewhere still does."""
    model = BackgroundModel(_SETTINGS)
    found = []
    for index in range(600):
        luma = _scene(index)
        luma[:80, :80] += (np.uint8(25), np.uint8(0))[index % 2]
        found.append(bool(model.observe(luma, index * 0.2).boxes))
    assert any(found[:20])
    assert not any(found[-50:])
    assert model.observe(_with_walker(_scene(601), 400), 120.2).boxes


def test_the_background_follows_time_and_not_frames() -> None:
    """An object that stopped has melted into the background after the same seconds at any frame rate."""

    def seconds_until_still(step_s: float) -> float:
        model, now_s = BackgroundModel(_SETTINGS), 0.0
        model.observe(_scene(0, noise=0), now_s)
        while now_s < 120:
            now_s += step_s
            if not model.observe(_with_walker(_scene(0, noise=0), 300), now_s).boxes:
                return now_s
        return now_s

    assert seconds_until_still(0.1) == pytest.approx(seconds_until_still(1.0), rel=0.35)


def test_a_new_picture_size_begins_anew() -> None:
    """A camera may come back with another resolution."""
    model = BackgroundModel(_SETTINGS)
    model.observe(_scene(), 0.0)
    assert model.observe(_scene()[:, :400], 0.2).recalibrated
