"""The gate of day, night and infrared: pictures are compared with pictures of the same light only."""

from enum import StrEnum

import numpy as np

from analytics.quality.grid import Floats
from analytics.quality.tint import TINT_STEP

_GREY = 1.6  # Lab units: cells of a picture without colour differ from neutral by no more, sensor noise included
_NIGHT_BELOW = 62.0  # mean luma


class Light(StrEnum):
    """What the camera sees by."""

    DAY = "day"
    NIGHT = "night"
    INFRARED = "infrared"


def light_of(tints: tuple[Floats, Floats], infrared: bool | None, level: float, *, may_be_night: bool) -> Light:
    """`infrared` as the camera says it; where it says nothing, a picture without any colour is taken for infrared.

    `tints` are the colours of its cells (see `tint`). At an hour that is never night a dark or grey picture is not
    explained by the night.
    """
    if infrared:
        return Light.INFRARED
    if not may_be_night:
        return Light.DAY
    if infrared is None and _is_grey(*tints):
        return Light.INFRARED
    return Light.NIGHT if level < _NIGHT_BELOW else Light.DAY


def _is_grey(a: Floats, b: Floats) -> bool:
    return bool(np.nanquantile(np.hypot(a, b), 0.95) * TINT_STEP < _GREY)
