"""How much detail each cell of a picture shows, fine and coarse: what blur and cover take away."""

from dataclasses import fields

import cv2
import numpy as np

from analytics.quality.features import Cells
from analytics.quality.grid import TEXT_ROWS, Floats, Mask, cell_means
from analytics.quality.tint import tints_of
from analytics.quality.view import View

_FINE, _COARSE = (0.7, 1.4), (1.25, 3.0)  # the coarse ones at half the size
_HALF = 2
_FLOOR = 0.25  # luma steps: less is rounding
_VISIBLE = -0.6  # logarithm of luma steps
_BLACK, _MIDDLE = 12.0, 112.0
LUMA_STEP = 64.0
_QUIETEST = 0.1  # the tenth of the cells with the least detail shows the noise


def cells_of(view: View) -> Cells:
    """Detail by the light that falls on it, as a logarithm, the noise taken off; mean luma in steps of 64; colours."""
    luma = view.luma.astype(np.float32)
    height, width = luma.shape
    half = np.asarray(cv2.resize(luma, (width // _HALF, height // _HALF), interpolation=cv2.INTER_AREA), np.float32)
    half_inner = view.inner[: height // _HALF * _HALF : _HALF, : width // _HALF * _HALF : _HALF]
    lit = cell_means(luma, view.counted)
    return Cells(
        _band(luma, _FINE, view.inner) - light_on(lit),
        _band(half, _COARSE, half_inner) - light_on(lit),
        lit / np.float32(LUMA_STEP),
        *tints_of(view),
    )


def still_cells(cells: Cells, moved: Mask) -> Cells:
    """The same without the cells that moved, and without the detail of those that may hold burnt-in text.

    That stays sharp and in place whatever happens to the lens.
    """
    still = Cells(*(np.where(moved, np.float32(np.nan), getattr(cells, one.name)) for one in fields(cells)))
    for detail in (still.fine, still.coarse):
        detail[:TEXT_ROWS] = detail[-TEXT_ROWS:] = np.nan
    return still


def light_on(luma: Floats) -> Floats:
    """The logarithm that detail grows with, as the light on it does; `luma` 0 to 255."""
    return np.asarray(np.log((luma + np.float32(_BLACK)) / np.float32(_MIDDLE)), np.float32)


def visible(detail: Floats, luma: Floats, least: float = _VISIBLE) -> Mask:
    """Which cells would show at least so much (a logarithm of luma steps) of their usual detail in today's light."""
    return np.asarray(today(detail, luma) > least, np.bool_)


def today(detail: Floats, luma: Floats) -> Floats:
    """The logarithm of luma steps that usual detail has in today's light, that of the picture's brighter half."""
    lit = luma[~np.isnan(luma)] * np.float32(LUMA_STEP)
    light = np.quantile(lit, [0.6]).astype(np.float32) if lit.size else np.zeros(1, np.float32)
    return detail + light_on(light)


def in_steps(detail: Floats, luma: Floats) -> Floats:
    """The logarithm of the luma steps that the detail has in this picture, whatever light is on it."""
    return detail + light_on(luma * np.float32(LUMA_STEP))


def _band(luma: Floats, sigmas: tuple[float, float], counted: Mask) -> Floats:
    near, far = (cv2.GaussianBlur(luma, (0, 0), sigma) for sigma in sigmas)
    energy = cell_means(np.square(near - far), counted)
    noise = np.float32(np.nanquantile(energy, _QUIETEST)) if not np.isnan(energy).all() else np.float32(0.0)
    return np.asarray(np.log(np.sqrt(np.maximum(energy - noise, 0.0)) + np.float32(_FLOOR)), np.float32)
