"""Intrusion: a track's foot stays inside a zone for the dwell time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.alert import RuleKind
from analytics.geometry import Point, distance_to_outline, is_inside
from analytics.rule import IntrusionRule, Violation
from analytics.track import Track, TrackState

MARGIN = 0.02
"""Who is inside has left only this far beyond the edge (share of the picture): a foot point jitters by a few pixels."""


@dataclass(slots=True)
class _Stay:
    """One track's visit."""

    entered_s: float
    inside_s: float
    reported: bool = False


class IntrusionEvaluator:
    """One violation per stay. A stay that began before the rule was armed counts from its beginning."""

    def __init__(self, rule: IntrusionRule) -> None:
        self._rule = rule
        self._stays: dict[int, _Stay] = {}

    def evaluate(self, tracks: Sequence[Track], now_s: float, at: datetime) -> Sequence[Violation]:
        """New violations of tracks that are confirmed and inside. Lost tracks keep their stay but raise nothing."""
        self._forget_ended(tracks)
        inside = [track for track in tracks if self._follow(track, now_s)]
        if not self._rule.schedule.is_armed(at):
            return []
        due = [track for track in inside if self._is_due(self._stays[track.id], now_s)]
        for track in due:
            self._stays[track.id].reported = True
        return [Violation(self._rule, RuleKind.INTRUSION, track) for track in due]

    def reset(self) -> None:
        """Forgets all stays."""
        self._stays.clear()

    def _forget_ended(self, tracks: Sequence[Track]) -> None:
        present = {track.id for track in tracks if track.state is not TrackState.ENDED}
        self._stays = {key: stay for key, stay in self._stays.items() if key in present}

    def _follow(self, track: Track, now_s: float) -> bool:
        """Whether the track is confirmed, of interest and inside now."""
        if track.state is not TrackState.CONFIRMED or track.label not in self._rule.labels:
            return False
        stay = self._stays.get(track.id)
        if self._contains(track.box.foot, is_staying=stay is not None):
            self._stays.setdefault(track.id, _Stay(now_s, now_s)).inside_s = now_s
            return True
        if stay is not None and track.still_since_s > stay.inside_s:
            del self._stays[
                track.id
            ]  # what has not stirred since it was inside, a parked car on the edge, has not left
        return False

    def _contains(self, foot: Point, *, is_staying: bool) -> bool:
        corners = self._rule.zone.corners
        return is_inside(foot, corners) or (is_staying and distance_to_outline(foot, corners) <= MARGIN)

    def _is_due(self, stay: _Stay, now_s: float) -> bool:
        return not stay.reported and now_s - stay.entered_s >= self._rule.dwell_s
