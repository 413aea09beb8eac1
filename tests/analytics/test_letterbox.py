"""Pictures in a detector's input."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.letterbox import Letterbox

_SIDES = st.integers(16, 8000)


@given(_SIDES, _SIDES)
def test_the_picture_fits_and_touches_one_side(width: int, height: int) -> None:
    """As large as possible, never larger than the input."""
    across, down = Letterbox(width, height, 416, 416).fitted
    assert 1 <= across <= 416
    assert 1 <= down <= 416
    assert max(across, down) >= 415


@given(_SIDES, _SIDES, st.lists(st.floats(0, 1, width=32), min_size=4, max_size=4))
def test_boxes_come_back_to_where_they_were(width: int, height: int, corners: list[float]) -> None:
    """From shares of the picture to input pixels and back."""
    box = Letterbox(width, height, 416, 416)
    there = np.array([corners], np.float32) * np.array([*box.fitted, *box.fitted], np.float32)
    assert np.allclose(box.normalise(there), corners, atol=1e-5)


def test_boxes_in_the_padding_are_cut_off() -> None:
    """A box that reaches into the padding ends at the picture's edge."""
    box = Letterbox(400, 200, 400, 400)
    assert box.normalise(np.array([[0, 100, 100, 390]], np.float32)).tolist() == [[0, 0.5, 0.25, 1.0]]
