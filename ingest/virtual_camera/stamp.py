"""A frame number burnt into a picture, readable after lossy encoding: 32 black and white blocks along the top edge.

The blocks, left to right: white, black, 24 bits of the number (highest first), 4 bits of check sum, black, white.
"""

import numpy as np

from ingest.frame import Image

NUMBER_BITS = 24
_CHECK_BITS = 4
_HEAD, _TAIL = (1, 0), (0, 1)
_BLOCKS = len(_HEAD) + NUMBER_BITS + _CHECK_BITS + len(_TAIL)
_MIDDLE_GREY = 128


def strip_height(picture_height: int) -> int:
    """Rows of pixels that the strip takes."""
    return max(8, picture_height // 24)


def stamp(picture: Image, number: int) -> None:
    """Draws the number, modulo 2**24, into the picture ((height, width[, 3]) uint8) in place."""
    value = number % (1 << NUMBER_BITS)
    bits = [*_HEAD, *_bits(value, NUMBER_BITS), *_bits(_check_sum(value), _CHECK_BITS), *_TAIL]
    size = picture.shape[1] // _BLOCKS
    rows = strip_height(picture.shape[0])
    for index, bit in enumerate(bits):
        picture[:rows, index * size : (index + 1) * size] = 255 * bit


def read_stamp(picture: Image) -> int | None:
    """The number in a picture of any channel order, None where there is none or it is damaged."""
    size = picture.shape[1] // _BLOCKS
    row = strip_height(picture.shape[0]) // 2
    samples = picture[row, size // 2 : size * _BLOCKS : size]
    bits = [int(np.mean(sample) >= _MIDDLE_GREY) for sample in samples]
    head, rest = tuple(bits[: len(_HEAD)]), bits[len(_HEAD) :]
    value = _number(rest[:NUMBER_BITS])
    check = _number(rest[NUMBER_BITS : NUMBER_BITS + _CHECK_BITS])
    intact = head == _HEAD and tuple(rest[-len(_TAIL) :]) == _TAIL and check == _check_sum(value)
    return value if intact else None


def _bits(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in reversed(range(count))]


def _number(bits: list[int]) -> int:
    return sum(bit << place for place, bit in enumerate(reversed(bits)))


def _check_sum(value: int) -> int:
    """The sum of all hexadecimal digits, so that a picture all black or all white never checks."""
    return (sum(value >> place & 0xF for place in range(0, NUMBER_BITS, 4)) + 5) & 0xF
