"""An object followed through the frames of one camera, for as long as it is in view and no longer."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from analytics.detection import MOTION, Outcome
from analytics.geometry import Box, Point
from ingest.camera import CameraId
from ingest.interest import Interest

DOUBTFUL_SCORE = 0.65
"""What a detector names more weakly may be a tree; on the real clips nearly all that is told is named better."""
_COME = 0.35  # in sizes of the object: a box jitters by a tenth about what stands
_SMALLEST = 1e-4


class TrackState(StrEnum):
    """How sure we are of a track. HIDDEN stood still when it was last seen and is believed to stand there yet."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    LOST = "lost"
    HIDDEN = "hidden"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Track:
    """One track after an update. `path` holds the latest foot points, oldest first, bounded.

    `still_since_s` is when its foot came to where it is, give or take a third of the object's size. `speed` is in
    shares of the picture a second.
    """

    id: int
    label: str
    state: TrackState
    box: Box
    score: float
    first_seen_s: float
    last_seen_s: float
    hit_count: int
    path: tuple[Point, ...]
    still_since_s: float = math.inf
    speed: float = 0.0

    @property
    def is_doubtful(self) -> bool:
        """Named weakly, and never seen to come from elsewhere: it may have been there for ever, and be nothing.

        What has no name is not confirmed before it has got somewhere, if only by its head.
        """
        if self.label == MOTION or self.score >= DOUBTFUL_SCORE:
            return False
        return self.still_since_s <= self.first_seen_s and self.way < _COME

    @property
    def way(self) -> float:
        """From the first foot point of the path to the last, in sizes of the object."""
        return self._apart(self.path[0], self.path[-1]) if self.path else 0.0

    @property
    def straightness(self) -> float:
        """How much of the way walked brought it farther: 1 is a straight line, 0 for who has not walked."""
        walked = sum(self._apart(*step) for step in pairwise(self.path))
        return self.way / max(walked, _SMALLEST)

    def _apart(self, one: Point, other: Point) -> float:
        width, height = self.box.right - self.box.left, self.box.bottom - self.box.top
        return math.hypot((other.x - one.x) / max(width, _SMALLEST), (other.y - one.y) / max(height, _SMALLEST))


@dataclass(frozen=True, slots=True)
class TrackUpdate:
    """What is known about a camera's tracks after one frame. Only ANALYSED brings evidence; else they are predicted.

    `interest`: whether something stirs, or a track needs another look; whoever decodes the camera should go on with it.
    `received_at` is that of the frame, and of the packet that it was decoded from.
    """

    camera_id: CameraId
    epoch: int
    media_time_s: float
    outcome: Outcome
    tracks: tuple[Track, ...]
    interest: Interest = Interest.NONE
    received_at: datetime | None = None
