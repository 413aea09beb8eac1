"""An object followed through the frames of one camera, for as long as it is in view and no longer."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from analytics.detection import Outcome
from analytics.geometry import Box, Point
from ingest.camera import CameraId


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


@dataclass(frozen=True, slots=True)
class TrackUpdate:
    """What is known about a camera's tracks after one frame. Only ANALYSED brings evidence; else they are predicted.

    `lively`: something moves, or a track needs a closer look; whoever decodes the camera should go on with it.
    `received_at` is that of the frame, and of the packet that it was decoded from.
    """

    camera_id: CameraId
    epoch: int
    media_time_s: float
    outcome: Outcome
    tracks: tuple[Track, ...]
    lively: bool = False
    received_at: datetime | None = None
