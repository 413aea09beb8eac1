"""What every detector must keep to."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from analytics.detection import ALLOWED_LABELS
from analytics.detector import Detector
from analytics.model import read_catalogue
from analytics.model_store import find_model, model_folders
from analytics.motion_detector import MotionDetector
from analytics.onnx_detector import OnnxDetector
from analytics.openvino_detector import OpenvinoDetector
from analytics.settings import GateSettings
from analytics.torch_detector import open_torch
from ingest.camera import CameraId
from tests.fakes.detector import ScriptedDetector
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model
from tests.fakes.picture import frame_at
from tests.fakes.torch_program import write_constant_program
from tests.fakes.tracks import box_at


def _scripted(_: Path) -> Detector:
    return ScriptedDetector(lambda _: [(box_at(0.5, 0.5), "person", 0.9)])


def _motion(_: Path) -> Detector:
    return MotionDetector(GateSettings())


def _constant(folder: Path) -> Detector:
    path = write_constant_model(folder / "constant.onnx", silent_output())
    return OnnxDetector(entry_of(path), path, min_score=0.25)


def _yolox(_: Path) -> Detector:
    entry = read_catalogue().entry("yolox-nano")
    return OnnxDetector(entry, find_model(entry, model_folders()), min_score=0.25)


def _on_torch(folder: Path) -> Detector:
    pytest.importorskip("torch", reason="the gpu extra is not installed")
    path = write_constant_program(folder / "constant.pt2", silent_output())
    return open_torch(entry_of(path, runtime="torch"), path, min_score=0.25)


def _ssdlite(_: Path) -> Detector:
    if importlib.util.find_spec("openvino") is None:
        pytest.skip("the openvino extra is not installed")
    entry = read_catalogue().entry("pedestrian-ssdlite")
    folders = model_folders()
    if not any((folder / entry.file).is_file() for folder in folders):
        pytest.skip(f"{entry.file} is in none of the model folders (xueliang models pull)")
    return OpenvinoDetector(entry, find_model(entry, folders), min_score=0.25)


@pytest.fixture(
    params=[_scripted, _motion, _constant, pytest.param(_yolox, marks=pytest.mark.footage), _ssdlite, _on_torch],
    ids=["scripted", "motion", "onnx", "yolox-nano", "pedestrian-ssdlite", "torch"],
)
def detector(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Detector]:
    if request.param is _yolox:
        request.getfixturevalue("footage_dir")
    make: Callable[[Path], Detector] = request.param
    made = make(tmp_path)
    yield made
    made.close()


def _noise(seed: int, width: int = 320, height: int = 180) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def test_each_frame_gets_its_own_answer_in_order(detector: Detector) -> None:
    """Camera, epoch and sequence say which."""
    frames = [frame_at(0.2 * n, _noise(n), camera_id=CameraId(f"c{n}"), epoch=n + 1) for n in range(3)]
    answers = detector.detect(frames)
    told = [(one.camera_id, one.epoch, one.frame_sequence) for one in answers]
    assert told == [(frame.camera_id, frame.epoch, frame.sequence) for frame in frames]


def test_boxes_scores_and_labels_belong_together(detector: Detector) -> None:
    """As many of each, boxes inside the picture and upright, scores from 0 to 1, labels allowed."""
    for seed in range(3):
        (found,) = detector.detect([frame_at(0.2 * seed, _noise(seed, 400, 640))])
        assert found.boxes.shape == (len(found), 4)
        assert found.scores.shape == (len(found),)
        assert (found.boxes.dtype, found.scores.dtype) == (np.float32, np.float32)
        assert ((found.boxes >= 0) & (found.boxes <= 1)).all()
        assert (found.boxes[:, :2] <= found.boxes[:, 2:]).all()
        assert ((found.scores > 0) & (found.scores <= 1)).all()
        assert set(found.labels) <= ALLOWED_LABELS


def test_no_frames_no_answers(detector: Detector) -> None:
    """An empty batch is no failure."""
    assert list(detector.detect([])) == []


def test_the_model_names_itself_and_only_allowed_classes(detector: Detector) -> None:
    """For the page and the metrics."""
    model = detector.model
    assert model.name
    assert model.licence
    assert set(model.labels) <= ALLOWED_LABELS


def test_the_picture_is_left_as_it_was(detector: Detector) -> None:
    """It belongs to other readers too."""
    image = _noise(1)
    before = image.copy()
    detector.detect([frame_at(0.0, image)])
    assert (image == before).all()
