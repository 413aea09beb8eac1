"""From the output of models that answer with finished objects: YOLOv10, YOLO26, and exports with suppression inside."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from analytics.head import Candidates, Classes, Floats, OutputAbsurd, OutputForm, refuse_absurd, the_one

_FIELDS = 6


class EndToEndHead:
    """Decodes outputs (objects, 6): left, top, right, bottom in input pixels, score, class. Implements `Head`."""

    stride: ClassVar[int | None] = 32

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def expects(self, input_size: tuple[int, int]) -> str:  # noqa: ARG002 - the seam's signature
        """As many objects as the model's author thought enough."""
        return f"(1, objects, {_FIELDS})"

    def order(self, outputs: Sequence[OutputForm], input_size: tuple[int, int]) -> Sequence[int] | None:  # noqa: ARG002
        """One output."""
        return (0,) if len(outputs) == 1 and outputs[0].fits((1, None, _FIELDS)) else None

    def decode(self, outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Candidates:
        """As the seam says; the model itself tells each object once."""
        output = the_one(outputs, (None, _FIELDS))
        if not np.isfinite(output).all():
            raise OutputAbsurd("the detector's output is not finite")
        told = output[output[:, 4] >= min_score]
        classes = told[:, 5].astype(np.intp)
        if ((classes < 0) | (classes >= self._classes.count) | (classes != told[:, 5])).any():
            raise OutputAbsurd("the detector's output holds classes that it does not have")
        found = refuse_absurd(Candidates(told[:, :4], told[:, 4], classes), input_size)
        kept = np.isin(classes, self._classes.allowed)
        return Candidates(found.boxes[kept], found.scores[kept], found.classes[kept])
