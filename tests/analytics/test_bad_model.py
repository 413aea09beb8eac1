"""Models that answer what no picture can have led to, and files that are no detectors: named, nobody else's trouble."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto
from structlog.testing import capture_logs

from analytics.detection import Outcome
from analytics.detector import Detector, DetectorFailed, DetectorFault
from analytics.head import Classes, OutputMisshaped
from analytics.heads import HEADS
from analytics.inference import PipelinePhase
from analytics.model import ModelEntry, ModelRefused, RefusalCode
from analytics.onnx_detector import OnnxDetector
from analytics.pipeline import AnalysisPipeline
from analytics.reopening_detector import RETRY_MAX_S, RUNS_TO_LOSE, ReopeningDetector
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from ingest.camera import CameraId
from tests.fakes.clock import ManualClock
from tests.fakes.detector import ScriptedDetector
from tests.fakes.onnx_file import ANCHORS, LABELS, entry_of
from tests.fakes.onnx_graph import write_graph
from tests.fakes.picture import frame_at, grey_image
from tests.fakes.tracks import intrusion

_NAN, _INF = float("nan"), float("inf")


def _yolox(**cell: float) -> dict[str, np.ndarray]:
    """One person in one cell, damaged as asked: x, y, width, height (logarithms), objectness, chance."""
    values = {"x": 0.5, "y": 0.5, "width": 0.0, "height": 0.0, "objectness": 1.0, "chance": 0.9} | cell
    output = np.zeros((1, ANCHORS, 5 + len(LABELS)), np.float32)
    output[0, 70, :6] = list(values.values())
    return {"output": output}


def _yolo(**cell: float) -> dict[str, np.ndarray]:
    values = {"x": 40.0, "y": 24.0, "width": 16.0, "height": 16.0, "chance": 0.9} | cell
    output = np.zeros((1, 4 + len(LABELS), ANCHORS), np.float32)
    output[0, :5, 9] = list(values.values())
    return {"output": output}


def _end2end(*row: float) -> dict[str, np.ndarray]:
    return {"output": np.array([[row]], np.float32)}


def _ssd(box: tuple[float, ...] = (0.5, 0.25, 0.75, 0.5), chance: float = 0.9) -> dict[str, np.ndarray]:
    """The unfinished form: background first."""
    chances = np.zeros((1, 5, 1 + len(LABELS)), np.float32)
    chances[0, :, 0], chances[0, 2, 1] = 1.0, chance
    boxes = np.full((1, 5, 4), 0.5, np.float32)
    boxes[0, 2] = box
    return {"boxes": boxes, "chances": chances}


def _finished_ssd(
    box: tuple[float, ...] = (32, 16, 48, 32), score: float = 0.9, number: int = 1
) -> dict[str, np.ndarray]:
    """As torchvision exports it."""
    return {
        "boxes": np.array([box], np.float32),
        "scores": np.array([score], np.float32),
        "labels": np.array([number], np.int64),
    }


def _open(folder: Path, head: str, outputs: dict[str, np.ndarray], **graph: object) -> OnnxDetector:
    path = write_graph(folder / "model.onnx", outputs, **graph)  # type: ignore[arg-type]
    return OnnxDetector(entry_of(path, head=head), path, min_score=0.25)


@pytest.mark.parametrize(
    ("head", "outputs"),
    [
        ("yolox", _yolox()),
        ("yolo", _yolo()),
        ("end2end", _end2end(32, 16, 48, 32, 0.9, 0)),
        ("ssd", _ssd()),
        ("ssd", _finished_ssd()),
        ("ssd", dict(reversed(_finished_ssd().items()))),
    ],
)
def test_the_same_graphs_undamaged_find_the_person(tmp_path: Path, head: str, outputs: dict[str, np.ndarray]) -> None:
    """So that what follows fails for its damage and for nothing else."""
    (found,) = _open(tmp_path, head, outputs).detect([frame_at(0.0, grey_image(width=64, height=64))])
    assert found.labels == ("person",)
    assert found.scores.tolist() == pytest.approx([0.9])


@pytest.mark.parametrize(
    ("head", "outputs"),
    [
        ("yolox", _yolox(x=_NAN)),
        ("yolox", _yolox(objectness=_NAN)),
        ("yolox", _yolox(width=_INF)),
        ("yolox", _yolox(width=11.0)),
        ("yolox", _yolox(x=1e6)),
        ("yolox", _yolox(chance=40.0)),
        ("yolo", _yolo(y=_NAN)),
        ("yolo", _yolo(height=_INF)),
        ("yolo", _yolo(width=-16.0)),
        ("yolo", _yolo(x=1e9)),
        ("yolo", _yolo(chance=2.0)),
        ("end2end", _end2end(_NAN, 16, 48, 32, 0.9, 0)),
        ("end2end", _end2end(48, 16, 32, 32, 0.9, 0)),
        ("end2end", _end2end(32, 16, 48, 32, 0.9, 0.5)),
        ("end2end", _end2end(32, 16, 48, 32, 0.9, -1)),
        ("end2end", _end2end(32, 16, 48, 32, 1.5, 0)),
        ("ssd", _ssd(box=(0.5, 0.25, _NAN, 0.5))),
        ("ssd", _ssd(box=(0.5, 0.25, 0.25, 0.5))),
        ("ssd", _ssd(box=(0, 0, 90, 90))),
        ("ssd", _ssd(chance=7.0)),
        ("ssd", _finished_ssd(box=(32, 16, _INF, 32))),
        ("ssd", _finished_ssd(score=_NAN)),
        ("ssd", _finished_ssd(number=9)),
    ],
)
def test_an_absurd_answer_is_named(tmp_path: Path, head: str, outputs: dict[str, np.ndarray]) -> None:
    """Not a number, infinite, far outside, turned over, surer than certain, of a class that is none."""
    with pytest.raises(DetectorFailed) as failed:
        _open(tmp_path, head, outputs).detect([frame_at(0.0, grey_image(width=64, height=64))])
    assert failed.value.fault is DetectorFault.OUTPUT


@pytest.mark.parametrize(
    ("head", "outputs"),
    [
        ("yolox", {"output": np.zeros((1, ANCHORS, 5 + 7), np.float32)}),
        ("yolo", {"output": np.zeros((1, 4 + 7, ANCHORS), np.float32)}),
        ("ssd", {"boxes": np.zeros((1, 5, 4), np.float32), "chances": np.zeros((1, 5, 9), np.float32)}),
        ("end2end", {"output": np.zeros((1, 300, 7), np.float32)}),
        ("yolo", _yolox()),
        ("yolox", _yolo()),
        ("end2end", _finished_ssd()),
        ("yolox", _ssd()),
        ("ssd", _yolox()),
        ("ssd", {**_finished_ssd(), "masks": np.zeros((1, 8), np.float32)}),
    ],
)
def test_wrong_classes_and_other_heads_are_refused_at_the_start(
    tmp_path: Path, head: str, outputs: dict[str, np.ndarray]
) -> None:
    """By what the file declares, before a picture goes in; the message says what was expected."""
    with pytest.raises(ModelRefused, match="expected") as refused:
        _open(tmp_path, head, outputs)
    assert refused.value.code is RefusalCode.SCHEMA


@pytest.mark.parametrize("head", HEADS)
def test_an_answer_of_another_shape_than_declared_is_named(head: str) -> None:
    """A file may leave its sizes open: then only the answer shows whose it is."""
    damaged = [np.zeros((1, 3, 5), np.float32)] if head != "ssd" else [np.zeros((1, 3, 4)), np.zeros((1, 3, 9))]
    with pytest.raises(OutputMisshaped):
        HEADS[head](Classes.of(LABELS)).decode([values.astype(np.float32) for values in damaged], (64, 64), 0.25)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    """Also when its entry was written from the damaged file itself, as `models add` does."""
    path = write_graph(tmp_path / "model.onnx", _yolox())
    data = path.read_bytes()
    path.write_bytes(data[: max(int(len(data) * share), 1)])
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(entry_of(path), path, min_score=0.25)
    assert refused.value.code in (RefusalCode.UNREADABLE, RefusalCode.SCHEMA)


@pytest.mark.parametrize(
    ("input_type", "dtype"),
    [(TensorProto.FLOAT16, np.float16), (TensorProto.FLOAT, np.float32), (TensorProto.UINT8, None)],
)
def test_pictures_go_in_as_the_type_that_the_model_declares(
    tmp_path: Path, input_type: int, dtype: type | None
) -> None:
    """Half precision answers in half precision; a quantised model may want bytes."""
    outputs = {name: values.astype(dtype or np.float32) for name, values in _yolox().items()}
    detector = _open(tmp_path, "yolox", outputs, input_type=input_type)
    (found,) = detector.detect([frame_at(0.0, grey_image(width=64, height=64))])
    assert found.labels == ("person",)
    assert found.boxes.dtype == np.float32


def test_a_model_that_wants_one_picture_without_a_batch_is_understood(tmp_path: Path) -> None:
    """Torchvision's detectors take (3, height, width)."""
    detector = _open(tmp_path, "ssd", _finished_ssd(), input_shape=(3, 64, 64))
    (found,) = detector.detect([frame_at(0.0, grey_image(width=128, height=64))])
    assert found.boxes.tolist() == [pytest.approx([32 / 64, 16 / 32, 48 / 64, 32 / 32])]


