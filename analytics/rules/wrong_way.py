"""Wrong way: a track goes along a drawn line from its end towards its start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.alert import RuleKind
from analytics.geometry import Box, along_path, distance_to_path
from analytics.rule import Violation, WrongWayRule
from analytics.track import Track, TrackState

LEAST_WAY = 0.06
"""Nobody is accused for less (share of the picture), nor for less than the own size: boxes jitter and cars park."""


@dataclass(slots=True)
class _Drive:
    """How far along the line a track had come at its farthest since it is near the line."""

    farthest: float
    reported: bool = False


class WrongWayEvaluator:
    """One violation per track and visit to the line's surroundings."""

    def __init__(self, rule: WrongWayRule) -> None:
        self._rule = rule
        self._drives: dict[int, _Drive] = {}

    def evaluate(self, tracks: Sequence[Track], now_s: float, at: datetime) -> Sequence[Violation]:  # noqa: ARG002 - seam
        """New violations of confirmed tracks. A drive that began before the rule was armed counts from then on only."""
        present = {track.id for track in tracks if track.state is not TrackState.ENDED}
        self._drives = {key: drive for key, drive in self._drives.items() if key in present}
        if not self._rule.schedule.is_armed(at):
            self._drives.clear()
            return []
        wrong = [track for track in tracks if self._goes_back(track)]
        for track in wrong:
            self._drives[track.id].reported = True
        return [Violation(self._rule, RuleKind.WRONG_WAY, track) for track in wrong]

    def reset(self) -> None:
        """Forgets all drives."""
        self._drives.clear()

    def _goes_back(self, track: Track) -> bool:
        if track.state is not TrackState.CONFIRMED or not self._rule.concerns(track):
            return False
        foot, line = track.box.foot, self._rule.line.points
        if distance_to_path(foot, line) > self._rule.reach:
            self._drives.pop(track.id, None)
            return False
        reached = along_path(foot, line)
        drive = self._drives.setdefault(track.id, _Drive(self._before(track)))
        drive.farthest = max(drive.farthest, reached)
        return not drive.reported and drive.farthest - reached >= max(LEAST_WAY, _size(track.box))

    def _before(self, track: Track) -> float:
        """Where on the line it was first, of what is known about its way near the line."""
        line = self._rule.line.points
        near: list[float] = []
        for point in reversed(track.path):
            if distance_to_path(point, line) > self._rule.reach:
                break
            near.append(along_path(point, line))
        return max(near, default=0.0)


def _size(box: Box) -> float:
    return max(box.right - box.left, box.bottom - box.top)
