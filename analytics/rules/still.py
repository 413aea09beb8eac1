"""Rules about what stands, or stands no longer: an object left alone, an object taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.alert import RuleKind
from analytics.detection import GONE_OBJECT, LEFT_OBJECT, MOTION
from analytics.geometry import area_of, gap_between, is_inside, overlap_area
from analytics.rule import AbandonedObjectRule, AreaRule, Violation
from analytics.target import SETTLE_S
from analytics.track import Track, TrackState

_EXPLAINED = 0.25  # share of an unnamed object that a named one covers: it is that one
_IN_SIGHT = (TrackState.TENTATIVE, TrackState.CONFIRMED, TrackState.LOST)


@dataclass(slots=True)
class _Wait:
    """Since when an object stands with nobody near it."""

    alone_since_s: float
    reported: bool = False


class StillEvaluator:
    """One violation per object. Its dwell time runs while nothing that moves, and nobody, is near it.

    Near is a step away: half the height of who is there. For what was removed, near is in front of it.
    """

    def __init__(self, rule: AreaRule) -> None:
        self._rule = rule
        self._is_abandoned = isinstance(rule, AbandonedObjectRule)
        self._kind = RuleKind.ABANDONED_OBJECT if self._is_abandoned else RuleKind.OBJECT_REMOVED
        self._waits: dict[int, _Wait] = {}

    def evaluate(self, tracks: Sequence[Track], now_s: float, at: datetime) -> Sequence[Violation]:
        """New violations. `tracks` hold the still changes too."""
        present = {track.id for track in tracks if track.state is not TrackState.ENDED}
        self._waits = {key: wait for key, wait in self._waits.items() if key in present}
        waiting = [track for track in tracks if self._follow(track, tracks, now_s)]
        if not self._rule.schedule.is_armed(at):
            return []
        due = [track for track in waiting if self._is_due(self._waits[track.id], now_s)]
        for track in due:
            self._waits[track.id].reported = True
        return [Violation(self._rule, self._kind, track) for track in due]

    def reset(self) -> None:
        """Forgets all objects."""
        self._waits.clear()

    def _follow(self, track: Track, tracks: Sequence[Track], now_s: float) -> bool:
        """Whether the track is an object to wait for; notes since when it is alone."""
        if track.state is not TrackState.CONFIRMED or not self._is_wanted(track, tracks):
            return False
        wait = self._waits.setdefault(track.id, _Wait(max(track.still_since_s, track.first_seen_s)))
        if now_s - track.still_since_s < SETTLE_S or self._is_attended(track, tracks, now_s):
            wait.alone_since_s = now_s
        return True

    def _is_wanted(self, track: Track, tracks: Sequence[Track]) -> bool:
        if not self._rule.size.admits(track.box) or not is_inside(track.box.foot, self._rule.zone.corners):
            return False
        if not self._is_abandoned:
            return track.label == GONE_OBJECT
        if track.label == LEFT_OBJECT:
            return MOTION in self._rule.labels and not _is_named(track, tracks)
        return track.label in self._rule.labels - {MOTION}

    def _is_attended(self, track: Track, tracks: Sequence[Track], now_s: float) -> bool:
        return any(self._attends(other, track, now_s) for other in tracks if other.id != track.id)

    def _attends(self, other: Track, track: Track, now_s: float) -> bool:
        if other.state not in _IN_SIGHT or other.label in (LEFT_OBJECT, GONE_OBJECT):
            return False
        step = (other.box.bottom - other.box.top) / 2 if self._is_abandoned else 0.0
        if gap_between(other.box, track.box) > step:
            return False
        return other.label == "person" or now_s - other.still_since_s < SETTLE_S or not self._is_abandoned

    def _is_due(self, wait: _Wait, now_s: float) -> bool:
        return not wait.reported and now_s - wait.alone_since_s >= self._rule.dwell_s


def _is_named(track: Track, tracks: Sequence[Track]) -> bool:
    """Whether it is what a track with a name, in sight or hidden, stands for."""
    return any(
        overlap_area(track.box, other.box) >= _EXPLAINED * area_of(track.box)
        for other in tracks
        if other.state is not TrackState.ENDED and other.label not in (LEFT_OBJECT, GONE_OBJECT, MOTION)
    )
