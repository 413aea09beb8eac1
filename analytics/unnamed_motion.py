"""What moves though the model has no name for it.

A small model does not know a car from above, a tractor or a boar; that something of size moves there is certain all the
same. Rules that ask for the class `motion` see it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.detection import MOTION, Detections
from analytics.geometry import Box, area_of, join_near, overlap_area
from analytics.track import Track, TrackState

SCORE = 0.6
"""Neither sure nor doubtful: a moving patch is certain, that it is one object is not."""
NEAR = 0.03
"""Patches closer than this (share of the picture) are one object: head and legs of a walker are often two."""
MOST_PATCHES = 12
"""More at once are rain or snow: joined by chance, they would wander about as objects."""

_MIN_AREA = 0.006  # leaves, rain and headlights' glare stay below; a car at the far end of a car park does not
_OUT_OF_SIGHT = (TrackState.HIDDEN, TrackState.ENDED)
_EXPLAINED = 0.25  # share of a patch that a named object covers


def add_unnamed_motion(detections: Detections, moving: Sequence[Box], tracks: Iterable[Track]) -> Detections:
    """The detections, and a `motion` for each moving patch that neither they nor a named track explain.

    Where so much moves at once that it can only be weather, nothing nameless is told; what has a name still is.
    """
    if len(moving) > MOST_PATCHES:
        return detections
    named = [_box(corners) for corners in detections.boxes]
    named.extend(track.box for track in tracks if track.label != MOTION and track.state not in _OUT_OF_SIGHT)
    large = [patch for patch in join_near(moving, NEAR) if area_of(patch) >= _MIN_AREA]
    patches = [patch for patch in large if not is_explained(patch, named)]
    if not patches:
        return detections
    boxes = np.array([(patch.left, patch.top, patch.right, patch.bottom) for patch in patches], np.float32)
    return Detections(
        camera_id=detections.camera_id,
        epoch=detections.epoch,
        frame_sequence=detections.frame_sequence,
        boxes=np.concatenate((detections.boxes, boxes)),
        scores=np.concatenate((detections.scores, np.full(len(patches), SCORE, np.float32))),
        labels=(*detections.labels, *(MOTION for _ in patches)),
    )


def is_explained(patch: Box, objects: Iterable[Box]) -> bool:
    """Whether one of the objects covers enough of the moving patch to be what moves there."""
    area = area_of(patch)
    return any(overlap_area(patch, box) >= _EXPLAINED * area for box in objects)


def _box(corners: NDArray[np.float32]) -> Box:
    return Box(*corners.tolist())
