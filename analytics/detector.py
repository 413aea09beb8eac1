"""The seam between frames and what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from analytics.detection import Detections
from ingest.frame import Frame


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the page and the metrics say about the detector in use."""

    name: str
    runtime: str
    labels: tuple[str, ...]
    licence: str
    input_width: int
    input_height: int


class DetectorFailed(Exception):
    """The detector could not judge this batch; nothing is known about its frames."""


class Detector(Protocol):
    """Finds objects of the allowed classes."""

    @property
    def model(self) -> ModelInfo:
        """Which model this is."""
        ...

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """One answer per frame, in the same order, one call for all cameras.

        Raises:
            DetectorFailed: no frame of the batch was judged.

        """
        ...

    def close(self) -> None:
        """Frees the runtime."""
        ...


@runtime_checkable
class Shrinking(Protocol):
    """A detector that can look at smaller pictures when time is short."""

    def use_share(self, share: float) -> None:
        """From the next call on the input is this share (0 to 1) of its full width and height."""
        ...
