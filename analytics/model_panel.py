"""Several models at once: the first looks at every camera, a further one where rules want classes that only it knows.

A site with smoke rules on three cameras pays for its smoke model on three cameras.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.detection import Detections
from analytics.detector import Detector, DetectorFailed, DetectorFault, ModelInfo, Shrinking
from analytics.rule import CameraPlan
from ingest.camera import CameraId
from ingest.frame import Frame


@dataclass(frozen=True, slots=True)
class _Further:
    """A model and the classes that nobody before it knows."""

    detector: Detector
    labels: frozenset[str]


class ModelPanel:
    """Implements `Detector`, `Shrinking` and `Following`. Used by one thread."""

    def __init__(self, first: Detector, further: Sequence[Detector]) -> None:
        """In the order of their say: a class is told by the first model that knows it."""
        self._first = first
        known = set(first.model.labels)
        self._further: list[_Further] = []
        for detector in further:
            self._further.append(_Further(detector, frozenset(detector.model.labels) - known))
            known |= set(detector.model.labels)
        self._labels = tuple(sorted(known))
        self._wanted: Mapping[CameraId, frozenset[str]] = {}

    @property
    def model(self) -> ModelInfo:
        """The first one's, with the names and classes of all."""
        names = (self._first.model.name, *(one.detector.model.name for one in self._further))
        return replace(self._first.model, name=" + ".join(names), labels=self._labels)

    def follow(self, plans: Mapping[CameraId, CameraPlan]) -> None:
        """These classes are looked for from now on."""
        self._wanted = {
            camera_id: frozenset(label for rule in plan.rules for label in rule.labels)
            for camera_id, plan in plans.items()
        }

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """One answer per frame, of all models that were asked about it.

        Raises:
            DetectorFailed: one of the models failed; nothing is told of these frames.

        """
        answers = list(self._first.detect(frames))
        for one in self._further:
            places = [place for place, frame in enumerate(frames) if self._wanted_of(frame) & one.labels]
            if not places:
                continue
            further = one.detector.detect([frames[place] for place in places])
            if len(further) != len(places) or len(answers) != len(frames):
                raise DetectorFailed(f"{one.detector.model.name}: an answer is missing", DetectorFault.SHAPE)
            for place, found in zip(places, further, strict=True):
                answers[place] = _joined(answers[place], found, one.labels)
        return answers

    def use_share(self, share: float) -> None:
        """For every model that can."""
        for detector in self._detectors():
            if isinstance(detector, Shrinking):
                detector.use_share(share)

    def close(self) -> None:
        """All of them."""
        for detector in self._detectors():
            detector.close()

    def _detectors(self) -> Sequence[Detector]:
        return (self._first, *(one.detector for one in self._further))

    def _wanted_of(self, frame: Frame) -> frozenset[str]:
        return self._wanted.get(frame.camera_id, frozenset())


def _joined(answer: Detections, further: Detections, labels: frozenset[str]) -> Detections:
    """The first answer, and of the second what only that model knows."""
    rows = [row for row, label in enumerate(further.labels) if label in labels]
    return replace(
        answer,
        boxes=np.concatenate((answer.boxes, further.boxes[rows])),
        scores=np.concatenate((answer.scores, further.scores[rows])),
        labels=(*answer.labels, *(further.labels[row] for row in rows)),
    )
