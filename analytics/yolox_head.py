"""From the raw output of a YOLOX model to boxes (Ge et al., arXiv 2107.08430; output not decoded in the graph)."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detection import family_of

_STRIDES = (8, 16, 32)
COARSEST_STRIDE = _STRIDES[-1]
"""Width and height of an input are multiples of this."""
_BOX_FIELDS = 5
_OVERLAP = 0.5
_LARGEST_LOG_SIZE = 12.0  # exp(12) strides are far beyond any input: a larger value is no box but damage

Floats = NDArray[np.float32]


class OutputAbsurd(Exception):
    """The model's output is no picture's answer: not finite, or out of any range."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Boxes (n, 4) left, top, right, bottom in input pixels, scores (n,), indexes of classes (n,)."""

    boxes: Floats
    scores: Floats
    classes: NDArray[np.intp]


class YoloxHead:
    """Decodes outputs (anchors, 5 + classes) of one class list, for any input size."""

    def __init__(self, allowed: NDArray[np.intp], families: NDArray[np.intp]) -> None:
        self._allowed = allowed
        self._families = families

    def decode(self, output: Floats, input_size: tuple[int, int], min_score: float) -> Candidates:
        """The boxes of allowed classes from that score on, overlapping ones of one family suppressed.

        `input_size` is the width and height in pixels of the input that gave this output.

        Raises:
            OutputAbsurd: the output is not of this input size, or holds NaN or sizes beyond reason.

        """
        grid = grid_of(*input_size)
        if len(output) != len(grid.strides):
            raise OutputAbsurd(f"the detector's output has {len(output)} rows, not {len(grid.strides)}")
        if not np.isfinite(output).all() or output[:, 2:4].max(initial=0.0) > _LARGEST_LOG_SIZE:
            raise OutputAbsurd("the detector's output is not finite or out of range")
        rows = np.flatnonzero(output[:, 4] >= min_score)  # a score is never above its objectness
        chances = output[rows[:, None], _BOX_FIELDS + self._allowed] * output[rows, 4:5]
        best = chances.argmax(axis=1)
        scores = chances[np.arange(len(best)), best]
        kept = scores >= min_score
        return self._suppress(_boxes(output, grid, rows[kept]), scores[kept], self._allowed[best[kept]])

    def _suppress(self, boxes: Floats, scores: Floats, classes: NDArray[np.intp]) -> Candidates:
        """Greedy suppression by overlap within a family of classes."""
        if not len(scores):
            return Candidates(boxes, scores, classes)
        corner_and_size = np.hstack((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]))
        kept = cv2.dnn.NMSBoxesBatched(
            corner_and_size.tolist(), scores.tolist(), self._families[classes].tolist(), 0.0, _OVERLAP
        )
        order = np.asarray(kept, np.intp).ravel()
        return Candidates(boxes[order], scores[order], classes[order])


def families_of(labels: tuple[str, ...]) -> NDArray[np.intp]:
    """For each label the number of its family."""
    names = [family_of(label) for label in labels]
    return np.array([names.index(name) for name in names], np.intp)


@dataclass(frozen=True, slots=True)
class Grid:
    """Cell corners (n, 2) in cells, and strides (n,), in the order of the output: fine to coarse, row by row."""

    cells: Floats
    strides: Floats


@lru_cache(maxsize=32)
def grid_of(width: int, height: int) -> Grid:
    """The grid of an input of that size in pixels."""
    cells, strides = [], []
    for stride in _STRIDES:
        xs, ys = np.meshgrid(np.arange(width // stride), np.arange(height // stride))
        cells.append(np.stack((xs.ravel(), ys.ravel()), axis=1))
        strides.append(np.full(xs.size, stride))
    return Grid(np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32))


def _boxes(output: Floats, grid: Grid, rows: NDArray[np.intp]) -> Floats:
    strides = grid.strides[rows, None]
    centres = (output[rows, :2] + grid.cells[rows]) * strides
    halves = np.exp(output[rows, 2:4]) * strides / 2
    return np.hstack((centres - halves, centres + halves)).astype(np.float32)
