"""From what a model answered to what was detected in a picture, whatever ran the model."""

from collections.abc import Sequence

from analytics.detection import Detections
from analytics.detector import DetectorFailed, DetectorFault
from analytics.head import Candidates, Classes, Floats, OutputAbsurd, OutputMisshaped
from analytics.heads import HEADS
from analytics.letterbox import Letterbox, Stretch
from analytics.model import ModelEntry
from ingest.frame import Frame


class OutputReader:
    """The head of one model and the words of its classes."""

    def __init__(self, entry: ModelEntry, min_score: float) -> None:
        self.head = HEADS[entry.head](Classes.of(entry.labels))
        self._entry = entry
        self._min_score = min_score

    def check(self, outputs: Sequence[Floats], size: tuple[int, int]) -> Candidates:
        """The boxes in the pixels of an input of `size` (width, height).

        Raises:
            DetectorFailed: the outputs are of another model (SHAPE), or no picture's answer (OUTPUT).

        """
        try:
            return self.head.decode(outputs, size, self._min_score)
        except OutputAbsurd as absurd:
            fault = DetectorFault.SHAPE if isinstance(absurd, OutputMisshaped) else DetectorFault.OUTPUT
            raise DetectorFailed(f"{self._entry.name}: {absurd}", fault) from absurd

    def read(
        self, frame: Frame, fit: Letterbox | Stretch, outputs: Sequence[Floats], size: tuple[int, int]
    ) -> Detections:
        """The detections of a frame that went into that input as `fit` says. Raises as `check`."""
        found = self.check(outputs, size)
        return Detections(
            camera_id=frame.camera_id,
            epoch=frame.epoch,
            frame_sequence=frame.sequence,
            boxes=fit.normalise(found.boxes),
            scores=found.scores,
            labels=tuple(self._entry.labels[index] for index in found.classes),
        )
