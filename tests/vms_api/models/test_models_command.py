"""`xueliang models` as a person uses it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.fakes.onnx_file import silent_output, write_constant_model
from vms_api.commands.models import models_app

pytestmark = pytest.mark.usefixtures("own_folders")

_DESCRIPTION = """
[models.mine]
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


def _describe(folder: Path, text: str = _DESCRIPTION) -> list[str]:
    (folder / "mine.toml").write_text(text)
    write_constant_model(folder / "mine.onnx", silent_output())
    return ["add", str(folder / "mine.toml"), str(folder / "mine.onnx")]


def test_the_list_says_what_is_not_here() -> None:
    """On a fresh machine."""
    result = CliRunner().invoke(models_app, ["list"])
    assert result.exit_code == 0
    assert "yolox-nano" in result.output
    assert "not here" in result.output


def test_an_added_model_is_listed_timed_and_replaced(tmp_path: Path) -> None:
    """It is checked by opening it, kept in the cache, and known from then on; adding it again changes nothing."""
    arguments = _describe(tmp_path)
    for _ in range(2):
        result = CliRunner().invoke(models_app, arguments)
        assert (result.exit_code, "mine: added, MIT" in result.output) == (0, True)
    assert str(tmp_path / "cache" / "models" / "mine.onnx") in CliRunner().invoke(models_app, ["list"]).output
    timed = CliRunner().invoke(models_app, ["bench", "mine", "--count", "2"])
    assert timed.exit_code == 0
    assert "mine" in timed.output


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('"kite"', '"kite", "dog"'), "model-schema-mismatch"),
        (('"kite"', '"face"'), "model-purpose-refused"),
        (('"bgr"', '"cmyk"'), "model-entry-invalid"),
        (("[models.mine]", "[models"), "model-unreadable"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_by_its_code(tmp_path: Path, change: tuple[str, str], code: str) -> None:
    """And nothing of it is kept."""
    result = CliRunner().invoke(models_app, _describe(tmp_path, _DESCRIPTION.replace(*change)))
    assert result.exit_code == 1
    assert code in result.output
    assert not (tmp_path / "cache").exists()


def test_an_unknown_name_is_refused() -> None:
    """With the names that there are."""
    result = CliRunner().invoke(models_app, ["pull", "no-such-model"])
    assert result.exit_code == 1
    assert "model-unknown" in result.output
    assert "yolox-nano" in result.output
