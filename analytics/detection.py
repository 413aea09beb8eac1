"""What a detector found in one frame."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ingest.camera import CameraId

MOTION = "motion"
"""The class of what moves and has no other name."""

LEFT_OBJECT = "left_object"
GONE_OBJECT = "gone_object"
"""What `still_change` tells: something without a name stands where nothing stood, or no longer stands where it did."""

ALLOWED_LABELS = frozenset(
    {
        *("person", "bicycle", "motorcycle", "car", "bus", "truck", "boat"),
        *("dog", "cat", "horse", "cow", "sheep"),
        *("fire", "smoke", MOTION),
    }
)
"""The classes that may be analysed: the product watches places, not persons. All else a model offers is dropped."""


class Outcome(StrEnum):
    """What became of a frame. Only ANALYSED says anything about what is there."""

    ANALYSED = "analysed"
    GATED = "gated"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Detections:
    """The objects of one frame: `boxes` (n, 4) float32 left, top, right, bottom in 0 to 1; `scores` (n,) float32."""

    camera_id: CameraId
    epoch: int
    frame_sequence: int
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


_FAMILIES = (
    frozenset({"car", "bus", "truck"}),
    frozenset({"bicycle", "motorcycle"}),
    frozenset({"dog", "cat", "horse", "cow", "sheep"}),
)


def family_of(label: str) -> str:
    """The name of the classes that a small model takes for each other; a class without such kin is its own family.

    Boxes of one family suppress each other and may continue each other's track: a van is "car" in one frame and
    "truck" in the next, and is still one van.
    """
    return next((min(family) for family in _FAMILIES if label in family), label)
