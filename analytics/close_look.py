"""Crops at native scale: what the detector's small input would shrink to nothing is looked at where something moves.

A picture of 1080p shrinks to a fifth on its way into an input of 416 pixels, and somebody of 60 pixels to 12. Cut out
around what moves and around known tracks, he goes in as he is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analytics.detection import Detections, family_of
from analytics.detector import Detector, ModelInfo
from analytics.geometry import Box
from ingest.array_picture import ArrayPicture
from ingest.frame import Frame

_WORTH = 1.3  # a picture that shrinks by less gains nothing
_LARGE_PX = 96.0  # of the detector's input: what is as high as that in the whole picture is seen without a crop
_ROOM = 0.5  # about a place, in sizes of it: a moving patch is often only legs
_SAME = 0.5  # overlap, intersection over the smaller of two boxes, from which they are one object
_CUT = 0.01  # share of a window: a box that ends there is an object that goes on outside of it
_CUT_WORTH = 0.6  # a box that its window cuts off gives way to a whole one

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture in pixels: left and top included, right and bottom not."""

    left: int
    top: int
    right: int
    bottom: int

    def share_of(self, width: int, height: int) -> Box:
        """The window in shares of a picture of so many pixels."""
        return Box(self.left / width, self.top / height, self.right / width, self.bottom / height)

    def holds(self, left: float, top: float, right: float, bottom: float) -> bool:
        """Whether a box in the same pixels lies wholly within."""
        return self.left <= left and self.top <= top and right <= self.right and bottom <= self.bottom


def windows(
    places: Sequence[Box], picture: tuple[int, int], model: tuple[int, int], most: int, turn: int
) -> tuple[Window, ...]:
    """At most that many windows of the input's size that hold these places, each place wholly where it can be.

    `picture` and `model` are width and height in pixels. When there are more places than windows can hold, `turn` says
    where to begin, so that each comes to its turn.
    """
    width, height = picture
    across, down = min(model[0], width), min(model[1], height)
    scale = min(model[0] / width, model[1] / height)
    if most <= 0 or 1 / scale < _WORTH:
        return ()
    small = [one for one in (_pixels(place, picture) for place in places) if (one[3] - one[1]) * scale < _LARGE_PX]
    found: list[Window] = []
    for place in (*small[turn % len(small) :], *small[: turn % len(small)]) if small else ():
        if len(found) < most and not any(window.holds(*place) for window in found):
            found.append(_about(place, [one for one in small if one != place], picture, (across, down)))
    return tuple(found)


def merge(whole: Detections, parts: Sequence[tuple[Window, Detections]], picture: tuple[int, int]) -> Detections:
    """What the whole picture and its windows showed, each object once, in shares of the whole picture."""
    size = np.array([*picture, *picture], np.float32)
    boxes, scores, ranks = [whole.boxes], [whole.scores], [whole.scores]
    labels, sources = list(whole.labels), [0] * len(whole)
    for number, (window, found) in enumerate(parts, 1):
        corner = np.array([window.left, window.top] * 2, np.float32)
        span = np.array([window.right - window.left, window.bottom - window.top] * 2, np.float32)
        boxes.append((found.boxes * span + corner) / size)
        scores.append(found.scores)
        ranks.append(np.where(_is_cut(found.boxes, window, picture), _CUT_WORTH, 1.0) * found.scores)
        labels += found.labels
        sources += [number] * len(found)
    told = np.concatenate(boxes).astype(np.float32)
    kinds = list(zip((family_of(label) for label in labels), sources, strict=True))
    kept = _each_once(told, np.concatenate(ranks), kinds)
    return replace(
        whole,
        boxes=told[kept],
        scores=np.concatenate(scores)[kept].astype(np.float32),
        labels=tuple(labels[row] for row in kept),
    )


