"""`xueliang models quantize` as a person uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analytics.detector_choice import open_detector
from analytics.model import Runtime
from analytics.model_store import known_models, model_folders
from analytics.settings import AnalyticsSettings
from tests.fakes.bright_finder import write_bright_finder
from tests.fakes.picture import frame_at, grey_image
from vms_api.commands.models import models_app

_DESCRIPTION = """
[models.bright]
runtime = "onnxruntime"
head = "yolox"
input = [64, 64]
layout = "nchw"
colour = "bgr"
scale = 1.0
fit = "letterbox"
licence = "MIT"
labels = ["person", "car", "kite"]
"""
pytestmark = pytest.mark.usefixtures("own_folders")

_CLIP = {"size": (64, 64), "fps": 5, "gop": 5}


def _add(folder: Path, *, loud: float = 1.0) -> None:
    (folder / "bright.toml").write_text(_DESCRIPTION)
    write_bright_finder(folder / "bright.onnx", loud=loud)
    added = CliRunner().invoke(models_app, ["add", str(folder / "bright.toml"), str(folder / "bright.onnx")])
    assert added.exit_code == 0, added.output


def test_a_twin_is_made_judged_declared_and_timed(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    """It stands beside the model, tells how well it agrees, and `bench` says whether it is taken and why."""
    _add(tmp_path)
    made = CliRunner().invoke(models_app, ["quantize", "bright", str(make_clip(**_CLIP, seconds=60.0))])
    assert made.exit_code == 0, made.output
    entry = known_models().entry("bright-int8")
    assert entry.twin is not None
    assert (entry.twin.of, entry.twin.sha256) == ("bright", known_models().entry("bright").sha256)
    assert min(entry.twin.kept, entry.twin.confirmed) >= 0.95
    assert f"{entry.twin.kept:.1%} of {entry.twin.objects} objects kept" in made.output
    assert sorted(path.name for path in (tmp_path / "cache" / "models").iterdir()) == [
        "bright-int8.onnx",
        "bright.onnx",
        "models.toml",
    ]
    timed = CliRunner().invoke(models_app, ["bench", "bright", "--count", "1"])
    assert timed.exit_code == 0, timed.output
    assert "bright-int8" in timed.output
    assert "bright: twin-taken" in timed.output or "bright: twin-not-quicker" in timed.output


def test_the_twin_finds_what_the_model_finds(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    """A picture that is bright all over holds a person in every one of 64 cells, a dark one nothing."""
    _add(tmp_path)
    CliRunner().invoke(models_app, ["quantize", "bright", str(make_clip(**_CLIP, seconds=60.0))])
    twin = open_detector(known_models().entry("bright-int8"), model_folders(), AnalyticsSettings(), Runtime.ONNXRUNTIME)
    for level, count in ((255, 64), (20, 0)):
        (found,) = twin.detect([frame_at(0.0, grey_image(level, 64, 64))])
        assert found.labels == ("person",) * count


def test_a_twin_that_sees_too_little_is_refused_with_the_figure(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    """One channel is ten thousand times as large as the one that matters: 256 steps do not hold both."""
    _add(tmp_path, loud=10_000.0)
    made = CliRunner().invoke(models_app, ["quantize", "bright", str(make_clip(**_CLIP, seconds=60.0))])
    assert made.exit_code == 1
    assert "model-twin-inexact: bright-int8: 0.0% of" in made.output
    assert known_models().twin_of(known_models().entry("bright")) is None
    assert not (tmp_path / "cache" / "models" / "bright-int8.onnx").exists()


@pytest.mark.parametrize("seconds", [5.0, 31.0])
def test_footage_that_says_too_little_is_refused(
    tmp_path: Path, make_clip: Callable[..., Path], seconds: float
) -> None:
    """Too short to keep something apart for judging, or with too few objects in that."""
    _add(tmp_path)
    arguments = ["quantize", "bright", str(make_clip(**_CLIP, seconds=seconds)), "--pictures", "10"]
    made = CliRunner().invoke(models_app, arguments)
    assert made.exit_code == 1
    assert "model-pictures-few" in made.output


def test_what_is_no_footage_is_refused(tmp_path: Path) -> None:
    """A text, as a person's slip."""
    _add(tmp_path)
    (tmp_path / "clip.mp4").write_text("no film")
    made = CliRunner().invoke(models_app, ["quantize", "bright", str(tmp_path / "clip.mp4")])
    assert made.exit_code == 1
    assert "model-pictures-few: clip.mp4" in made.output


def test_only_full_models_in_onnx_are_quantized(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    """A twin has no twin of its own."""
    _add(tmp_path)
    clip = str(make_clip(**_CLIP, seconds=60.0))
    CliRunner().invoke(models_app, ["quantize", "bright", clip])
    again = CliRunner().invoke(models_app, ["quantize", "bright-int8", clip])
    assert again.exit_code == 1
    assert "model-runtime-missing: bright-int8" in again.output
