"""Fitting a picture into a detector's input, and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PADDING = 114
"""Grey of the unused part, as in YOLOX's own training (Megvii YOLOX, data_augment.preproc)."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture of `width` x `height` pixels at the top left of an input of `input_width` x `input_height`."""

    width: int
    height: int
    input_width: int
    input_height: int

    @property
    def scale(self) -> float:
        """Input pixels per picture pixel."""
        return min(self.input_width / self.width, self.input_height / self.height)

    @property
    def fitted(self) -> tuple[int, int]:
        """Width and height in input pixels that the picture takes, at least one each."""
        return max(int(self.width * self.scale), 1), max(int(self.height * self.scale), 1)

    def needed(self, stride: int) -> tuple[int, int]:
        """Width and height of the smallest input that holds the picture, in multiples of `stride`.

        What is left out is padding only: a wide picture costs a third less and is seen just as well.
        """
        across, down = self.fitted
        return -(-across // stride) * stride, -(-down // stride) * stride

    def normalise(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (n, 4) left, top, right, bottom in input pixels as shares of the picture, cut off at its edges."""
        across, down = self.fitted
        return np.clip(boxes / np.array([across, down, across, down], np.float32), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A picture pulled to the whole input, for models that were trained on distorted pictures."""

    input_width: int
    input_height: int

    @property
    def fitted(self) -> tuple[int, int]:
        """The whole input."""
        return self.input_width, self.input_height

    def normalise(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """As `Letterbox.normalise`."""
        across, down = self.fitted
        return np.clip(boxes / np.array([across, down, across, down], np.float32), 0.0, 1.0)
