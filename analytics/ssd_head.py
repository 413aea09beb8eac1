"""From the outputs of SSD detectors (Liu et al., arXiv 1512.02325) to boxes, in the two forms that exporters give them.

Finished, as torchvision exports it: boxes (n, 4) in input pixels, scores (n,), classes (n,) as whole numbers.
Unfinished, as OpenVINO and others keep it: boxes (1, n, 4) from 0 to 1, chances (1, n, 1 + classes) or (1, n, classes).
In both boxes are left, top, right, bottom, and the class numbers begin with 0 for the background, unless the chances
have exactly one column for each class.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from analytics.head import (
    Candidates,
    Classes,
    Floats,
    Indexes,
    OutputAbsurd,
    OutputForm,
    OutputMisshaped,
    best_of,
    refuse_absurd,
    suppress,
)

_CORNERS = 4
_BACKGROUND = 1  # classes that stand before those of the list


class SsdHead:
    """Implements `Head`. Which form it is shows in the outputs themselves, whatever their names and order."""

    stride: ClassVar[int | None] = None

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def expects(self, input_size: tuple[int, int]) -> str:  # noqa: ARG002 - the seam's signature
        """Either form."""
        count = self._classes.count
        return (
            f"(n, 4), (n), (n) whole: boxes, scores, classes; or (1, n, 4), (1, n, {count + _BACKGROUND} or {count}): "
            "boxes, chances"
        )

    def order(self, outputs: Sequence[OutputForm], input_size: tuple[int, int]) -> Sequence[int] | None:  # noqa: ARG002
        """Boxes, scores, classes; or boxes, chances."""
        finished = (_place(outputs, (None, _CORNERS)), _place(outputs, (None,)), _place(outputs, (None,), whole=True))
        if len(outputs) == len(finished):
            return None if None in finished else [place for place in finished if place is not None]
        boxes = [index for index, form in enumerate(outputs) if _is_boxes(form)]
        if len(outputs) != 2 or not boxes:  # noqa: PLR2004 - boxes and chances
            return None
        # A model of three classes has four columns of chances too: then the first output is the boxes, as exporters do.
        chances = 1 - boxes[0]
        count = self._classes.count
        fits = any(outputs[chances].fits((1, None, columns)) for columns in (count, count + _BACKGROUND))
        return (boxes[0], chances) if fits else None

    def decode(self, outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Candidates:
        """As the seam says."""
        if not all(np.isfinite(output).all() for output in outputs):
            raise OutputAbsurd("the detector's output is not finite")
        if len(outputs) == 2:  # noqa: PLR2004 - boxes and chances
            return self._unfinished(outputs[0], outputs[1], input_size, min_score)
        return self._finished(outputs[0], outputs[1], outputs[2], input_size, min_score)

    def _finished(
        self, boxes: Floats, scores: Floats, numbers: Floats, input_size: tuple[int, int], min_score: float
    ) -> Candidates:
        if not len(boxes) == len(scores) == len(numbers):
            raise OutputMisshaped(f"{len(boxes)} boxes, {len(scores)} scores, {len(numbers)} classes")
        told = scores >= min_score
        classes = numbers[told].astype(np.intp) - _BACKGROUND
        if ((classes < -_BACKGROUND) | (classes >= self._classes.count)).any():
            raise OutputAbsurd("the detector's output holds classes that it does not have")
        found = refuse_absurd(Candidates(boxes[told], scores[told], classes), input_size)
        kept = np.isin(classes, self._classes.allowed)
        return Candidates(found.boxes[kept], found.scores[kept], found.classes[kept])

    def _unfinished(self, boxes: Floats, chances: Floats, input_size: tuple[int, int], min_score: float) -> Candidates:
        shares, of_classes = boxes[0], chances[0]
        first = of_classes.shape[1] - self._classes.count
        if len(shares) != len(of_classes) or first not in (0, _BACKGROUND):
            raise OutputMisshaped(f"boxes {boxes.shape}, chances {chances.shape}, {self._classes.count} classes")
        allowed: Indexes = self._classes.allowed
        scores, classes = best_of(of_classes[:, allowed + first], allowed)
        kept = scores >= min_score
        across, down = input_size
        pixels = shares[kept] * np.array([across, down, across, down], np.float32)
        found = refuse_absurd(Candidates(pixels, scores[kept], classes[kept]), input_size)
        return suppress(found, self._classes.families)


def _place(outputs: Sequence[OutputForm], shape: Sequence[int | None], *, whole: bool = False) -> int | None:
    places = [index for index, form in enumerate(outputs) if form.is_whole is whole and form.fits(shape)]
    return places[0] if places else None


def _is_boxes(form: OutputForm) -> bool:
    return not form.is_whole and len(form.sizes) == 3 and form.sizes[2] == _CORNERS  # noqa: PLR2004 - batch, n, corners
