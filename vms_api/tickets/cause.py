"""What a repair ticket is about, and how bad that is."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

Severity = Literal["low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")
"""From the mildest to the worst."""


class Cause(StrEnum):
    """What is wrong. The values are stored: one may be added, none renamed."""

    OFFLINE = "offline"
    NOT_RECORDING = "not-recording"
    CLOCK = "clock"
    DRIFT = "drift"
    STORAGE = "storage"
    NODE = "node"
    """The media node is away: of its cameras nothing is known, and none of them has a ticket for that."""
    PATROL = "patrol"
    OTHER = "other"
    """What somebody has noticed and written down by hand."""
    QUALITY_LOSS = "quality-loss"
    QUALITY_FREEZE = "quality-freeze"
    QUALITY_DARK = "quality-dark"
    QUALITY_BRIGHT = "quality-bright"
    QUALITY_BLUR = "quality-blur"
    QUALITY_OCCLUSION = "quality-occlusion"
    QUALITY_CAST = "quality-cast"
    QUALITY_SNOW = "quality-snow"
    QUALITY_STRIPES = "quality-stripes"
    QUALITY_SHIFT = "quality-shift"
    QUALITY_STUTTER = "quality-stutter"


QUALITY = frozenset(cause for cause in Cause if cause.startswith("quality-"))
"""What the diagnosis of pictures finds."""

WATCHED: Mapping[Cause, Severity] = MappingProxyType(
    {
        Cause.OFFLINE: "medium",
        Cause.NOT_RECORDING: "high",
        Cause.CLOCK: "low",
        Cause.DRIFT: "low",
        Cause.STORAGE: "high",
        Cause.NODE: "high",
    }
)
"""What this process finds by itself, and how bad it is."""

BY_HAND = frozenset({Cause.PATROL, Cause.OTHER})
"""What nothing can look at again by itself: a person says that it is over."""


def worse(one: Severity, other: Severity) -> Severity:
    """The worse of the two."""
    return max(one, other, key=SEVERITIES.index)
