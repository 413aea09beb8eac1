"""What a camera's view was when somebody confirmed it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.quality.grid import ROWS, TEXT_ROWS, Floats
from analytics.quality.light import Light
from analytics.quality.view import View
from ingest.frame import Image

VERSION = 1

_POINTS, _SIZES = 350, 4
_BYTES = 32  # of a descriptor
_OUTLINE_WIDTH = 120  # of the map of outlines
_FINEST = 255.0


@dataclass(frozen=True, slots=True)
class Reference:
    """Corners of the view (`places` (N, 2) in pixels of the small picture, `marks` (N, 32)), and where outlines are.

    `outlines` is (height, width) uint8; `size` width and height of the small picture.
    """

    light: Light
    size: tuple[int, int]
    places: Floats
    marks: Image
    outlines: Image

    def as_json(self) -> dict[str, Any]:
        """The reference for machines."""
        return {
            "version": VERSION,
            "light": self.light.value,
            "size": list(self.size),
            "places": _text(np.round(self.places * 16).astype("<u2")),
            "marks": _text(self.marks),
            "outlines": _text(self.outlines),
            "outlines_width": self.outlines.shape[1],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Reference":
        """The reference of `as_json`.

        Raises:
            ValueError: it is of another version, or is none.

        """
        if content.get("version") != VERSION:
            raise ValueError(f"a reference of version {content.get('version')!r} is not known here")
        try:
            width, height = (int(side) for side in content["size"])
            places = np.frombuffer(_bytes(content["places"]), "<u2").reshape(-1, 2).astype(np.float32) / np.float32(16)
            marks = np.frombuffer(_bytes(content["marks"]), np.uint8).reshape(-1, _BYTES)
            outlines = np.frombuffer(_bytes(content["outlines"]), np.uint8)
            outlines = outlines.reshape(-1, int(content["outlines_width"]))
            light = Light(content["light"])
        except (KeyError, TypeError, binascii.Error) as error:
            raise ValueError("what was kept is no reference") from error
        if len(places) != len(marks):
            raise ValueError(f"{len(places)} places for {len(marks)} marks")
        return cls(light, (width, height), places, marks, outlines)


def reference_from(view: View, light: Light) -> Reference:
    """What of the view can be found again."""
    height, width = view.luma.shape
    return Reference(light, (width, height), *corners_of(view), outlines_of(view))


def corners_of(view: View) -> tuple[Floats, Image]:
    """Places (N, 2) and marks (N, 32) of the corners of things, burnt-in text left out."""
    detector = cv2.ORB.create(nfeatures=_POINTS, nlevels=_SIZES, fastThreshold=8)
    where = view.inner.astype(np.uint8)
    text = len(where) * TEXT_ROWS // ROWS
    where[:text] = where[len(where) - text :] = 0
    points, marks = detector.detectAndCompute(view.luma, where)
    places = np.array([point.pt for point in points], np.float32).reshape(-1, 2)
    found = np.empty((0, _BYTES), np.uint8) if marks is None else np.asarray(marks, np.uint8)
    return places, found


def outlines_of(view: View) -> Image:
    """How strong the outlines are, against their own neighbourhood: the same by day and by lamp light, nearly."""
    soft = cv2.GaussianBlur(view.luma, (0, 0), 1.5).astype(np.float32)
    strength = cv2.magnitude(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1))
    strength[~view.inner] = 0.0
    around = cv2.boxFilter(strength, -1, (31, 31)) + np.float32(8.0)
    height, width = strength.shape
    size = (_OUTLINE_WIDTH, max(round(_OUTLINE_WIDTH * height / width), 1))
    small = cv2.resize(strength / around, size, interpolation=cv2.INTER_AREA)
    return np.asarray((small * 64.0).clip(0, _FINEST), np.uint8)


def _text(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
