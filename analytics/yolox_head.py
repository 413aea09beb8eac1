"""From the raw output of a YOLOX model to boxes (Ge et al., arXiv 2107.08430; output not decoded in the graph)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from analytics.head import (
    Candidates,
    Classes,
    Floats,
    Indexes,
    OutputAbsurd,
    OutputForm,
    best_of,
    refuse_absurd,
    suppress,
    the_one,
)

_STRIDES = (8, 16, 32)
_BOX_FIELDS = 5
_LARGEST_LOG_SIZE = 12.0  # exp(12) strides are far beyond any input: a larger value is no box but damage


class YoloxHead:
    """Decodes outputs (anchors, 5 + classes) of one class list. Implements `Head`."""

    stride: ClassVar[int | None] = _STRIDES[-1]

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def expects(self, input_size: tuple[int, int]) -> str:
        """One row for each cell of the three grids."""
        return f"(1, {', '.join(map(str, self._shape(input_size)))})"

    def order(self, outputs: Sequence[OutputForm], input_size: tuple[int, int]) -> Sequence[int] | None:
        """One output."""
        return (0,) if len(outputs) == 1 and outputs[0].fits((1, *self._shape(input_size))) else None

    def decode(self, outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Candidates:
        """As the seam says."""
        output, grid = the_one(outputs, self._shape(input_size)), grid_of(*input_size)
        if not np.isfinite(output).all() or output[:, 2:4].max(initial=0.0) > _LARGEST_LOG_SIZE:
            raise OutputAbsurd("the detector's output is not finite or out of range")
        rows = np.flatnonzero(output[:, 4] >= min_score)  # a score is never above its objectness
        allowed = self._classes.allowed
        scores, classes = best_of(output[rows[:, None], _BOX_FIELDS + allowed] * output[rows, 4:5], allowed)
        kept = scores >= min_score
        found = Candidates(_boxes(output, grid, rows[kept]), scores[kept], classes[kept])
        return suppress(refuse_absurd(found, input_size), self._classes.families)

    def _shape(self, input_size: tuple[int, int]) -> tuple[int, int]:
        return len(grid_of(*input_size).strides), _BOX_FIELDS + self._classes.count


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


def _boxes(output: Floats, grid: Grid, rows: Indexes) -> Floats:
    strides = grid.strides[rows, None]
    centres = (output[rows, :2] + grid.cells[rows]) * strides
    halves = np.exp(output[rows, 2:4]) * strides / 2
    return np.hstack((centres - halves, centres + halves)).astype(np.float32)
