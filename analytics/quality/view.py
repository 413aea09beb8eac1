"""One picture made ready to be measured: small, without what is masked, and a few tiles of it at full size."""

from dataclasses import dataclass

import cv2
import numpy as np

from analytics.geometry import Box
from analytics.quality.grid import Mask
from analytics.quality.sample import Sample
from ingest.frame import Image
from ingest.mask import Polygon

WIDTH = 480
"""No picture is measured wider or higher than this."""

_LEAST_PX = 48  # of the shorter side; less shows nothing that could be judged
_LEAST_SHARE = 0.1  # of the picture that may be looked at
_SKIP_FROM = 2560  # larger pictures lose every second pixel before they are made small
_TILE_COLUMNS, _TILE_ROWS = 6, 4
_TILE = (64, 80)
_EDGE = 2  # pixels of a tile that a filter mixes with the tile beside it
_MARGIN = np.ones((5, 5), np.uint8)
_REACH = np.ones((13, 13), np.uint8)  # of the filters; the picture's own edge is no mask's


@dataclass(frozen=True, slots=True)
class View:
    """All (height, width) and uint8 or bool; `lab` has three planes, L 0 to 255, a and b with 128 for neutral.

    `counted` is what may be looked at, `inner` what lies so deep in it that no filter reaches out. `tiles` are laid
    side by side, `tiles_counted` leaves out their seams. `earlier` and `earlier_tiles` are of the picture before.
    """

    luma: Image
    lab: Image
    counted: Mask
    inner: Mask
    tiles: Image
    tiles_counted: Mask
    earlier: Image | None
    earlier_tiles: Image | None


def view_of(sample: Sample) -> View | None:
    """None where the picture is too small, or too little of it may be looked at, for any judgement."""
    picture = sample.picture
    if picture is None or min(picture.shape[:2]) < _LEAST_PX:
        return None
    small = _small(picture)
    hidden = _hidden(small.shape[:2], sample.masked, sample.overlays)
    counted = hidden == 0
    if counted.mean() < _LEAST_SHARE:
        return None
    inner = cv2.dilate(hidden, _REACH, borderType=cv2.BORDER_CONSTANT, borderValue=0) == 0
    earlier = sample.earlier
    if earlier is not None and earlier.shape != picture.shape:
        earlier = None
    small = _filled(small, counted)
    tiles, tiles_counted = _tiles(picture, counted)
    return View(
        luma=_luma(small),
        lab=np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), np.uint8),
        counted=counted,
        inner=inner,
        tiles=tiles,
        tiles_counted=tiles_counted,
        earlier=None if earlier is None else _luma(_filled(_small(earlier), counted)),
        earlier_tiles=None if earlier is None else _tiles(earlier, counted)[0],
    )


def _small(picture: Image) -> Image:
    """By halves as long as it goes, which is the quickest way."""
    height, width = picture.shape[:2]
    shrink = max(height, width) / WIDTH
    if shrink <= 1.0:
        return picture
    size = (max(round(width / shrink), 1), max(round(height / shrink), 1))
    while (longest := max(picture.shape[:2])) >= 2 * WIDTH:
        half = (max(picture.shape[1] // 2, 1), max(picture.shape[0] // 2, 1))
        way = cv2.INTER_NEAREST if longest > _SKIP_FROM else cv2.INTER_AREA
        picture = np.asarray(cv2.resize(picture, half, interpolation=way), np.uint8)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _hidden(size: tuple[int, ...], masked: tuple[Polygon, ...], overlays: tuple[Box, ...]) -> Image:
    """255 where nothing may be looked at, with a margin for the pixels that shrinking mixes."""
    height, width = size
    hidden = np.zeros((height, width), np.uint8)
    outlines = [*masked, *(_outline(box) for box in overlays)]
    for outline in outlines:
        corners = np.asarray(outline, np.float64).clip(-1.0, 2.0) * (width, height)
        cv2.fillPoly(hidden, [np.round(corners).astype(np.int32)], (255,))
    return np.asarray(cv2.dilate(hidden, _MARGIN), np.uint8) if outlines else hidden


def _outline(box: Box) -> Polygon:
    return (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)


def _filled(small: Image, counted: Mask) -> Image:
    """What is not counted becomes one colour: the mean of the rest."""
    if counted.all():
        return small
    colour = np.array(cv2.mean(small, counted.astype(np.uint8))[:3])
    filled = np.full_like(small, np.round(colour))
    return np.asarray(cv2.copyTo(small, counted.astype(np.uint8), filled), np.uint8)


def _luma(picture: Image) -> Image:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def _tiles(picture: Image, counted: Mask) -> tuple[Image, Mask]:
    """Pieces of the picture at full size, evenly spread, as one luma picture; which of its pixels count."""
    height, width = picture.shape[:2]
    rows, columns = counted.shape
    tall, wide = min(_TILE[0], height // _TILE_ROWS), min(_TILE[1], width // _TILE_COLUMNS)
    tiles = np.empty((tall * _TILE_ROWS, wide * _TILE_COLUMNS, 3), np.uint8)
    tiles_counted = np.zeros(tiles.shape[:2], np.bool_)
    for number in range(_TILE_ROWS * _TILE_COLUMNS):
        row, column = divmod(number, _TILE_COLUMNS)
        top = (2 * row + 1) * height // (2 * _TILE_ROWS) - tall // 2
        left = (2 * column + 1) * width // (2 * _TILE_COLUMNS) - wide // 2
        here = slice(row * tall, (row + 1) * tall), slice(column * wide, (column + 1) * wide)
        tiles[here] = picture[top : top + tall, left : left + wide]
        seen = counted[
            top * rows // height : -(-(top + tall) * rows // height),
            left * columns // width : -(-(left + wide) * columns // width),
        ]
        if seen.all():
            tiles_counted[
                row * tall + _EDGE : (row + 1) * tall - _EDGE, column * wide + _EDGE : (column + 1) * wide - _EDGE
            ] = True
    return _luma(tiles), tiles_counted
