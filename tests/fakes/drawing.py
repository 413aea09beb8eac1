"""A drawing of a place, as somebody might upload it."""

import cv2
import numpy as np


def drawing(width: int = 40, height: int = 30, ending: str = ".png") -> bytes:
    """A picture with a dark wall around a light yard, encoded as its ending says."""
    picture = np.full((height, width, 3), 235, np.uint8)
    cv2.rectangle(picture, (0, 0), (width - 1, height - 1), (40, 60, 90), 3)
    ok, data = cv2.imencode(ending, picture)
    assert ok
    return data.tobytes()
