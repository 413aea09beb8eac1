"""From the output of YOLOv8, YOLO11 and their kin to boxes: decoded in the graph, not yet suppressed."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from analytics.head import (
    LARGEST_FACTOR,
    Candidates,
    Classes,
    Floats,
    OutputAbsurd,
    OutputForm,
    best_of,
    refuse_absurd,
    suppress,
    the_one,
)

_STRIDES = (8, 16, 32)
_BOX_FIELDS = 4


class YoloHead:
    """Decodes outputs (4 + classes, anchors): centre and size in input pixels, then a chance for each class.

    Implements `Head`.
    """

    stride: ClassVar[int | None] = _STRIDES[-1]

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def expects(self, input_size: tuple[int, int]) -> str:
        """One column for each cell of the three grids."""
        return f"(1, {', '.join(map(str, self._shape(input_size)))})"

    def order(self, outputs: Sequence[OutputForm], input_size: tuple[int, int]) -> Sequence[int] | None:
        """One output."""
        return (0,) if len(outputs) == 1 and outputs[0].fits((1, *self._shape(input_size))) else None

    def decode(self, outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Candidates:
        """As the seam says."""
        output = the_one(outputs, self._shape(input_size))
        limit = LARGEST_FACTOR * max(input_size)
        if not np.isfinite(output).all() or np.abs(output[:_BOX_FIELDS]).max(initial=0.0) > limit:
            raise OutputAbsurd("the detector's output is not finite or out of range")
        allowed = self._classes.allowed
        scores, classes = best_of(output[_BOX_FIELDS + allowed].T, allowed)
        kept = scores >= min_score
        centre_and_size = output[:_BOX_FIELDS, kept].T
        centres, halves = centre_and_size[:, :2], centre_and_size[:, 2:] / 2
        boxes = np.hstack((centres - halves, centres + halves)).astype(np.float32)
        found = refuse_absurd(Candidates(boxes, scores[kept], classes[kept]), input_size)
        return suppress(found, self._classes.families)

    def _shape(self, input_size: tuple[int, int]) -> tuple[int, int]:
        width, height = input_size
        return _BOX_FIELDS + self._classes.count, sum((width // step) * (height // step) for step in _STRIDES)
