"""Line crossing: a track's foot passes from one side of a line to the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.alert import RuleKind
from analytics.geometry import Point, distance_to_path, signed_crossings
from analytics.rule import Direction, LineCrossingRule, Violation
from analytics.track import Track, TrackState

MARGIN = 0.01
"""Within this distance of the line (share of the picture) nobody is yet on either side: a foot point jitters."""


@dataclass(slots=True)
class _Walk:
    """A track's way since it was last clearly on one side.

    `net` counts steps over the line, to the right positive; it is None until the track has been clear of the line.
    """

    point: Point
    hit_count: int
    net: int | None = None
    reported: bool = False


class LineCrossingEvaluator:
    """One violation per track, raised once the foot is clear of the line on the other side.

    Steps to and fro over the line cancel out, and so does walking around its end.
    """

    def __init__(self, rule: LineCrossingRule) -> None:
        self._rule = rule
        self._walks: dict[int, _Walk] = {}

    def evaluate(self, tracks: Sequence[Track], now_s: float, at: datetime) -> Sequence[Violation]:  # noqa: ARG002 - seam
        """New violations. A crossing while the rule is not armed, or in the other direction, is passed over."""
        present = {track.id for track in tracks if track.state is not TrackState.ENDED}
        self._walks = {key: walk for key, walk in self._walks.items() if key in present}
        crossed = [track for track in tracks if self._crosses(track)]
        if not self._rule.schedule.is_armed(at):
            return []
        for track in crossed:
            self._walks[track.id].reported = True
        return [Violation(self._rule, RuleKind.LINE_CROSSING, track) for track in crossed]

    def reset(self) -> None:
        """Forgets all walks."""
        self._walks.clear()

    def _crosses(self, track: Track) -> bool:
        if track.state is not TrackState.CONFIRMED or not track.path:
            return False
        walk = self._walks.setdefault(track.id, _Walk(track.path[0], track.hit_count - len(track.path)))
        steps = track.path[-max(track.hit_count - walk.hit_count, 0) :] if track.hit_count > walk.hit_count else ()
        walk.hit_count = track.hit_count
        net = sum(self._step(walk, point) for point in steps)
        return not walk.reported and self._rule.concerns(track) and self._is_watched(net)

    def _step(self, walk: _Walk, point: Point) -> int:
        """Moves on to the next foot point; a completed crossing's net count, else 0."""
        line = self._rule.line.points
        if walk.net is not None:
            walk.net += signed_crossings(walk.point, point, line)
        walk.point = point
        if distance_to_path(point, line) <= MARGIN:
            return 0
        completed, walk.net = walk.net or 0, 0
        return completed

    def _is_watched(self, net: int) -> bool:
        match self._rule.direction:
            case Direction.LEFT_TO_RIGHT:
                return net > 0
            case Direction.RIGHT_TO_LEFT:
                return net < 0
            case Direction.ANY:
                return net != 0
