"""A detector that sees what a test says."""

from collections.abc import Callable, Sequence

import numpy as np

from analytics.detection import Detections
from analytics.detector import DetectorFailed, ModelInfo
from analytics.geometry import Box
from ingest.frame import Frame

Sighted = tuple[Box, str, float]
Script = Callable[[Frame], Sequence[Sighted]]


def detections_of(frame: Frame, sighted: Sequence[Sighted]) -> Detections:
    """The objects as a detector would tell them."""
    return Detections(
        camera_id=frame.camera_id,
        epoch=frame.epoch,
        frame_sequence=frame.sequence,
        boxes=np.array([(b.left, b.top, b.right, b.bottom) for b, _, _ in sighted], np.float32).reshape(-1, 4),
        scores=np.array([score for _, _, score in sighted], np.float32),
        labels=tuple(label for _, label, _ in sighted),
    )


class ScriptedDetector:
    """Answers from a script; fails while `failing` is set. `batches` holds the cameras of each call."""

    def __init__(self, script: Script = lambda _: ()) -> None:
        self.script = script
        self.failing = False
        self.closed = False
        self.batches: list[tuple[str, ...]] = []

    @property
    def model(self) -> ModelInfo:
        return ModelInfo("scripted", "none", ("person", "car"), "AGPL-3.0-or-later", 0, 0)

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        self.batches.append(tuple(frame.camera_id for frame in frames))
        if self.failing:
            raise DetectorFailed("as the script says")
        return [detections_of(frame, self.script(frame)) for frame in frames]

    def close(self) -> None:
        self.closed = True
