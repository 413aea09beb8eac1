"""A decoded picture on its way to analysis."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.camera import CameraId

Image = NDArray[np.uint8]


class Picture(Protocol):
    """Pixels, converted only when somebody asks: most frames need their luma alone."""

    @property
    def width(self) -> int:
        """Pixels across."""
        ...

    @property
    def height(self) -> int:
        """Pixels down."""
        ...

    def luma(self) -> Image:
        """Brightness, (height, width) uint8, a read-only view where the decoder's layout allows it."""
        ...

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        """Colour, (height, width, 3) uint8, blue first.

        With a `size` (width, height) it is scaled on the way, which costs less than converting first.
        """
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture with the times and the place in its stream."""

    camera_id: CameraId
    epoch: int
    sequence: int
    media_time_s: float
    received_at: datetime
    received_monotonic_s: float
    picture: Picture
