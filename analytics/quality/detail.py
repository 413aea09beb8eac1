"""How much detail each cell of a picture shows, fine and coarse: what blur and cover take away."""

import cv2
import numpy as np

from analytics.quality.features import Cells
from analytics.quality.grid import Floats, Mask, cell_means
from analytics.quality.view import View

_FINE, _COARSE = (0.7, 1.4), (2.5, 6.0)
_FLOOR = 0.25  # luma steps: less is rounding
_QUIETEST = 0.1  # the tenth of the cells with the least detail shows the noise


def cells_of(view: View) -> Cells:
    """Detail as logarithms of luma steps, the noise taken off; mean luma in steps of 64."""
    luma = view.luma.astype(np.float32)
    return Cells(
        _band(luma, _FINE, view.inner),
        _band(luma, _COARSE, view.inner),
        cell_means(luma, view.counted) / np.float32(64.0),
    )


def _band(luma: Floats, sigmas: tuple[float, float], counted: Mask) -> Floats:
    near, far = (cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in sigmas)
    energy = cell_means(np.square(near - far), counted)
    noise = np.float32(np.nanquantile(energy, _QUIETEST)) if not np.isnan(energy).all() else np.float32(0.0)
    return np.asarray(np.log(np.sqrt(np.maximum(energy - noise, 0.0)) + np.float32(_FLOOR)), np.float32)
