"""One object as the tracker believes it: where its foot is, how fast it walks, how often it was seen."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from analytics.detection import MOTION
from analytics.geometry import CUT, Box, Point
from analytics.track import Track, TrackState

PATH_LENGTH = 32
_COAST_S = 1.0  # an unseen object is believed to come to rest with this time constant
_POSITION_GAIN = 0.75  # of a constant-velocity alpha-beta filter: mostly trust the detector, smooth its jitter
_VELOCITY_GAIN = 0.4
_SIZE_GAIN = 0.5
_SCORE_GAIN = 0.3
_SHORTEST_STEP_S = 0.02
_UNNAMED_VOTE = 1e-3
_TRAVEL = 0.6  # in sizes of the object
_STRAIGHT = 0.7  # share of the way walked that brought it farther from where it began
_STIR = 0.35  # in sizes of the object: a box jitters as much about what stands
_STIR_S = 0.4  # one odd box moves nothing

SETTLE_S = 5.0
"""From this long in one place an object is expected to be there still when it is out of sight."""

CONFIRM_HITS = 3
CONFIRM_SHARE = 0.6
CONFIRM_AGE_S = 0.35
CONFIRM_WINDOW_S = 1.5
CONFIRM_OBSERVATIONS = 5


@dataclass(frozen=True, slots=True)
class Sighting:
    """One detection, given by its foot (bottom centre) and its size, as shares of the picture."""

    x: float
    y: float
    width: float
    height: float
    score: float
    label: str


class Target:
    """Follows one object by media time in seconds. It is tentative until seen often enough, see `_is_proven`."""

    def __init__(self, track_id: int, sighting: Sighting, now_s: float) -> None:
        self.id = track_id
        self.x, self.y = sighting.x, sighting.y
        self.width, self.height = sighting.width, sighting.height
        self.first_seen_s = self.last_seen_s = now_s
        self.confirmed = self.hidden = False
        self._velocity_x = self._velocity_y = 0.0
        self._score = sighting.score
        self._votes = {sighting.label: _vote(sighting)}
        self._hit_count = 1
        self._missed_since_s: float | None = None
        self._anchor = Point(self.x, self.y)
        self._still_since_s, self._stirred_s = now_s, math.inf
        self._path: deque[Point] = deque([Point(self.x, self.y)], PATH_LENGTH)
        self._heads: deque[Point] = deque([self._head], PATH_LENGTH)
        self._observations: deque[tuple[float, bool]] = deque([(now_s, True)], 64)

    @property
    def label(self) -> str:
        """The class that most sightings, weighed by score, agree on."""
        return max(self._votes, key=self._votes.__getitem__)

    def foot_at(self, now_s: float) -> tuple[float, float]:
        """Where the foot should be: straight on, coming to rest while nothing is seen of it."""
        coasted_s = _COAST_S * (1.0 - math.exp(-max(now_s - self.last_seen_s, 0.0) / _COAST_S))
        return self.x + self._velocity_x * coasted_s, self.y + self._velocity_y * coasted_s

    def is_out(self, now_s: float) -> bool:
        """Whether its middle should have passed the picture's edge by now."""
        x, y = self.foot_at(now_s)
        return not (0.0 <= x <= 1.0 and 0.0 <= y - self.height / 2 <= 1.0)

    def see(self, sighting: Sighting, now_s: float) -> None:
        """An analysed frame shows it."""
        elapsed_s = max(now_s - self.last_seen_s, _SHORTEST_STEP_S)
        expected_x, expected_y = self.foot_at(now_s)
        off_x, off_y = sighting.x - expected_x, sighting.y - expected_y
        self.x, self.y = expected_x + _POSITION_GAIN * off_x, expected_y + _POSITION_GAIN * off_y
        self._velocity_x += _VELOCITY_GAIN * off_x / elapsed_s
        self._velocity_y += _VELOCITY_GAIN * off_y / elapsed_s
        self.width += _SIZE_GAIN * (sighting.width - self.width)
        self.height += _SIZE_GAIN * (sighting.height - self.height)
        self._score += _SCORE_GAIN * (sighting.score - self._score)
        self._votes[sighting.label] = self._votes.get(sighting.label, 0.0) + _vote(sighting)
        self._hit_count += 1
        self.last_seen_s, self._missed_since_s, self.hidden = now_s, None, False
        self._stir(now_s)
        self._path.append(Point(self.x, self.y))
        self._heads.append(self._head)
        self._observe(now_s, hit=True)

    def miss(self, now_s: float) -> None:
        """An analysed frame does not show it. Frames that were not analysed say nothing and are not told."""
        if self._missed_since_s is None:
            self._missed_since_s = now_s
        self._observe(now_s, hit=False)

    def missed_s(self, now_s: float) -> float:
        """Seconds since the first analysed frame that did not show it; time without analysed frames does not count."""
        return 0.0 if self._missed_since_s is None else now_s - self._missed_since_s

    @property
    def settled_s(self) -> float:
        """How long it had stood in one place when it was last seen. What has no name settles nowhere."""
        return 0.0 if not self.confirmed or self.label == MOTION else self.last_seen_s - self._still_since_s

    def track(self, now_s: float, *, ended: bool = False) -> Track:
        """The public view, with the box where it should be now."""
        x, y = self.foot_at(now_s)
        half = self.width / 2
        return Track(
            id=self.id,
            label=self.label,
            state=TrackState.ENDED if ended else self._state(),
            box=Box(_share(x - half), _share(y - self.height), _share(x + half), _share(y)),
            score=self._score,
            first_seen_s=self.first_seen_s,
            last_seen_s=self.last_seen_s,
            hit_count=self._hit_count,
            path=tuple(self._path),
            still_since_s=self._still_since_s,
            speed=math.hypot(self._velocity_x, self._velocity_y),
        )

    def _stir(self, now_s: float) -> None:
        """Notes whether it has left the place where it stood: two sightings in a row, a moment apart, must say so."""
        off_x, off_y = self.x - self._anchor.x, self.y - self._anchor.y
        if math.hypot(off_x / self.width, off_y / self.height) <= _STIR:
            self._stirred_s = math.inf
            return
        self._stirred_s = min(self._stirred_s, now_s)
        if now_s - self._stirred_s >= _STIR_S:
            self._anchor, self._still_since_s, self._stirred_s = Point(self.x, self.y), now_s, math.inf

    def _state(self) -> TrackState:
        if self.hidden:
            return TrackState.HIDDEN
        if not self.confirmed:
            return TrackState.TENTATIVE
        return TrackState.CONFIRMED if self._missed_since_s is None else TrackState.LOST

    def _observe(self, now_s: float, *, hit: bool) -> None:
        self._observations.append((now_s, hit))
        self.confirmed = self.confirmed or self._is_proven(now_s)

    def _is_proven(self, now_s: float) -> bool:
        """Seen three times and in most analysed frames of the window, over a third of a second at least.

        The window is a span of time, so that many frames a second prove nothing faster, but always holds the last
        five analysed frames, so that few frames a second prove it at all.
        """
        recent = list(self._observations)[-CONFIRM_OBSERVATIONS:]
        window = [entry for entry in self._observations if now_s - entry[0] <= CONFIRM_WINDOW_S]
        window = max(recent, window, key=len)
        hits = [at for at, hit in window if hit]
        if len(hits) < CONFIRM_HITS or len(hits) < CONFIRM_SHARE * len(window):
            return False
        return hits[-1] - hits[0] >= CONFIRM_AGE_S and (self.label != MOTION or self._has_travelled())

    def _has_travelled(self) -> bool:
        """What moves without a name must get somewhere: leaves, flags and reflections stir to and fro.

        Measured in its own sizes, and against the way it took; by the head, too, while the foot is out of the picture.
        """
        return self._gets_somewhere(self._path) or (self.y >= CUT and self._gets_somewhere(self._heads))

    def _gets_somewhere(self, path: Sequence[Point]) -> bool:
        gained = self._apart(path[0], path[-1])
        return gained >= _TRAVEL and gained >= _STRAIGHT * sum(self._apart(*step) for step in pairwise(path))

    @property
    def _head(self) -> Point:
        return Point(self.x, self.y - self.height)

    def _apart(self, one: Point, other: Point) -> float:
        return math.hypot((other.x - one.x) / self.width, (other.y - one.y) / self.height)


def _vote(sighting: Sighting) -> float:
    """Any name counts for more than none."""
    return sighting.score * (_UNNAMED_VOTE if sighting.label == MOTION else 1.0)


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)
