"""A detector without a model: what moves is an object of the class `motion`."""

from collections.abc import Sequence

import numpy as np

from analytics.detection import MOTION, Detections
from analytics.detector import ModelInfo
from analytics.geometry import join_near
from analytics.motion import BackgroundModel
from analytics.settings import GateSettings
from analytics.torch_picture import gate_luma
from analytics.unnamed_motion import NEAR, SCORE
from ingest.frame import Frame

_INFO = ModelInfo(
    name="motion", runtime="opencv", labels=(MOTION,), licence="AGPL-3.0-or-later", input_width=0, input_height=0
)


class MotionDetector:
    """Keeps a background of its own per camera, because it sees fewer frames than the gate. Used by one thread."""

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._backgrounds: dict[str, tuple[int, BackgroundModel]] = {}  # by camera: epoch and background

    @property
    def model(self) -> ModelInfo:
        """No file behind it."""
        return _INFO

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """Moving patches, those close to each other joined."""
        return [self._look(frame) for frame in frames]

    def close(self) -> None:
        """Forgets all backgrounds."""
        self._backgrounds.clear()

    def _look(self, frame: Frame) -> Detections:
        motion = self._background(frame).observe(gate_luma(frame.picture), frame.media_time_s)
        joined = join_near(motion.boxes, NEAR)
        boxes = [(box.left, box.top, box.right, box.bottom) for box in joined]
        return Detections(
            camera_id=frame.camera_id,
            epoch=frame.epoch,
            frame_sequence=frame.sequence,
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            scores=np.full(len(boxes), SCORE, np.float32),
            labels=(MOTION,) * len(boxes),
        )

    def _background(self, frame: Frame) -> BackgroundModel:
        epoch, background = self._backgrounds.get(frame.camera_id, (None, None))
        if background is None or epoch != frame.epoch:
            background = BackgroundModel(self._settings)
            self._backgrounds[frame.camera_id] = (frame.epoch, background)
        return background
