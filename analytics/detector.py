"""The seam between frames and what is in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
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


class DetectorFault(StrEnum):
    """What is wrong with a detector that does not answer. The words are stable: they go to API, metrics and page."""

    OUTPUT = "detector-output-absurd"
    """It answered what no picture's answer can be: NaN, infinity, boxes or scores beyond reason."""
    SHAPE = "detector-output-shape"
    """Its answer has another shape than its head's: other classes, or a model of another head."""
    RUN = "detector-run-failed"
    """The runtime gave up on this picture."""
    MEMORY = "detector-memory-short"
    """The device has no room for so many pictures at once."""
    LOST = "detector-lost"
    """Session or device are gone; it is being opened again."""


class DetectorFailed(Exception):
    """The detector could not judge this batch; nothing is known about its frames."""

    def __init__(self, message: str, fault: DetectorFault = DetectorFault.RUN) -> None:
        super().__init__(message)
        self.fault = fault


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
