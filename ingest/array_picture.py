"""A picture that is an array already: for timing detectors and for tests."""

from dataclasses import dataclass

import cv2
import numpy as np

from ingest.frame import Image


@dataclass(frozen=True, slots=True)
class ArrayPicture:
    """Implements `Picture`. `image` is (height, width, 3) uint8, blue first."""

    image: Image

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.image.shape[0])

    def luma(self) -> Image:
        """Brightness, (height, width) uint8."""
        return np.asarray(cv2.cvtColor(self.image, cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        """The image itself, or a scaled copy of `size` (width, height)."""
        return self.image if size is None else np.asarray(cv2.resize(self.image, size), np.uint8)
