"""What passes between two pictures, cell by cell."""

import cv2
import numpy as np

from analytics.quality.grid import COLUMNS, ROWS
from analytics.quality.moved import moved_cells
from analytics.quality.view import View, view_of
from ingest.frame import Image
from tests.fakes.watched_place import HEIGHT, WIDTH, at_noon, noisy, paved_square

PLACE = paved_square()


def _view(now: Image, earlier: Image | None) -> View:
    view = view_of(at_noon(now, earlier=earlier))
    assert view is not None
    return view


def test_what_has_driven_into_the_left_third_moves_there_and_nowhere_else() -> None:
    """The lorry's flank is flat and has no outline of its own: it moved all the same."""
    now = noisy(PLACE, 1)
    now[:, : WIDTH // 4] = 255 - now[:, : WIDTH // 4].mean()
    moved = moved_cells(_view(now, noisy(PLACE, 2)))
    assert moved[:, : COLUMNS // 4].mean() > 0.8
    assert not moved[:, COLUMNS // 4 + 1 :].any()


def test_neither_the_noise_of_a_night_nor_a_shaken_mast_moves_anything() -> None:
    """Noise of eight luma steps, and two pixels to the side."""
    shaken = cv2.warpAffine(PLACE, np.array([[1, 0, 2], [0, 1, 1]], np.float64), (WIDTH, HEIGHT))
    moved = moved_cells(_view(noisy(PLACE, 1, 8.0), noisy(shaken, 2, 8.0)))
    assert moved[1:-1, 1:-1].mean() < 0.05


def test_without_a_picture_before_nothing_is_known_to_move() -> None:
    """All cells are still."""
    moved = moved_cells(_view(PLACE, None))
    assert moved.shape == (ROWS, COLUMNS)
    assert not moved.any()