def test_a_stretched_picture_is_mapped_back(tmp_path: Path) -> None:
    """Shares of the input are shares of the picture."""
    path = write_graph(tmp_path / "model.onnx", _ssd())
    detector = OnnxDetector(entry_of(path, head="ssd", fit="stretch"), path, min_score=0.25)
    (found,) = detector.detect([frame_at(0.0, grey_image(width=128, height=64))])
    assert found.boxes.tolist() == [pytest.approx([0.5, 0.25, 0.75, 0.5])]


class _Bench:
    """Cameras before a pipeline whose detector is given."""

    def __init__(self, detector: Detector) -> None:
        self.clock = ManualClock()
        self.alerts: list = []
        self.pipeline = AnalysisPipeline(detector, AnalyticsSettings(), self.clock, self.alerts.append, lambda _: None)

    def play(self, pictures: dict[CameraId, np.ndarray], frames: int) -> None:
        self.pipeline.apply([CameraPlan(camera_id, (intrusion(),)) for camera_id in pictures])
        for _ in range(frames):
            for camera_id, picture in pictures.items():
                self.pipeline.offer(frame_at(self.clock.monotonic_s(), picture, camera_id=camera_id))
            self.pipeline.step(0)
            self.clock.advance(0.2)

    def outcome(self, camera_id: CameraId) -> tuple[int, int, DetectorFault | None]:
        stats = self.pipeline.stats(camera_id)
        return stats.counts[Outcome.ANALYSED], stats.counts[Outcome.FAILED], stats.fault


