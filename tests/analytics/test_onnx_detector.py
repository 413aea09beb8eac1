"""YOLOX by ONNX Runtime, on files whose output is known."""

from pathlib import Path

import numpy as np
import pytest

from analytics.detector import DetectorFailed
from analytics.model import ModelRefused, RefusalCode
from analytics.onnx_detector import OnnxDetector
from tests.fakes.bright_finder import write_bright_finder
from tests.fakes.onnx_file import ANCHORS, LABELS, SIDE, entry_of, silent_output, write_constant_model
from tests.fakes.picture import frame_at, grey_image

_CELL_OF_STRIDE_16 = 64 + 1 * 4 + 2  # second row, third column: its corner is at (32, 16) input pixels


def _detector(folder: Path, output: np.ndarray) -> OnnxDetector:
    path = write_constant_model(folder / "constant.onnx", output)
    return OnnxDetector(entry_of(path), path, min_score=0.25)


def _with_box(row: int, label: str, score: float, log_size: float = 0.0, shift: float = 0.0) -> np.ndarray:
    output = silent_output()
    output[0, row, :5] = (0.5 + shift, 0.5, log_size, log_size, 1.0)
    output[0, row, 5 + LABELS.index(label)] = score
    return output


def test_a_box_is_decoded_to_its_place(tmp_path: Path) -> None:
    """Centre (2.5, 1.5) cells of 16 pixels, size one cell, in an input that the square picture fills."""
    detector = _detector(tmp_path, _with_box(_CELL_OF_STRIDE_16, "person", 0.8))
    (found,) = detector.detect([frame_at(0.0, grey_image(width=128, height=128))])
    assert found.labels == ("person",)
    assert found.scores.tolist() == pytest.approx([0.8])
    assert found.boxes.tolist() == [pytest.approx([32 / 64, 16 / 64, 48 / 64, 32 / 64])]


def test_a_wide_picture_is_mapped_back_through_the_letterbox(tmp_path: Path) -> None:
    """Twice as wide as high: the picture takes the upper half of the input."""
    detector = _detector(tmp_path, _with_box(_CELL_OF_STRIDE_16, "person", 0.8))
    (found,) = detector.detect([frame_at(0.0, grey_image(width=128, height=64))])
    assert found.boxes.tolist() == [pytest.approx([32 / 64, 16 / 32, 48 / 64, 32 / 32])]


@pytest.mark.parametrize(("label", "score"), [("kite", 0.9), ("person", 0.2)])
def test_other_classes_and_low_scores_are_dropped(tmp_path: Path, label: str, score: float) -> None:
    """The allow-list and the score decide, whatever the model offers."""
    detector = _detector(tmp_path, _with_box(_CELL_OF_STRIDE_16, label, score))
    (found,) = detector.detect([frame_at(0.0)])
    assert len(found) == 0


def test_overlapping_boxes_of_a_family_become_one_and_others_stay(tmp_path: Path) -> None:
    """The better of two persons on one place stays; a car on the same place is another object."""
    output = _with_box(_CELL_OF_STRIDE_16, "person", 0.8, log_size=1.0)
    output += _with_box(_CELL_OF_STRIDE_16 + 1, "person", 0.6, log_size=1.0, shift=-0.9)
    output += _with_box(_CELL_OF_STRIDE_16 + 4, "car", 0.7, log_size=1.0)
    (found,) = _detector(tmp_path, output).detect([frame_at(0.0)])
    assert sorted(found.labels) == ["car", "person"]


@pytest.mark.parametrize("damage", [np.nan, np.inf, 1e30])
def test_an_absurd_output_is_a_failure_and_not_an_empty_picture(tmp_path: Path, damage: float) -> None:
    """Nothing is known about such a frame."""
    output = silent_output()
    output[0, 7, 2] = damage
    with pytest.raises(DetectorFailed):
        _detector(tmp_path, output).detect([frame_at(0.0)])


def _yolo_output() -> np.ndarray:
    return np.zeros((1, 4 + len(LABELS), ANCHORS), np.float32)


def test_a_yolo_box_is_decoded_to_its_place(tmp_path: Path) -> None:
    """Centre and size in input pixels; two boxes on one place are one object, and a kite is none of ours."""
    output = _yolo_output()
    for column, label, score in ((5, "person", 0.8), (6, "person", 0.6), (50, "kite", 0.9)):
        output[0, :4, column] = (40, 24, 16, 16)
        output[0, 4 + LABELS.index(label), column] = score
    path = write_constant_model(tmp_path / "constant.onnx", output)
    detector = OnnxDetector(entry_of(path, head="yolo"), path, min_score=0.25)
    (found,) = detector.detect([frame_at(0.0, grey_image(width=128, height=128))])
    assert found.labels == ("person",)
    assert found.boxes.tolist() == [pytest.approx([32 / 64, 16 / 64, 48 / 64, 32 / 64])]


