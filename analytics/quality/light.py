"""The gate of day, night and infrared: pictures are compared with pictures of the same light only."""

from enum import StrEnum

import cv2
import numpy as np

from analytics.quality.grid import cell_means
from analytics.quality.view import View

_NEUTRAL = 128.0
_GREY = 1.6  # Lab units: cells of a picture without colour differ from neutral by no more, sensor noise included
_NIGHT_BELOW = 62.0  # mean luma


class Light(StrEnum):
    """What the camera sees by."""

    DAY = "day"
    NIGHT = "night"
    INFRARED = "infrared"


def light_of(view: View, infrared: bool | None, level: float, *, may_be_night: bool) -> Light:
    """`infrared` as the camera says it; where it says nothing, a picture without any colour is taken for infrared.

    At an hour that is never night a dark or grey picture is not explained by the night.
    """
    if infrared:
        return Light.INFRARED
    if not may_be_night:
        return Light.DAY
    if infrared is None and _is_grey(view):
        return Light.INFRARED
    return Light.NIGHT if level < _NIGHT_BELOW else Light.DAY


def _is_grey(view: View) -> bool:
    quarter = cv2.resize(view.lab, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.float32)
    counted = cv2.resize(view.counted.astype(np.uint8), quarter.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    a, b = (cell_means(quarter[:, :, plane] - np.float32(_NEUTRAL), counted) for plane in (1, 2))
    return bool(np.nanquantile(np.hypot(a, b), 0.95) < _GREY)
