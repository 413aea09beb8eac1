"""The picture that proves an alert."""

import cv2
import numpy as np

from analytics.alert import Evidence
from analytics.geometry import Box
from ingest.frame import Image, Picture

JPEG_QUALITY = 85
_BOX_BGR = (40, 110, 255)
_INK_BGR = (255, 255, 255)


class EvidenceFailed(Exception):
    """The picture could not be encoded."""


def draw_evidence(picture: Picture, box: Box, label: str, score: float) -> Evidence:
    """The whole picture as JPEG, with the object's box, its class and its score drawn in.

    Raises:
        EvidenceFailed: the encoder refused the picture.

    """
    image = picture.bgr().copy()  # the decoder's buffer belongs to other readers too
    _draw(image, box, f"{label} {score:.0%}")
    return Evidence(_encode(image), picture.width, picture.height)


def _encode(image: Image) -> bytes:
    try:
        encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise EvidenceFailed(f"no JPEG of a picture of {image.shape}: {error}") from error
    if not encoded:
        raise EvidenceFailed(f"no JPEG of a picture of {image.shape}")
    return jpeg.tobytes()


def _draw(image: Image, box: Box, text: str) -> None:
    height, width = image.shape[:2]
    corners = np.array([box.left, box.top, box.right, box.bottom])
    pixels = np.clip(corners * (width, height, width, height), 0, (width, height, width, height))
    left, top, right, bottom = (int(value) for value in pixels)
    scale = max(height / 720, 0.45)
    stroke = max(1, round(2 * scale))
    cv2.rectangle(image, (left, top), (right, bottom), _BOX_BGR, stroke)
    (text_width, text_height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, stroke)
    baseline = max(top - base, text_height + base)
    start = max(min(left, width - text_width), 0)  # an object at the right edge keeps its words
    cv2.rectangle(image, (start, baseline - text_height - base), (start + text_width, baseline + base), _BOX_BGR, -1)
    cv2.putText(image, text, (start, baseline), cv2.FONT_HERSHEY_SIMPLEX, scale, _INK_BGR, stroke, cv2.LINE_AA)
