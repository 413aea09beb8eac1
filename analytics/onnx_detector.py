"""Detectors run by ONNX Runtime on the processor."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from analytics.detection import Detections
from analytics.detector import DetectorFailed, ModelInfo
from analytics.end_to_end_head import EndToEndHead
from analytics.head import Classes, Head, OutputAbsurd
from analytics.letterbox import PADDING, Letterbox
from analytics.model import ModelEntry, ModelRefused, RefusalCode, refuse_purpose
from analytics.onnx_graph import with_free_size
from analytics.yolo_head import YoloHead
from analytics.yolox_head import YoloxHead
from ingest.frame import Frame, Image

Floats = NDArray[np.float32]

_HEADS: Mapping[str, Callable[[Classes], Head]] = {"yolox": YoloxHead, "yolo": YoloHead, "end2end": EndToEndHead}
_RUNTIME_FAULTS = (RuntimeError, ValueError)  # what ONNX Runtime's own exceptions derive from, and its argument checks


class OnnxDetector:
    """One model on `threads` processor threads. Frames of a batch run one after the other: on a CPU a real batch
    costs as much per picture (field notes, analytics 2.3) and delays the first answer. Used by one thread.
    """  # noqa: D205 - one sentence, one thought

    def __init__(self, entry: ModelEntry, path: Path, min_score: float, threads: int = 1) -> None:
        self._entry = entry
        self._min_score = min_score
        self._session = _open(path, path.read_bytes(), threads)
        refuse_purpose(_own_words(self._session))
        self._head = _HEADS[entry.head](Classes.of(entry.labels))
        _check_schema(entry, self._session, self._head)
        self._input_name = self._session.get_inputs()[0].name
        self._is_free_sized = self._free_size(path, threads)
        self._input = entry.input

    @property
    def model(self) -> ModelInfo:
        """The entry's words."""
        entry = self._entry
        return ModelInfo(entry.name, entry.runtime.value, entry.allowed_labels, entry.licence, *entry.input)

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """One answer per frame.

        Raises:
            DetectorFailed: the runtime failed or its output is absurd.

        """
        return [self._look(frame) for frame in frames]

    def use_share(self, share: float) -> None:
        """Smaller inputs, in whole strides; a model of one fixed size stays as it is."""
        if self._is_free_sized:
            stride = self._head.stride
            width, height = (max(round(side * share / stride), 1) * stride for side in self._entry.input)
            self._input = width, height

    def close(self) -> None:
        """The session frees itself with its last reference."""

    def _free_size(self, path: Path, threads: int) -> bool:
        """Whether the model also takes inputs that are just as tall and wide as the picture needs."""
        fixed = self._session
        try:
            self._session = _open(path, with_free_size(path), threads)
            trial = (self._entry.input[0], self._head.stride)
            self._head.decode(self._infer(np.zeros((1, 3, *trial[::-1]), np.float32)), trial, self._min_score)
            fits = True
        except (ModelRefused, DetectorFailed, OutputAbsurd, ValueError):
            fits = False
        if not fits:
            self._session = fixed
        return fits

    def _look(self, frame: Frame) -> Detections:
        picture = frame.picture
        box = Letterbox(picture.width, picture.height, *self._input)
        size = box.needed(self._head.stride) if self._is_free_sized else self._input
        output = self._infer(self._tensor(picture.bgr(box.fitted), size))
        try:
            found = self._head.decode(output, size, self._min_score)
        except OutputAbsurd as absurd:
            raise DetectorFailed(f"{self._entry.name}: {absurd}") from absurd
        return Detections(
            camera_id=frame.camera_id,
            epoch=frame.epoch,
            frame_sequence=frame.sequence,
            boxes=box.normalise(found.boxes),
            scores=found.scores,
            labels=tuple(self._entry.labels[index] for index in found.classes),
        )

    def _tensor(self, image: Image, size: tuple[int, int]) -> Floats:
        """The fitted picture as (1, 3, height, width) float32; `size` is the input's width and height."""
        down, across = image.shape[:2]
        canvas = np.full((size[1], size[0], 3), PADDING, np.uint8)
        canvas[:down, :across] = image
        channels = canvas[:, :, ::-1] if self._entry.colour == "rgb" else canvas
        # Nine times cheaper than OpenCV's blobFromImage.
        tensor = np.ascontiguousarray(channels.transpose(2, 0, 1), np.float32)[None]
        return tensor if self._entry.scale == 1.0 else tensor * np.float32(self._entry.scale)

    def _infer(self, tensor: Floats) -> Floats:
        try:
            output = self._session.run(None, {self._input_name: tensor})[0]
        except _RUNTIME_FAULTS as error:
            raise DetectorFailed(f"{self._entry.name}: {error}") from error
        return np.asarray(output[0], np.float32)


def _open(path: Path, model: bytes, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads would burn a whole core
    options.log_severity_level = 3  # errors; the runtime's own log goes to stderr past ours
    try:
        return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime documents no exception classes for a file that is no model
        raise ModelRefused(RefusalCode.UNREADABLE, f"{path.name} is no ONNX model: {type(error).__name__}") from error


def _own_words(session: ort.InferenceSession) -> Iterable[str]:
    meta = session.get_modelmeta()
    custom = (text for pair in meta.custom_metadata_map.items() for text in pair)
    tensors = (tensor.name for tensor in (*session.get_inputs(), *session.get_outputs()))
    return (meta.graph_name, meta.description, meta.domain, *custom, *tensors)


def _check_schema(entry: ModelEntry, session: ort.InferenceSession, head: Head) -> None:
    width, height = entry.input
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or not _agrees(inputs[0], [1, 3, height, width]):
        raise ModelRefused(
            RefusalCode.SCHEMA, f"{entry.file}: input {_shapes(inputs)}, expected [1, 3, {height}, {width}]"
        )
    expected = [1, *head.shape(entry.input)]
    if len(outputs) != 1 or not _agrees(outputs[0], expected):
        raise ModelRefused(RefusalCode.SCHEMA, f"{entry.file}: output {_shapes(outputs)}, expected {expected}")


def _agrees(tensor: ort.NodeArg, expected: Sequence[int | None]) -> bool:
    """Whether type and shape fit; a size that file (a name or None) or head leave open fits any."""
    shape = tensor.shape
    sizes = zip(shape, expected, strict=False)
    fits = all(wanted is None or not isinstance(size, int) or size == wanted for size, wanted in sizes)
    return tensor.type == "tensor(float)" and len(shape) == len(expected) and fits


def _shapes(tensors: Sequence[ort.NodeArg]) -> str:
    return ", ".join(f"{tensor.shape} {tensor.type}" for tensor in tensors)
