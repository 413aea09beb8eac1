"""Rules about an area: who is inside, since when, and whether that is what the rule objects to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.alert import RuleKind
from analytics.geometry import Box, Point, distance_to_outline, is_inside
from analytics.rule import AreaRule, Violation
from analytics.track import Track, TrackState

MARGIN = 0.02
"""Who is inside has left only this far beyond the edge (share of the picture): a foot point jitters by a few pixels."""


@dataclass(slots=True)
class Stay:
    """One track's visit: since when, and when it was inside last."""

    entered_s: float
    inside_s: float
    reported: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """What one kind of rule objects to.

    `since` tells from when the dwell time counts. Who is outside for no longer than `grace_s` has not left.
    `point` is the part of a box that must be inside. Who `must_come` is told once named surely, or seen to stir.
    """

    kind: RuleKind
    since: Callable[[Track, Stay], float]
    grace_s: float = 0.0
    point: Callable[[Box], Point] = lambda box: box.foot
    must_come: bool = False


class AreaEvaluator:
    """One violation per stay. A stay that began before the rule was armed counts from its beginning."""

    def __init__(self, rule: AreaRule, manner: Manner) -> None:
        self._rule = rule
        self._manner = manner
        self._stays: dict[int, Stay] = {}

    def evaluate(self, tracks: Sequence[Track], now_s: float, at: datetime) -> Sequence[Violation]:
        """New violations of tracks that are confirmed and inside. Lost tracks keep their stay but raise nothing."""
        self._forget_ended(tracks)
        inside = [track for track in tracks if self._follow(track, now_s)]
        if not self._rule.schedule.is_armed(at):
            return []
        due = [track for track in inside if self._is_due(track, now_s)]
        for track in due:
            self._stays[track.id].reported = True
        return [Violation(self._rule, self._manner.kind, track) for track in due]

    def reset(self) -> None:
        """Forgets all stays."""
        self._stays.clear()

    def _forget_ended(self, tracks: Sequence[Track]) -> None:
        present = {track.id for track in tracks if track.state is not TrackState.ENDED}
        self._stays = {key: stay for key, stay in self._stays.items() if key in present}

    def _follow(self, track: Track, now_s: float) -> bool:
        """Whether the track is confirmed, of interest and inside now."""
        if track.state is not TrackState.CONFIRMED or not self._rule.concerns(track):
            return False
        stay = self._stays.get(track.id)
        if self._contains(self._manner.point(track.box), is_staying=stay is not None):
            self._stays.setdefault(track.id, Stay(now_s, now_s)).inside_s = now_s
            return True
        if stay is not None and self._has_left(track, stay, now_s):
            del self._stays[track.id]
        return False

    def _contains(self, point: Point, *, is_staying: bool) -> bool:
        corners = self._rule.zone.corners
        return is_inside(point, corners) or (is_staying and distance_to_outline(point, corners) <= MARGIN)

    def _has_left(self, track: Track, stay: Stay, now_s: float) -> bool:
        """Not if it has not stirred since it was inside: a car parked on the edge jitters to and fro."""
        return now_s - stay.inside_s > self._manner.grace_s and track.still_since_s > stay.inside_s

    def _is_due(self, track: Track, now_s: float) -> bool:
        stay = self._stays[track.id]
        if self._manner.must_come and track.is_doubtful:
            return False
        return not stay.reported and now_s - self._manner.since(track, stay) >= self._rule.dwell_s
