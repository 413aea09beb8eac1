"""A view that is found again by the parts of it that are still to be seen."""

import cv2
import numpy as np
import pytest

from analytics.quality.features import Alike
from analytics.quality.grid import COLUMNS, ROWS, Mask
from analytics.quality.outlines import alike_within, compared
from analytics.quality.reference import outlines_of
from analytics.quality.view import view_of
from ingest.frame import Image
from tests.fakes.watched_place import HEIGHT, WIDTH, at_noon, noisy, paved_square

PLACE = paved_square()
STILL: Mask = np.zeros((ROWS, COLUMNS), np.bool_)


def _outlines(picture: Image) -> Image:
    view = view_of(at_noon(picture))
    assert view is not None
    return outlines_of(view)


def _beside(now: Image, moved: Mask = STILL) -> Alike:
    found = compared(_outlines(noisy(PLACE, 1)).astype(np.float32), _outlines(noisy(now, 2)), moved)
    assert found is not None
    assert found.kept is not None
    return found


def test_the_same_place_is_all_there() -> None:
    """By night as well: a quarter of the light changes no outline."""
    assert _beside(PLACE).kept == 1.0
    assert (_beside(cv2.convertScaleAbs(PLACE, alpha=0.25)).kept or 0.0) > 0.9


def test_a_part_that_is_covered_takes_nothing_from_the_others() -> None:
    """Boards before the right half leave the left half."""
    boarded = PLACE.copy()
    boarded[:, WIDTH // 2 :] = (90, 100, 110)
    assert (_beside(boarded).kept or 0.0) == pytest.approx(0.5, abs=0.1)


def test_of_another_place_next_to_nothing_is_there() -> None:
    """And a place moved by a tenth of its width is found there, not here."""
    assert (_beside(paved_square(6)).kept or 0.0) < 0.1
    moved = np.roll(PLACE, WIDTH // 10, axis=1)
    found = _beside(moved)
    assert (found.kept or 0.0) < 0.1
    assert found.away == pytest.approx(0.1, abs=0.02)


def test_what_moves_counts_for_nothing() -> None:
    """A lorry before the left half, known to move, leaves all of what can be seen."""
    lorry = PLACE.copy()
    lorry[:, : WIDTH // 2] = paved_square(8)[:, : WIDTH // 2]
    moved = STILL.copy()
    moved[:, : COLUMNS // 2] = True
    assert (_beside(lorry, moved).kept or 0.0) > 0.9


def test_outlines_behind_a_veil_are_alike_and_those_of_a_board_are_not() -> None:
    """A fifth of the contrast is a veil; the sky above is not asked."""
    lower = np.zeros((ROWS, COLUMNS), np.bool_)
    lower[ROWS // 3 :] = True
    usual = _outlines(noisy(PLACE, 1)).astype(np.float32)
    veiled, board = PLACE.copy(), PLACE.copy()
    veiled[HEIGHT // 3 :] = (PLACE[HEIGHT // 3 :] * 0.2 + 140).astype(np.uint8)
    board[HEIGHT // 3 :] = (150, 150, 150)
    assert alike_within(usual, _outlines(noisy(veiled, 3)), lower) > 0.5
    assert alike_within(usual, _outlines(noisy(board, 3)), lower) < 0.2
    assert alike_within(usual, _outlines(board), np.zeros_like(lower)) == 0.0
