"""The seam between a detector's raw output and boxes.

A new architecture is one file and its line in `onnx_detector._HEADS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detection import ALLOWED_LABELS, family_of

_OVERLAP = 0.5

Floats = NDArray[np.float32]
Indexes = NDArray[np.intp]


class OutputAbsurd(Exception):
    """The model's output is no picture's answer: not finite, or out of any range."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes (n, 4) left, top, right, bottom in input pixels, scores (n,), indexes of classes (n,)."""

    boxes: Floats
    scores: Floats
    classes: Indexes


@dataclass(frozen=True, slots=True)
class Classes:
    """A model's class list: the indexes of those that may be used, and the number of each one's family."""

    count: int
    allowed: Indexes
    families: Indexes

    @classmethod
    def of(cls, labels: Sequence[str]) -> "Classes":
        """The list of a catalogue entry."""
        names = [family_of(label) for label in labels]
        allowed = [index for index, label in enumerate(labels) if label in ALLOWED_LABELS]
        return cls(len(labels), np.array(allowed, np.intp), np.array([names.index(name) for name in names], np.intp))


class Head(Protocol):
    """Decodes the outputs of one model for any input size that is a multiple of `stride`."""

    stride: ClassVar[int]

    def shape(self, input_size: tuple[int, int]) -> Sequence[int | None]:
        """Shape of the output without its batch dimension; None fits any number. Width and height in pixels."""
        ...

    def decode(self, output: Floats, input_size: tuple[int, int], min_score: float) -> Candidates:
        """The boxes of allowed classes from that score on, each object once.

        Raises:
            OutputAbsurd: the output is not of this input size, or holds NaN or values beyond reason.

        """
        ...


def best_of(chances: Floats, allowed: Indexes) -> tuple[Floats, Indexes]:
    """The best allowed class of each row of (n, len(allowed)) chances: its score, and its index in the class list."""
    best = chances.argmax(axis=1)
    return chances[np.arange(len(best)), best], allowed[best]


def suppress(found: Candidates, families: Indexes) -> Candidates:
    """Greedy suppression by overlap within a family of classes."""
    if not len(found.scores):
        return found
    corner_and_size = np.hstack((found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]))
    kept = cv2.dnn.NMSBoxesBatched(
        corner_and_size.tolist(), found.scores.tolist(), families[found.classes].tolist(), 0.0, _OVERLAP
    )
    order = np.asarray(kept, np.intp).ravel()
    return Candidates(found.boxes[order], found.scores[order], found.classes[order])