class CloseLook:
    """Asks a detector for frames and for windows of them in one call. `most` windows a picture; 0 switches it off."""

    def __init__(self, detector: Detector, most: int) -> None:
        self._detector = detector
        self.most = most
        self._turn = 0

    def windows(self, frame: Frame, places: Sequence[Box]) -> tuple[Window, ...]:
        """Where to look closer in that frame."""
        model = self._detector.model
        if not places or not model.input_width:
            return ()
        self._turn += 1
        picture = (frame.picture.width, frame.picture.height)
        return windows(places, picture, (model.input_width, model.input_height), self.most, self._turn)

    def detect(self, frames: Sequence[Frame], wanted: Sequence[Sequence[Window]]) -> Sequence[Detections]:
        """One answer per frame, with what its windows showed.

        Raises:
            DetectorFailed: as the detector.

        """
        if not any(wanted):
            return self._detector.detect(frames)
        crops = [list(_crops(frame, parts)) for frame, parts in zip(frames, wanted, strict=True)]
        answers = list(self._detector.detect([*frames, *(crop for row in crops for crop in row)]))
        if len(answers) != len(frames) + sum(len(row) for row in crops):
            return answers  # too few answers to tell whose they are: the caller sees by their number that it failed
        rest = iter(answers[len(frames) :])
        return [
            merge(whole, [(part, next(rest)) for part in parts], (frame.picture.width, frame.picture.height))
            if parts
            else whole
            for frame, parts, whole in zip(frames, wanted, answers[: len(frames)], strict=True)
        ]

    @property
    def model(self) -> ModelInfo:
        """That of the detector."""
        return self._detector.model


def _pixels(place: Box, picture: tuple[int, int]) -> tuple[float, float, float, float]:
    """The place with room about it, within the picture."""
    width, height = picture
    aside, above = _ROOM * (place.right - place.left), _ROOM * (place.bottom - place.top)
    return (
        max(place.left - aside, 0.0) * width,
        max(place.top - above, 0.0) * height,
        min(place.right + aside, 1.0) * width,
        min(place.bottom + above, 1.0) * height,
    )


def _about(
    place: tuple[float, float, float, float],
    others: Iterable[tuple[float, float, float, float]],
    picture: tuple[int, int],
    size: tuple[int, int],
) -> Window:
    """The window about a place, grown to take in as many of the others as still fit."""
    left, top, right, bottom = place
    for other in others:
        grown = (min(left, other[0]), min(top, other[1]), max(right, other[2]), max(bottom, other[3]))
        if grown[2] - grown[0] <= size[0] and grown[3] - grown[1] <= size[1]:
            left, top, right, bottom = grown
    x = round(min(max((left + right - size[0]) / 2, 0), picture[0] - size[0]))
    y = round(min(max((top + bottom - size[1]) / 2, 0), picture[1] - size[1]))
    return Window(x, y, x + size[0], y + size[1])


def _crops(frame: Frame, parts: Sequence[Window]) -> Iterable[Frame]:
    image = frame.picture.bgr() if parts else None
    for part in parts:
        assert image is not None  # noqa: S101 - there are parts
        yield replace(frame, picture=ArrayPicture(image[part.top : part.bottom, part.left : part.right]))


def _is_cut(boxes: Floats, window: Window, picture: tuple[int, int]) -> NDArray[np.bool_]:
    """Which boxes end at an edge of the window that is no edge of the picture."""
    inner = (window.left > 0, window.top > 0, window.right < picture[0], window.bottom < picture[1])
    at_edge = np.column_stack((boxes[:, :2] <= _CUT, boxes[:, 2:] >= 1 - _CUT))
    return np.asarray((at_edge & np.array(inner)).any(axis=1))


def _each_once(boxes: Floats, ranks: NDArray[np.floating], kinds: Sequence[tuple[str, int]]) -> list[int]:
    """The best-ranked first; what mostly lies in a better one of its family is that one again.

    `kinds` are family and source: the detector has already told what is one object within one picture.
    """
    sizes = np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0).prod(axis=1)
    kept: list[int] = []
    for row in np.argsort(-ranks, kind="stable").tolist():
        family, source = kinds[row]
        rivals = [one for one in kept if kinds[one][0] == family and kinds[one][1] != source]
        common = np.minimum(boxes[row, 2:], boxes[rivals, 2:]) - np.maximum(boxes[row, :2], boxes[rivals, :2])
        shares = np.maximum(common, 0.0).prod(axis=1) / np.maximum(np.minimum(sizes[row], sizes[rivals]), 1e-9)
        if not (shares > _SAME).any():
            kept.append(row)
    return kept
