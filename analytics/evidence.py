"""The picture that proves an alert."""

import cv2
import numpy as np

from analytics.alert import Evidence
from analytics.geometry import Box
from ingest.frame import Image, Picture

JPEG_QUALITY = 85
MOST_SIDE = 3840
"""Pixels across or down: a larger picture is drawn smaller, for encoding one of 8K would hold up all other cameras."""
MOST_BYTES = 4 << 20
"""It travels in base64 within one message, of which the control process takes eight MiB."""
_BOX_BGR = (40, 110, 255)
_INK_BGR = (255, 255, 255)


class EvidenceFailed(Exception):
    """The picture could not be drawn or encoded."""


def draw_evidence(picture: Picture, box: Box, label: str, score: float) -> Evidence:
    """The whole picture as JPEG, with the object's box, its class and its score drawn in.

    It is as large as the picture, or as large as may be sent.

    Raises:
        EvidenceFailed: nothing can be drawn in the picture, or the encoder refused it.

    """
    image = picture.bgr(_size(picture)).copy()  # the decoder's buffer belongs to other readers too
    try:
        _draw(image, box, f"{label} {score:.0%}")
        jpeg = _encode(image)
        while len(jpeg) > MOST_BYTES:  # noise hardly shrinks
            image = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
            jpeg = _encode(image)
    except cv2.error as error:
        raise EvidenceFailed(f"no JPEG of a picture of {image.shape}: {error}") from error
    return Evidence(jpeg, image.shape[1], image.shape[0])


def _size(picture: Picture) -> tuple[int, int] | None:
    """Width and height of what is drawn; None for as it is."""
    share = MOST_SIDE / max(picture.width, picture.height)
    return None if share >= 1 else (max(round(picture.width * share), 1), max(round(picture.height * share), 1))


def _encode(image: Image) -> bytes:
    encoded, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
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
