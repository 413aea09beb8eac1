"""Burnt-in numbers can be read again, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.virtual_camera.stamp import read_stamp, stamp


@given(st.integers(0, 2**24 - 1), st.integers(64, 400), st.integers(64, 300), st.integers(0, 2**32 - 1))
def test_numbers_come_back_through_noise(number: int, width: int, height: int, seed: int):
    """Any number is read from a picture of any size, in colour or grey, with strong noise on it."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    stamp(picture, number)
    noisy = (picture.astype(np.int16) + rng.integers(-90, 91, picture.shape)).clip(0, 255).astype(np.uint8)
    assert read_stamp(picture) == read_stamp(picture[..., 1]) == number
    assert read_stamp(noisy.mean(axis=2).astype(np.uint8)) == number


@pytest.mark.parametrize("grey", [0, 127, 255])
def test_plain_pictures_have_no_number(grey: int):
    """Black, grey and white pictures are not taken for a number."""
    assert read_stamp(np.full((120, 160, 3), grey, np.uint8)) is None


def test_a_wrong_bit_is_found():
    """One flipped block makes the number unreadable instead of wrong."""
    picture = np.zeros((120, 320, 3), np.uint8)
    stamp(picture, 1234)
    picture[:, 100:110] = 255 - picture[:, 100:110]
    assert read_stamp(picture) is None
