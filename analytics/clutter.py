"""How much of what moves without a name leads nowhere, and how much evidence that asks of the next that does.

Where it rains, chance puts patches side by side that look like somebody's way, and the more of them there are, the
oftener. So the evidence that a rule is given grows with the dead ends of the last seconds: tracks that ended and were
never believed. That is asked while the place is new: later the gate knows its rain, and figures in it would be lost.
Where nothing stirs, three sightings are enough, as ever.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from analytics.detection import MOTION
from analytics.track import Track, TrackState

WINDOW_S = 10.0
"""For so long a dead end counts."""
NEW_S = 15.0
"""So long after its camera has come up a place's rain is not known yet, and chance is most often taken for a way."""

_USUAL_HITS = 3
_FEW = 2  # fewer dead ends are chance
_DEAD_ENDS_A_HIT = 2  # so many ask for one sighting more
_MOST_MORE = 8
_STRAIGHT = 0.7  # share of the way walked that brought it farther from where it began


class Clutter:
    """What one camera has seen lead nowhere. Not thread-safe."""

    def __init__(self) -> None:
        self._dead_ends_s: deque[float] = deque()
        self._believed: set[int] = set()

    def hold_back(self, tracks: Sequence[Track], now_s: float, begun_s: float) -> list[Track]:
        """The tracks after a look, as rules may see them: without a name and on weak evidence they are unconfirmed.

        `begun_s` is when the camera came up. Who was believed once stays so; who has a name is never doubted here.
        """
        nameless = [track for track in tracks if track.label == MOTION]
        ended = [track for track in nameless if track.state is TrackState.ENDED and track.id not in self._believed]
        self._dead_ends_s.extend(now_s for _ in ended)
        while self._dead_ends_s and now_s - self._dead_ends_s[0] > WINDOW_S:
            self._dead_ends_s.popleft()
        confirmed = [track for track in nameless if track.state is TrackState.CONFIRMED]
        believed = {track.id for track in confirmed if self._is_evident(track, begun_s)}
        self._believed = (self._believed & {track.id for track in tracks}) | believed
        held = {track.id for track in confirmed} - self._believed
        return [replace(track, state=TrackState.TENTATIVE) if track.id in held else track for track in tracks]

    def reset(self) -> None:
        """Forgets all that was seen."""
        self._dead_ends_s.clear()
        self._believed.clear()

    def _is_evident(self, track: Track, begun_s: float) -> bool:
        dead_ends = len(self._dead_ends_s)
        if dead_ends < _FEW or track.first_seen_s - begun_s >= NEW_S:
            return True
        hits = _USUAL_HITS + min(dead_ends / _DEAD_ENDS_A_HIT, _MOST_MORE)
        return track.hit_count >= hits and track.straightness >= _STRAIGHT
