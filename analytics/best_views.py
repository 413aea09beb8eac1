"""The best sight of each object in view of one camera, and what alerts gain by it after they have gone out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import structlog

from analytics.alert import Alert, BetterView
from analytics.detection import Detections
from analytics.evidence import EvidenceFailed, draw_evidence
from analytics.geometry import Box, area_of, overlap_area
from analytics.track import Track, TrackState
from analytics.view_quality import quality_of
from ingest.camera import CameraId
from ingest.frame import Frame, Picture

LOOK_ON_S = 4.0
"""So long after an alert its object is watched for a better picture."""
KEPT_S = 10.0
"""So long before an alert its object may have been seen best; what was earlier was another scene."""
MOST_BYTES = 12 << 20
"""Of pictures that are kept for one camera: four of 1080p, or thirty of a sub-stream."""

_GAIN = 1.1  # a picture that is hardly better is not worth another one
_SAME_OBJECT = 0.3  # overlap of a detection with its track's smoothed box
_BYTES_PER_PIXEL = 1.5  # as decoders keep them, 4:2:0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sight:
    """An object in one frame."""

    quality: float
    seen_at: datetime
    label: str
    score: float
    box: Box
    picture: Picture

    @property
    def size_bytes(self) -> float:
        """What keeping its picture costs."""
        return self.picture.width * self.picture.height * _BYTES_PER_PIXEL


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An alert whose object may yet be seen better than in its own picture, which was of this quality."""

    alert: Alert
    quality: float
    until_s: float


class BestViews:
    """Keeps pictures as the decoder gave them, masks painted in, and encodes one only for an alert.

    Not thread-safe. Only what a detector has just seen is a sight: a predicted box shows nothing.
    """

    def __init__(self) -> None:
        self._best: dict[int, Sight] = {}  # by track
        self._waiting: list[_Waiting] = []

    def follow(
        self,
        frame: Frame,
        tracks: Sequence[Track],
        detections: Detections | None,
        alerts: Sequence[Alert],
        now_s: float,
    ) -> tuple[BetterView, ...]:
        """One frame with the tracks after it and the alerts it raised; returns the views that are due now.

        `now_s` is the tracks' own time. A view is due when its alert's time is up or the object is gone, and only if it
        shows more than the alert's picture does.
        """
        fresh = _sights(frame, tracks, detections, now_s)
        self._keep(fresh)
        for alert in alerts:
            shown = fresh.get(alert.track_id or 0)
            self._waiting.append(_Waiting(alert, shown.quality if shown else 0.0, now_s + LOOK_ON_S))
        present = {track.id for track in tracks if track.state is not TrackState.ENDED}
        due = [one for one in self._waiting if now_s >= one.until_s or one.alert.track_id not in present]
        self._waiting = [one for one in self._waiting if one not in due]
        views = tuple(view for one in due if (view := self._view(one)) is not None)
        self._forget_all_but(present)
        return views

    @property
    def size_bytes(self) -> float:
        """Of the pictures kept; one that shows several objects counts once."""
        return sum({id(sight.picture): sight.size_bytes for sight in self._best.values()}.values())

    def _keep(self, fresh: dict[int, Sight]) -> None:
        for track_id, sight in fresh.items():
            best = self._best.get(track_id)
            is_old = best is not None and (sight.seen_at - best.seen_at).total_seconds() > KEPT_S
            if best is None or is_old or sight.quality > best.quality:
                self._best[track_id] = sight
        awaited = {one.alert.track_id for one in self._waiting}
        while self.size_bytes > MOST_BYTES and len(self._best) > 1:
            # What was seen best long ago goes first: it is parked, or on its way out.
            oldest = min(self._best, key=lambda key: (key in awaited, self._best[key].seen_at))
            del self._best[oldest]

    def _forget_all_but(self, present: set[int]) -> None:
        """A track that ended or was forgotten never comes back under its number."""
        self._best = {key: sight for key, sight in self._best.items() if key in present}

    def _view(self, waiting: _Waiting) -> BetterView | None:
        alert, sight = waiting.alert, self._best.get(waiting.alert.track_id or 0)
        if sight is None or sight.quality <= _GAIN * waiting.quality or sight.seen_at == alert.frame_received_at:
            return None
        try:
            evidence = draw_evidence(sight.picture, sight.box, sight.label, sight.score)
        except EvidenceFailed as failure:  # the alert has its own picture
            _log.warning("no better picture", camera_id=alert.camera_id, reason=str(failure))
            return None
        return BetterView(alert.id, CameraId(alert.camera_id), sight.seen_at, sight.score, sight.box, evidence)


def _sights(frame: Frame, tracks: Sequence[Track], detections: Detections | None, now_s: float) -> dict[int, Sight]:
    """By track: what the detector saw of it in this frame."""
    if detections is None:
        return {}
    seen = [track for track in tracks if track.last_seen_s >= now_s and track.state is not TrackState.ENDED]
    found = [Box(*edges) for edges in detections.boxes.tolist()]
    sights = {}
    for track in seen:
        box, score = _own(track, found, detections)
        others = [other.box for other in seen if other is not track]
        quality = quality_of(frame.picture, box, score, others)
        sights[track.id] = Sight(quality, frame.received_at, track.label, score, box, frame.picture)
    return sights


def _own(track: Track, found: Sequence[Box], detections: Detections) -> tuple[Box, float]:
    """The detection behind the track, for its box is of this frame alone; the track's own where none is near."""
    if not found:
        return track.box, track.score
    overlaps = [overlap_area(track.box, box) / max(area_of(track.box), area_of(box), 1e-9) for box in found]
    nearest = int(np.argmax(np.nan_to_num(overlaps)))
    if overlaps[nearest] < _SAME_OBJECT:
        return track.box, track.score
    return found[nearest], float(detections.scores[nearest])
