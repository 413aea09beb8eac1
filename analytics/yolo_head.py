"""From the output of YOLOv8, YOLO11 and their kin to boxes: decoded in the graph, not yet suppressed."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from analytics.head import Candidates, Classes, Floats, OutputAbsurd, best_of, suppress

_STRIDES = (8, 16, 32)
_BOX_FIELDS = 4
_LARGEST_FACTOR = 4.0  # a box so many times the input is damage, not an object that reaches out of the picture


class YoloHead:
    """Decodes outputs (4 + classes, anchors): centre and size in input pixels, then a chance for each class.

    Implements `Head`.
    """

    stride: ClassVar[int] = _STRIDES[-1]

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def shape(self, input_size: tuple[int, int]) -> Sequence[int | None]:
        """One column for each cell of the three grids."""
        width, height = input_size
        return _BOX_FIELDS + self._classes.count, sum((width // step) * (height // step) for step in _STRIDES)

    def decode(self, output: Floats, input_size: tuple[int, int], min_score: float) -> Candidates:
        """As the seam says."""
        expected = tuple(self.shape(input_size))
        if output.shape != expected:
            raise OutputAbsurd(f"the detector's output is {output.shape}, not {expected}")
        limit = _LARGEST_FACTOR * max(input_size)
        if not np.isfinite(output).all() or np.abs(output[:_BOX_FIELDS]).max(initial=0.0) > limit:
            raise OutputAbsurd("the detector's output is not finite or out of range")
        allowed = self._classes.allowed
        scores, classes = best_of(output[_BOX_FIELDS + allowed].T, allowed)
        kept = scores >= min_score
        centre_and_size = output[:_BOX_FIELDS, kept].T
        centres, halves = centre_and_size[:, :2], centre_and_size[:, 2:] / 2
        boxes = np.hstack((centres - halves, centres + halves)).astype(np.float32)
        return suppress(Candidates(boxes, scores[kept], classes[kept]), self._classes.families)
