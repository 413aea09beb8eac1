"""What can be wrong with a camera's picture."""

from enum import StrEnum


class Category(StrEnum):
    """One kind of fault, judged by itself."""

    LOSS = "loss"
    FREEZE = "freeze"
    DARK = "dark"
    BRIGHT = "bright"
    BLUR = "blur"
    OCCLUSION = "occlusion"
    CAST = "cast"
    SNOW = "snow"
    STRIPES = "stripes"
    SHIFT = "shift"
    STUTTER = "stutter"
