"""Detectors run by ONNX Runtime on the processor."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from analytics.detection import Detections
from analytics.detector import DetectorFailed, DetectorFault, ModelInfo
from analytics.head import Classes, Floats, Head, OutputAbsurd, OutputForm, OutputMisshaped
from analytics.heads import HEADS
from analytics.letterbox import PADDING, Letterbox, Stretch
from analytics.model import ModelEntry, ModelRefused, RefusalCode, refuse_purpose
from analytics.onnx_graph import with_free_size
from ingest.frame import Frame, Image, Picture

_RUNTIME_FAULTS = (RuntimeError, ValueError)  # what ONNX Runtime's own exceptions derive from, and its argument checks
_INPUT_TYPES = MappingProxyType(
    {
        "tensor(float)": np.float32,
        "tensor(float16)": np.float16,
        "tensor(uint8)": np.uint8,
        "tensor(double)": np.float64,
    }
)
_FLOAT_TYPES = frozenset({"tensor(float)", "tensor(float16)", "tensor(double)"})
_WHOLE_TYPES = frozenset({"tensor(int32)", "tensor(int64)", "tensor(uint8)"})
_COLOUR_PLANES = 3
_IMAGE_RANK = 3


class OnnxDetector:
    """One model on `threads` processor threads. Frames of a batch run one after the other: on a CPU a real batch
    costs as much per picture (field notes, analytics 2.3) and delays the first answer. Used by one thread.

    Models with weights of eight or sixteen bits run as they are; pictures go in as whatever type the input declares.
    """  # noqa: D205 - one sentence, one thought

    def __init__(self, entry: ModelEntry, path: Path, min_score: float, threads: int = 1) -> None:
        self._entry = entry
        self._min_score = min_score
        self._session = _open(path, path.read_bytes(), threads)
        refuse_purpose(_own_words(self._session))
        self._head = HEADS[entry.head](Classes.of(entry.labels))
        self._order = _check_schema(entry, self._session, self._head)
        declared = self._session.get_inputs()[0]
        self._input_name, self._type = declared.name, _INPUT_TYPES[declared.type]
        self._has_batch = len(declared.shape) > _IMAGE_RANK
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
        stride = self._head.stride
        if self._is_free_sized and stride is not None:
            width, height = (max(round(side * share / stride), 1) * stride for side in self._entry.input)
            self._input = width, height

    def close(self) -> None:
        """The session frees itself with its last reference."""

    def _free_size(self, path: Path, threads: int) -> bool:
        """Whether the model also takes inputs that are just as tall and wide as the picture needs."""
        fixed, stride = self._session, self._head.stride
        if stride is None:
            return False
        try:
            self._session = _open(path, with_free_size(path), threads)
            trial = (self._entry.input[0], stride)
            blank = np.zeros((trial[1], trial[0], _COLOUR_PLANES), np.uint8)
            self._head.decode(self._infer(self._tensor(blank, trial)), trial, self._min_score)
            fits = True
        except (ModelRefused, DetectorFailed, OutputAbsurd, ValueError):
            fits = False
        if not fits:
            self._session = fixed
        return fits

    def _look(self, frame: Frame) -> Detections:
        fit, size = self._fit(frame.picture)
        outputs = self._infer(self._tensor(frame.picture.bgr(fit.fitted), size))
        try:
            found = self._head.decode(outputs, size, self._min_score)
        except OutputAbsurd as absurd:
            fault = DetectorFault.SHAPE if isinstance(absurd, OutputMisshaped) else DetectorFault.OUTPUT
            raise DetectorFailed(f"{self._entry.name}: {absurd}", fault) from absurd
        return Detections(
            camera_id=frame.camera_id,
            epoch=frame.epoch,
            frame_sequence=frame.sequence,
            boxes=fit.normalise(found.boxes),
            scores=found.scores,
            labels=tuple(self._entry.labels[index] for index in found.classes),
        )

    def _fit(self, picture: Picture) -> tuple[Letterbox | Stretch, tuple[int, int]]:
        """How the picture goes into the input, and the input's width and height."""
        if self._entry.fit == "stretch":
            return Stretch(*self._input), self._input
        box, stride = Letterbox(picture.width, picture.height, *self._input), self._head.stride
        return box, box.needed(stride) if self._is_free_sized and stride is not None else self._input

    def _tensor(self, image: Image, size: tuple[int, int]) -> NDArray[np.generic]:
        """The fitted picture as (1, 3, height, width), or without the 1; `size` is the input's width and height."""
        entry, (down, across) = self._entry, image.shape[:2]
        canvas = np.full((size[1], size[0], _COLOUR_PLANES), PADDING, np.uint8)
        canvas[:down, :across] = image
        channels = canvas[:, :, ::-1] if entry.colour == "rgb" else canvas
        if self._type is np.uint8:
            planes = np.ascontiguousarray(channels.transpose(2, 0, 1))
            return planes[None] if self._has_batch else planes
        # Nine times cheaper than OpenCV's blobFromImage.
        tensor = np.ascontiguousarray(channels.transpose(2, 0, 1), np.float32)
        if any(entry.mean):
            tensor -= np.array(entry.mean, np.float32)[:, None, None]
        if entry.scale != 1.0:
            tensor *= np.float32(entry.scale)
        return (tensor[None] if self._has_batch else tensor).astype(self._type, copy=False)

    def _infer(self, tensor: NDArray[np.generic]) -> Sequence[Floats]:
        try:
            outputs = self._session.run(None, {self._input_name: tensor})
        except _RUNTIME_FAULTS as error:
            raise DetectorFailed(f"{self._entry.name}: {error}") from error
        return [np.asarray(outputs[place], np.float32) for place in self._order]


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


def _check_schema(entry: ModelEntry, session: ort.InferenceSession, head: Head) -> Sequence[int]:
    """Which of the session's outputs the head wants.

    Raises:
        ModelRefused: SCHEMA, the file is another model than the entry says.

    """
    inputs, outputs = session.get_inputs(), session.get_outputs()
    if len(inputs) != 1 or not _is_picture(inputs[0], entry):
        size = f"{entry.input[1]}, {entry.input[0]}"
        raise ModelRefused(RefusalCode.SCHEMA, f"{entry.file}: input {_shapes(inputs)}, expected [1, 3, {size}]")
    known = all(output.type in _FLOAT_TYPES | _WHOLE_TYPES for output in outputs)
    order = head.order([_form(output) for output in outputs], entry.input) if known else None
    if order is None:
        expected = head.expects(entry.input)
        raise ModelRefused(RefusalCode.SCHEMA, f"{entry.file}: output {_shapes(outputs)}, expected {expected}")
    return order


def _is_picture(tensor: ort.NodeArg, entry: ModelEntry) -> bool:
    """Whether type and shape are those of the entry's pictures, with a batch dimension or without."""
    if tensor.type not in _INPUT_TYPES:
        return False
    width, height = entry.input
    form = _form(tensor)
    return form.fits((1, _COLOUR_PLANES, height, width)) or form.fits((_COLOUR_PLANES, height, width))


def _form(tensor: ort.NodeArg) -> OutputForm:
    """As declared; a size that has only a name, or none, is open."""
    sizes = tuple(size if isinstance(size, int) else None for size in tensor.shape)
    return OutputForm(sizes, tensor.type in _WHOLE_TYPES)


def _shapes(tensors: Sequence[ort.NodeArg]) -> str:
    return ", ".join(f"{tensor.shape} {tensor.type}" for tensor in tensors)
