"""The torch detector on the processor: the same answers as ONNX Runtime, batches by buckets, memory that runs out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.detector import DetectorFailed, DetectorFault
from analytics.model import ModelRefused, RefusalCode
from analytics.onnx_detector import OnnxDetector
from analytics.torch_detector import BUCKETS, TorchDetector, open_torch
from ingest.frame import Frame
from tests.fakes.onnx_file import entry_of, silent_output, write_constant_model
from tests.fakes.picture import frame_at, grey_image
from tests.fakes.torch_program import write_constant_program

torch = pytest.importorskip("torch", reason="the gpu extra is not installed")


def _with_person() -> np.ndarray:
    output = silent_output()
    output[0, 70, :6] = (0.5, 0.5, 0.0, 0.0, 1.0, 0.8)
    return output


def _frames(count: int) -> list[Frame]:
    return [frame_at(0.2 * number, grey_image(number, 128, 64)) for number in range(count)]


class _Model:
    """Remembers what came in; full when more pictures come than it has room for."""

    def __init__(self, room: int = BUCKETS[-1], error: Exception | None = None) -> None:
        self.seen: list[Any] = []
        self.room = room
        self.error = error

    def __call__(self, pictures: Any) -> Any:
        self.seen.append(pictures.clone())
        if self.error is not None:
            raise self.error
        if len(pictures) > self.room:
            raise torch.OutOfMemoryError("no room")
        return torch.from_numpy(_with_person()).expand(len(pictures), -1, -1)


def _detector(tmp_path: Path, model: _Model, **changes: object) -> TorchDetector:
    path = write_constant_model(tmp_path / "any.onnx", silent_output())
    return TorchDetector(entry_of(path, runtime="torch", **changes), model, 0.25)


def test_it_answers_as_onnx_runtime_does(tmp_path: Path) -> None:
    """The same output, the same boxes, from an exported program."""
    script = write_constant_program(tmp_path / "constant.pt2", _with_person())
    graph = write_constant_model(tmp_path / "constant.onnx", _with_person())
    told = open_torch(entry_of(script, runtime="torch"), script, 0.25).detect(_frames(3))
    expected = OnnxDetector(entry_of(graph), graph, 0.25).detect(_frames(3))
    for one, other in zip(told, expected, strict=True):
        assert one.boxes == pytest.approx(other.boxes)
        assert (one.labels, one.frame_sequence) == (other.labels, other.frame_sequence)


@pytest.mark.parametrize(("count", "batches"), [(1, [1]), (3, [4]), (5, [8]), (33, [32, 1])])
def test_batches_are_filled_up_to_a_few_sizes(tmp_path: Path, count: int, batches: list[int]) -> None:
    """One answer for each frame, none for what was filled in."""
    model = _Model()
    assert len(_detector(tmp_path, model).detect(_frames(count))) == count
    assert [len(pictures) for pictures in model.seen] == batches


def test_pictures_are_letterboxed_and_scaled(tmp_path: Path) -> None:
    """At the top left, grey below, channels turned and scaled as the entry says."""
    model, image = _Model(), grey_image(0, 128, 64)
    image[:, :] = (10, 20, 30)
    _detector(tmp_path, model, colour="rgb", scale=0.1, mean=(5.0, 0.0, 0.0)).detect([frame_at(0.0, image)])
    (pictures,) = model.seen
    assert pictures.shape == (1, 3, 64, 64)
    assert pictures[0, :, 0, 0].tolist() == pytest.approx([2.5, 2.0, 1.0])
    assert pictures[0, :, 63, 0].tolist() == pytest.approx([10.9, 11.4, 11.4])


def test_a_full_device_is_named_and_gets_smaller_batches(tmp_path: Path) -> None:
    """Nothing crashes: the batch fails, and the next one fits."""
    model = _Model(room=8)
    detector = _detector(tmp_path, model)
    for _ in range(2):
        with pytest.raises(DetectorFailed) as failed:
            detector.detect(_frames(32))
        assert failed.value.fault is DetectorFault.MEMORY
    assert len(detector.detect(_frames(32))) == 32
    assert [len(pictures) for pictures in model.seen] == [32, 16, 8, 8, 8, 8]


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (RuntimeError("CUDA error: device-side assert triggered"), DetectorFault.LOST),
        (RuntimeError("shapes do not match"), DetectorFault.RUN),
    ],
)
def test_a_lost_device_is_told_from_a_bad_picture(tmp_path: Path, error: Exception, fault: DetectorFault) -> None:
    """One of them is cured by opening the model again."""
    with pytest.raises(DetectorFailed) as failed:
        _detector(tmp_path, _Model(error=error)).detect(_frames(1))
    assert failed.value.fault is fault


def test_another_model_or_no_model_is_refused(tmp_path: Path) -> None:
    """By the answer to a blank picture, whatever the file says of itself."""
    wrong = write_constant_program(tmp_path / "wrong.pt2", np.zeros((1, 300, 6), np.float32))
    with pytest.raises(ModelRefused) as refused:
        open_torch(entry_of(wrong, runtime="torch"), wrong, 0.25)
    assert refused.value.code is RefusalCode.SCHEMA
    text = tmp_path / "text.pt2"
    text.write_text("no archive")
    with pytest.raises(ModelRefused) as refused:
        open_torch(entry_of(text, runtime="torch"), text, 0.25)
    assert refused.value.code is RefusalCode.UNREADABLE
