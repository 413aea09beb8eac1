"""Detectors whose graph is an ONNX file, on the processor."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from analytics.detection import Detections
from analytics.detector import DetectorFailed, ModelInfo
from analytics.head import Floats, Head, OutputForm
from analytics.letterbox import PADDING, Letterbox, Stretch
from analytics.model import ModelEntry, ModelRefused, RefusalCode, Runtime, refuse_purpose
from analytics.onnx_graph import with_free_size
from analytics.onnx_session import open_onnx
from analytics.openvino_session import open_openvino
from analytics.output_reader import OutputReader
from analytics.session import Session, SessionFailed, SessionOpener, Tensor, TensorForm
from ingest.frame import Frame, Image, Picture

_OPENERS: Mapping[Runtime, SessionOpener] = {Runtime.ONNXRUNTIME: open_onnx, Runtime.OPENVINO: open_openvino}
_FLOAT_TYPES = (np.float32, np.float16, np.float64)
_COLOUR_PLANES = 3
_IMAGE_RANK = 3


class OnnxDetector:
    """One model on `threads` processor threads. Frames of a batch run one after the other: on a CPU a real batch
    costs as much per picture (field notes, analytics 2.3) and delays the first answer. Used by one thread.

    Models with weights of eight or sixteen bits run as they are; pictures go in as whatever type the input declares.
    `runtime` is the library that runs it, whatever the entry was written for.
    """  # noqa: D205 - one sentence, one thought

    def __init__(
        self,
        entry: ModelEntry,
        path: Path,
        min_score: float,
        threads: int = 1,
        runtime: Runtime = Runtime.ONNXRUNTIME,
    ) -> None:
        self._entry = entry
        self._runtime = runtime
        self._session = _OPENERS[runtime](path, path.read_bytes(), threads)
        refuse_purpose(self._session.words)
        self._reader = OutputReader(entry, min_score)
        self._head = self._reader.head
        self._order = _check_schema(entry, self._session, self._head)
        (declared,) = self._session.inputs
        self._type = declared.type or np.dtype(np.float32)
        self._has_batch = len(declared.sizes) > _IMAGE_RANK
        self._is_free_sized = self._free_size(path, threads)
        self._input = entry.input

    @property
    def model(self) -> ModelInfo:
        """The entry's words."""
        entry = self._entry
        return ModelInfo(entry.name, self._runtime.value, entry.allowed_labels, entry.licence, *self._input)

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """One answer per frame.

        Raises:
            DetectorFailed: the runtime failed or its output is absurd.

        """
        return [self._look(frame) for frame in frames]

    def declared_input(self, picture: Picture) -> Tensor:
        """The picture at the file's declared size, of the type that it declares, as `detect` would feed it."""
        size = self._entry.input
        fit = Stretch(*size) if self._entry.fit == "stretch" else Letterbox(picture.width, picture.height, *size)
        return self._tensor(picture.bgr(fit.fitted), size)

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
            self._session = _OPENERS[self._runtime](path, with_free_size(path), threads)
            trial = (self._entry.input[0], stride)
            blank = np.zeros((trial[1], trial[0], _COLOUR_PLANES), np.uint8)
            self._reader.check(self._infer(self._tensor(blank, trial)), trial)
            fits = True
        except (ModelRefused, DetectorFailed, ValueError):
            fits = False
        if not fits:
            self._session = fixed
        return fits

    def _look(self, frame: Frame) -> Detections:
        fit, size = self._fit(frame.picture)
        outputs = self._infer(self._tensor(frame.picture.bgr(fit.fitted), size))
        return self._reader.read(frame, fit, outputs, size)

    def _fit(self, picture: Picture) -> tuple[Letterbox | Stretch, tuple[int, int]]:
        """How the picture goes into the input, and the input's width and height."""
        if self._entry.fit == "stretch":
            return Stretch(*self._input), self._input
        box, stride = Letterbox(picture.width, picture.height, *self._input), self._head.stride
        return box, box.needed(stride) if self._is_free_sized and stride is not None else self._input

    def _tensor(self, image: Image, size: tuple[int, int]) -> Tensor:
        """The fitted picture as (1, 3, height, width), or without the 1; `size` is the input's width and height."""
        entry, (down, across) = self._entry, image.shape[:2]
        canvas = np.full((size[1], size[0], _COLOUR_PLANES), PADDING, np.uint8)
        canvas[:down, :across] = image
        channels = canvas[:, :, ::-1] if entry.colour == "rgb" else canvas
        if self._type == np.uint8:
            planes = np.ascontiguousarray(channels.transpose(2, 0, 1))
            return planes[None] if self._has_batch else planes
        # Nine times cheaper than OpenCV's blobFromImage.
        tensor = np.ascontiguousarray(channels.transpose(2, 0, 1), np.float32)
        if any(entry.mean):
            tensor -= np.array(entry.mean, np.float32)[:, None, None]
        if entry.scale != 1.0:
            tensor *= np.float32(entry.scale)
        return (tensor[None] if self._has_batch else tensor).astype(self._type, copy=False)

    def _infer(self, tensor: Tensor) -> Sequence[Floats]:
        try:
            outputs = self._session.run(tensor)
        except SessionFailed as error:
            raise DetectorFailed(f"{self._entry.name}: {error}") from error
        return [np.asarray(outputs[place], np.float32) for place in self._order]


def _check_schema(entry: ModelEntry, session: Session, head: Head) -> Sequence[int]:
    """Which of the session's outputs the head wants.

    Raises:
        ModelRefused: SCHEMA, the file is another model than the entry says.

    """
    inputs, outputs = session.inputs, session.outputs
    if len(inputs) != 1 or not _is_picture(inputs[0], entry):
        size = f"{entry.input[1]}, {entry.input[0]}"
        raise ModelRefused(RefusalCode.SCHEMA, f"{entry.file}: input {_told(inputs)}, expected (1, 3, {size})")
    known = all(output.type in _FLOAT_TYPES or _is_whole(output) for output in outputs)
    forms = [OutputForm(output.sizes, _is_whole(output)) for output in outputs]
    order = head.order(forms, entry.input) if known else None
    if order is None:
        expected = head.expects(entry.input)
        raise ModelRefused(RefusalCode.SCHEMA, f"{entry.file}: output {_told(outputs)}, expected {expected}")
    return order


def _is_picture(tensor: TensorForm, entry: ModelEntry) -> bool:
    """Whether type and shape are those of the entry's pictures, with a batch dimension or without."""
    width, height = entry.input
    form = OutputForm(tensor.sizes)
    fits = form.fits((1, _COLOUR_PLANES, height, width)) or form.fits((_COLOUR_PLANES, height, width))
    return fits and (tensor.type in _FLOAT_TYPES or tensor.type == np.uint8)


def _is_whole(tensor: TensorForm) -> bool:
    return tensor.type is not None and tensor.type.kind in "iu"


def _told(tensors: Sequence[TensorForm]) -> str:
    return ", ".join(str(tensor) for tensor in tensors)
