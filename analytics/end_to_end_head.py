"""From the output of models that answer with finished objects: YOLOv10, YOLO26, and exports with suppression inside."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from analytics.head import Candidates, Classes, Floats, OutputAbsurd

_FIELDS = 6
_LARGEST_FACTOR = 4.0


class EndToEndHead:
    """Decodes outputs (objects, 6): left, top, right, bottom in input pixels, score, class. Implements `Head`."""

    stride: ClassVar[int] = 32

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def shape(self, input_size: tuple[int, int]) -> Sequence[int | None]:  # noqa: ARG002 - the seam's signature
        """As many objects as the model's author thought enough."""
        return None, _FIELDS

    def decode(self, output: Floats, input_size: tuple[int, int], min_score: float) -> Candidates:
        """As the seam says; the model itself tells each object once."""
        limit = _LARGEST_FACTOR * max(input_size)
        if not np.isfinite(output).all() or np.abs(output[:, :4]).max(initial=0.0) > limit:
            raise OutputAbsurd("the detector's output is not finite or out of range")
        scores = output[:, 4]
        classes = output[:, 5].astype(np.intp)
        told = scores >= min_score
        if scores.max(initial=0.0) > 1.0 or ((classes < 0) | (classes >= self._classes.count))[told].any():
            raise OutputAbsurd("the detector's output holds scores above 1 or classes that it does not have")
        kept = told & np.isin(classes, self._classes.allowed)
        return Candidates(output[kept, :4], scores[kept], classes[kept])
