"""What the kinds of rules about an area object to."""

from analytics.alert import RuleKind
from analytics.geometry import Box, Point
from analytics.rules.area import Manner, Stay
from analytics.track import Track

LOITERING_GRACE_S = 5.0
"""A few steps out of the area and back are one stay."""


def _entry(_track: Track, stay: Stay) -> float:
    return stay.entered_s


def _standstill(track: Track, stay: Stay) -> float:
    """Since it is inside and stands."""
    return max(track.still_since_s, stay.entered_s)


def _middle(box: Box) -> Point:
    """Flames and smoke stand on nothing."""
    return Point((box.left + box.right) / 2, (box.top + box.bottom) / 2)


INTRUSION = Manner(RuleKind.INTRUSION, _entry, must_come=True)
LOITERING = Manner(RuleKind.LOITERING, _entry, LOITERING_GRACE_S, must_come=True)
STOPPED_VEHICLE = Manner(RuleKind.STOPPED_VEHICLE, _standstill)
FIRE = Manner(RuleKind.FIRE, _entry, LOITERING_GRACE_S, _middle)