def test_one_camera_whose_pictures_break_the_model_is_alone_with_it(tmp_path: Path) -> None:
    """Its frames failed, and its state says why; the others are judged, alert, and are told apart in the log."""
    detector = _open(tmp_path, "yolox", _yolox(), poisoned_by_white=True)
    bench, good, bad = _Bench(detector), CameraId("good"), CameraId("bad")
    pictures = {CameraId("other"): grey_image(90, 64, 64), bad: grey_image(255, 64, 64), good: grey_image(120, 64, 64)}
    with capture_logs() as logs:
        bench.play(pictures, frames=6)
    assert bench.outcome(bad) == (0, 6, DetectorFault.OUTPUT)
    for camera_id in pictures.keys() - {bad}:
        analysed, failed, fault = bench.outcome(camera_id)
        assert (analysed >= 3, failed, fault) == (True, 0, None)
    assert {alert.camera_id for alert in bench.alerts} == pictures.keys() - {bad}
    assert bench.pipeline.state.phase is PipelinePhase.RUNNING
    told = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [(entry["event"], entry["camera_id"]) for entry in told] == [("pictures of one camera not judged", bad)]


def test_a_camera_is_well_again_with_its_first_good_picture(tmp_path: Path) -> None:
    """Nothing sticks."""
    bench, camera_id = _Bench(_open(tmp_path, "yolox", _yolox(), poisoned_by_white=True)), CameraId("one")
    with capture_logs():
        bench.play({camera_id: grey_image(255, 64, 64)}, frames=4)
        assert bench.outcome(camera_id)[2] is DetectorFault.OUTPUT
        assert bench.pipeline.state.phase is PipelinePhase.FAILED
        assert bench.pipeline.state.reason is not None
        assert bench.pipeline.state.reason.startswith("detector-output-absurd")
        bench.play({camera_id: grey_image(100, 64, 64)}, frames=1)
    assert bench.outcome(camera_id)[2] is None
    assert bench.pipeline.state.phase is PipelinePhase.RUNNING


