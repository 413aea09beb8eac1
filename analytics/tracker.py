"""The seam between detections and tracks of one camera."""

from collections.abc import Sequence
from typing import Protocol

from analytics.detection import Detections
from analytics.track import Track


class Tracker(Protocol):
    """Follows the objects of one camera. All times are media time in seconds."""

    def update(self, detections: Detections, now_s: float) -> Sequence[Track]:
        """Every track in view after an analysed frame; a track that ends is returned once more as ENDED."""
        ...

    def predict(self, now_s: float) -> Sequence[Track]:
        """Tracks moved on without evidence (gated or skipped frame): nothing is lost and nothing ends here."""
        ...

    def reset(self) -> None:
        """Forgets everything (a new epoch)."""
        ...