def test_finished_objects_are_taken_as_they_are(tmp_path: Path) -> None:
    """Corners, score and class; a low score and a class that may not be used are left out."""
    rows = [(32, 16, 48, 32, 0.8, 0), (0, 0, 9, 9, 0.2, 0), (0, 0, 9, 9, 0.9, LABELS.index("kite"))]
    path = write_constant_model(tmp_path / "constant.onnx", np.array([rows], np.float32))
    detector = OnnxDetector(entry_of(path, head="end2end"), path, min_score=0.25)
    (found,) = detector.detect([frame_at(0.0, grey_image(width=128, height=128))])
    assert (found.labels, found.scores.tolist()) == (("person",), [pytest.approx(0.8)])
    assert found.boxes.tolist() == [pytest.approx([32 / 64, 16 / 64, 48 / 64, 32 / 64])]


@pytest.mark.parametrize(
    "row", [(0, 0, 9, 9, np.nan, 0), (0, 0, 1e9, 9, 0.9, 0), (0, 0, 9, 9, 0.9, 7), (0, 0, 9, 9, 3, 0)]
)
def test_an_absurd_object_is_a_failure(tmp_path: Path, row: tuple[float, ...]) -> None:
    """Not a number, beyond any picture, of a class that the model does not have, or surer than certain."""
    path = write_constant_model(tmp_path / "constant.onnx", np.array([[row]], np.float32))
    detector = OnnxDetector(entry_of(path, head="end2end"), path, min_score=0.25)
    with pytest.raises(DetectorFailed):
        detector.detect([frame_at(0.0)])


@pytest.mark.parametrize("damage", [np.nan, 1e6])
def test_an_absurd_yolo_output_is_a_failure(tmp_path: Path, damage: float) -> None:
    """Not a number, or far beyond the input."""
    output = _yolo_output()
    output[0, 2, 7] = damage
    path = write_constant_model(tmp_path / "constant.onnx", output)
    detector = OnnxDetector(entry_of(path, head="yolo"), path, min_score=0.25)
    with pytest.raises(DetectorFailed):
        detector.detect([frame_at(0.0)])


@pytest.mark.parametrize("head", ["yolo", "end2end"])
def test_a_model_of_another_head_is_refused(tmp_path: Path, head: str) -> None:
    """Outputs of YOLOX are no outputs of the others."""
    path = write_constant_model(tmp_path / "constant.onnx", silent_output())
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(entry_of(path, head=head), path, min_score=0.25)
    assert refused.value.code is RefusalCode.SCHEMA


def test_a_model_whose_layers_know_one_size_stays_at_it(tmp_path: Path) -> None:
    """ONNX Runtime gives up on any other: that is found out at opening, and a smaller share changes nothing."""
    path = write_bright_finder(tmp_path / "bright.onnx")
    detector = OnnxDetector(entry_of(path), path, min_score=0.25)
    detector.use_share(0.5)
    (found,) = detector.detect([frame_at(0.0, grey_image(255, width=128, height=64))])
    assert (detector.model.input_width, len(found)) == (SIDE, SIDE * SIDE // 2 // 64)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """Text with the right name."""
    path = tmp_path / "constant.onnx"
    path.write_text("no model")
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(entry_of(path), path, min_score=0.25)
    assert refused.value.code is RefusalCode.UNREADABLE


@pytest.mark.parametrize("changes", [{"labels": ("person", "car")}, {"input": (96, 64)}])
def test_a_schema_that_does_not_fit_the_entry_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    """Number of classes and size of the input."""
    path = write_constant_model(tmp_path / "constant.onnx", silent_output())
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(entry_of(path, **changes), path, min_score=0.25)
    assert refused.value.code is RefusalCode.SCHEMA


def test_an_output_of_other_shape_is_refused(tmp_path: Path) -> None:
    """A model whose boxes are decoded in the graph is another head."""
    path = write_constant_model(tmp_path / "constant.onnx", np.zeros((1, ANCHORS - 1, 8)))
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(entry_of(path), path, min_score=0.25)
    assert refused.value.code is RefusalCode.SCHEMA


@pytest.mark.parametrize("words", [{"task": "face recognition"}, {"head": "re-id"}, {"licence_plate": "cn"}])
def test_a_model_for_persons_or_plates_is_refused(tmp_path: Path, words: dict[str, str]) -> None:
    """The product watches places; the model's own words decide."""
    path = write_constant_model(tmp_path / "constant.onnx", silent_output(), metadata=words)
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(entry_of(path), path, min_score=0.25)
    assert refused.value.code is RefusalCode.PURPOSE