class _Frail(ScriptedDetector):
    """Fails as asked."""

    def __init__(self, fault: Callable[[], DetectorFault | None]) -> None:
        super().__init__()
        self.fault = fault
        self.share = 1.0

    def use_share(self, share: float) -> None:
        self.share = share

    def detect(self, frames):  # type: ignore[no-untyped-def]
        fault = self.fault()
        if fault is not None:
            raise DetectorFailed("gone", fault)
        return super().detect(frames)


def test_a_lost_session_is_opened_again_and_keeps_its_size() -> None:
    """At once told as lost, after a second there again, with the share that was asked for meanwhile."""
    clock, opened, now = ManualClock(), [], [None]

    def reopen() -> Detector:
        opened.append(_Frail(lambda: now[0]))
        return opened[-1]

    detector = ReopeningDetector(reopen, clock)
    detector.use_share(0.75)
    now[0] = DetectorFault.LOST
    with capture_logs(), pytest.raises(DetectorFailed):
        detector.detect([frame_at(0.0)])
    assert opened[0].closed
    with pytest.raises(DetectorFailed) as failed:
        detector.detect([frame_at(0.0)])
    assert (failed.value.fault, len(opened)) == (DetectorFault.LOST, 1)
    now[0] = None
    clock.advance(1.1)
    with capture_logs() as logs:
        assert len(detector.detect([frame_at(0.0)])) == 1
    assert (len(opened), opened[1].share) == (2, 0.75)
    assert [entry["event"] for entry in logs] == ["detector opened again"]


def test_a_runtime_that_gives_up_on_everything_counts_as_lost() -> None:
    """One picture that breaks it does not; many in a row do."""
    clock, opened = ManualClock(), []

    def reopen() -> Detector:
        opened.append(_Frail(lambda: DetectorFault.RUN))
        return opened[-1]

    detector = ReopeningDetector(reopen, clock)
    with capture_logs():
        for _ in range(RUNS_TO_LOSE - 1):
            with pytest.raises(DetectorFailed):
                detector.detect([frame_at(0.0)])
        assert not opened[0].closed
        with pytest.raises(DetectorFailed):
            detector.detect([frame_at(0.0)])
    assert opened[0].closed


def test_what_cannot_be_opened_is_tried_ever_more_rarely() -> None:
    """After 1, 2, 4 ... at most 60 seconds; each failure is named."""
    clock, tries = ManualClock(), []
    first = [_Frail(lambda: DetectorFault.LOST)]

    def reopen() -> Detector:
        tries.append(clock.monotonic_s())
        if not first:
            raise ModelRefused(RefusalCode.RUNTIME, "no device")
        return first.pop()

    detector = ReopeningDetector(reopen, clock)
    with capture_logs():
        for _ in range(1500):
            with pytest.raises(DetectorFailed) as failed:
                detector.detect([frame_at(0.0)])
            assert failed.value.fault is DetectorFault.LOST
            clock.advance(0.5)
    waits = np.diff(tries[1:])
    assert waits[0] <= 2.5
    assert waits.max() <= RETRY_MAX_S + 1.0
    assert len(tries) < 25
    detector.close()


def _entry_without_allowed_labels(path: Path) -> ModelEntry:
    return entry_of(path, labels=("kite", "tie", "fork"))


def test_a_model_of_nothing_that_may_be_analysed_is_refused(tmp_path: Path) -> None:
    """The allow-list decides, before a file is opened."""
    path = write_graph(tmp_path / "model.onnx", _yolox())
    with pytest.raises(ValueError, match="none of the labels"):
        _entry_without_allowed_labels(path)
