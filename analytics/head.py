"""The seam between a detector's raw output and boxes.

A new architecture is one file and its line in `HEADS` of `analytics/heads.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detection import ALLOWED_LABELS, family_of

_OVERLAP = 0.5
_MOST_SCORE = 1.001  # half precision rounds a certain score up

Floats = NDArray[np.float32]
Indexes = NDArray[np.intp]


class OutputAbsurd(Exception):
    """The model's output is no picture's answer: not finite, or out of any range."""


class OutputMisshaped(OutputAbsurd):
    """The model's output has not the shape of its head: other classes, or another head altogether."""


LARGEST_FACTOR = 4.0
"""A box so many times the input is damage, not an object that reaches out of the picture."""


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


@dataclass(frozen=True, slots=True)
class OutputForm:
    """One output as a model declares it: its sizes, None where they are open, and whether it holds whole numbers."""

    sizes: tuple[int | None, ...]
    is_whole: bool = False

    def fits(self, expected: Sequence[int | None]) -> bool:
        """Whether it can be of that shape; what either side leaves open fits any number."""
        pairs = zip(self.sizes, expected, strict=False)
        same_rank = len(self.sizes) == len(expected)
        return same_rank and all(size is None or wanted is None or size == wanted for size, wanted in pairs)


class Head(Protocol):
    """Decodes the outputs of one model.

    `stride`: it works for any input size that is a multiple of it; None: for the declared size alone.
    """

    stride: ClassVar[int | None]

    def expects(self, input_size: tuple[int, int]) -> str:
        """The outputs that it understands, for a person. Width and height in pixels."""
        ...

    def order(self, outputs: Sequence[OutputForm], input_size: tuple[int, int]) -> Sequence[int] | None:
        """Which outputs `decode` wants, in its order; None when they are those of another head or class list."""
        ...

    def decode(self, outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Candidates:
        """The boxes of allowed classes from that score on, each object once. Outputs come with their batch dimension.

        Raises:
            OutputMisshaped: the output is not of this input size or class list.
            OutputAbsurd: it holds NaN or values beyond reason.

        """
        ...


def refuse_absurd(found: Candidates, input_size: tuple[int, int]) -> Candidates:
    """What a picture can have led to, as it is.

    Raises:
        OutputAbsurd: NaN or infinity, scores beyond 0 to 1, boxes turned over or many times the input's size.

    """
    if not (np.isfinite(found.boxes).all() and np.isfinite(found.scores).all()):
        raise OutputAbsurd("the detector's output is not finite")
    if len(found.scores) and not 0.0 <= found.scores.min() <= found.scores.max() <= _MOST_SCORE:
        raise OutputAbsurd("the detector's output holds scores beyond 0 to 1")
    if np.abs(found.boxes).max(initial=0.0) > LARGEST_FACTOR * max(input_size):
        raise OutputAbsurd("the detector's output holds boxes far outside of the picture")
    if (found.boxes[:, :2] > found.boxes[:, 2:]).any():
        raise OutputAbsurd("the detector's output holds boxes that end before they begin")
    return found


def the_one(outputs: Sequence[Floats], expected: Sequence[int | None]) -> Floats:
    """The only output without its batch dimension of one.

    Raises:
        OutputMisshaped: it has another shape.

    """
    (output,) = outputs
    if not OutputForm(output.shape).fits((1, *expected)):
        raise OutputMisshaped(f"the detector's output is {output.shape}, not {(1, *expected)}")
    return np.asarray(output[0], np.float32)


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
