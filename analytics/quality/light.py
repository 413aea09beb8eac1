"""The gate of day, night and infrared: pictures are compared with pictures of the same light only."""

from enum import StrEnum

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


def light_of(view: View, infrared: bool | None, level: float) -> Light:
    """`infrared` as the camera says it; where it says nothing, a picture without any colour is taken for infrared."""
    if infrared or (infrared is None and _is_grey(view)):
        return Light.INFRARED
    return Light.NIGHT if level < _NIGHT_BELOW else Light.DAY


def _is_grey(view: View) -> bool:
    planes = [cell_means(view.lab[:, :, plane].astype(np.float32) - _NEUTRAL, view.counted) for plane in (1, 2)]
    return bool(np.nanquantile(np.hypot(*planes), 0.95) < _GREY)
