"""How long what is known may wait for the detector's next look: the longer, the farther it is from any rule's edge.

What a rule decides, it decides at an edge: a line that is crossed, the outline of a zone that is entered. An object
that cannot be there for seconds is looked at often enough to be followed, and no oftener. What is fast for its size is
looked at oftener, or it would be lost; and what is near another object is never left for long: two that pass each other
between two looks would swap their tracks.
"""

from collections.abc import Sequence

from analytics.detection import MOTION
from analytics.geometry import CUT, Box, Point, area_of, distance_to_outline, distance_to_path, gap_between, is_inside
from analytics.rule import AnyRule, AreaRule
from analytics.settings import AnalyticsSettings
from analytics.track import Track

NEAR = 0.06
"""Closer to an edge than this (share of the picture) a foot may be there at the next step."""

_LOOKS = 3.0  # before an object can be at an edge, so many looks should have told where it goes
_LEAST_SPEED = 0.03  # shares of the picture a second: who stands may set off
_STRIDE = 0.5  # in heights of the object: what moves farther between two looks is fast
_LARGE = 0.01  # share of the picture: what is large is near, and soon elsewhere
_CLOSE = 0.5  # in heights of the object: others so near are in each other's way


class Attention:
    """The rules of one camera as edges, and the waits of the settings: for what is fast, usually, far from any edge."""

    def __init__(self, rules: Sequence[AnyRule], settings: AnalyticsSettings) -> None:
        self._rules = rules
        self._fast_s = settings.fast_motion_s
        self._known_s = max(settings.known_motion_s, self._fast_s)
        self._far_s = max(settings.far_motion_s, self._known_s)

    def patience_s(self, track: Track, others: Sequence[Track]) -> float:
        """Seconds that may pass between two looks at the track. `others` may hold the track itself.

        Of what comes into the picture without a name, its foot still out of it, nobody knows how fast it walks.
        """
        if track.label == MOTION and track.box.bottom >= CUT:
            return self.patience_with(track.box)
        if track.speed * self._known_s > _STRIDE * (track.box.bottom - track.box.top):
            return self._fast_s
        away = self._distance(track) - NEAR
        if away <= 0.0 or any(_is_close(track, other) for other in others):
            return self._known_s
        return min(max(away / max(track.speed, _LEAST_SPEED) / _LOOKS, self._known_s), self._far_s)

    def patience_with(self, patch: Box) -> float:
        """The same for a moving patch of which nothing is known but its place: 0 near any edge and inside any zone."""
        reach = NEAR + (patch.right - patch.left) / 2
        if any(_is_watched(rule, place, reach) for rule in self._rules for place in (patch.foot, _middle(patch))):
            return 0.0
        return self._fast_s if area_of(patch) > _LARGE else self._known_s

    def _distance(self, track: Track) -> float:
        return min((_to_edge(rule, track.box.foot) for rule in self._rules if _may_concern(rule, track)), default=1.0)


def _may_concern(rule: AnyRule, track: Track) -> bool:
    return track.label == MOTION or track.label in rule.labels


def _to_edge(rule: AnyRule, place: Point) -> float:
    if isinstance(rule, AreaRule):
        return distance_to_outline(place, rule.zone.corners)
    return distance_to_path(place, rule.line.points)


def _is_watched(rule: AnyRule, place: Point, reach: float) -> bool:
    return (isinstance(rule, AreaRule) and is_inside(place, rule.zone.corners)) or _to_edge(rule, place) <= reach


def _is_close(track: Track, other: Track) -> bool:
    height = track.box.bottom - track.box.top
    return other.id != track.id and gap_between(track.box, other.box) < _CLOSE * height


def _middle(box: Box) -> Point:
    return Point((box.left + box.right) / 2, (box.top + box.bottom) / 2)
