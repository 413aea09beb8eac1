"""Drawings of places: what is taken, what is kept of it, and what is refused."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from tests.fakes.drawing import drawing
from vms_api.overview.errors import PlanDamaged, PlanKindWrong
from vms_api.overview.plan_image import LONGEST_EDGE, redrawn


@pytest.mark.parametrize(("ending", "kept"), [(".png", "image/png"), (".jpg", "image/jpeg"), (".webp", "image/png")])
def test_a_picture_is_drawn_anew(ending: str, kept: str) -> None:
    """Size and colours stay; a note that was hidden behind the picture is gone."""
    secret = b"a note that nobody should keep"
    image = redrawn(drawing(40, 30, ending) + secret)
    assert (image.media_type, image.width, image.height) == (kept, 40, 30)
    assert secret not in image.data
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_COLOR)
    assert abs(int(picture[15, 20, 0]) - 235) < 6
    assert picture[0, 0].sum() < 300


def test_text_chunks_of_a_png_go() -> None:
    """Where and by whom a drawing was made is nobody's business here."""
    chunk = b"tEXtAuthor\x00Zhang San, 13800138000"
    packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    plain = drawing()
    after_head = 8 + 25
    image = redrawn(plain[:after_head] + packed + plain[after_head:])
    assert b"13800138000" not in image.data


def test_paper_is_white() -> None:
    """What is transparent in a PNG is shown on white, not on black."""
    clear = np.zeros((4, 4, 4), np.uint8)
    data = cv2.imencode(".png", clear)[1].tobytes()
    picture = cv2.imdecode(np.frombuffer(redrawn(data).data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.min() == 255


def test_sixteen_bits_become_eight() -> None:
    """The brightness stays; programs for maps write such files."""
    deep = np.full((4, 4, 3), 0x8000, np.uint16)
    image = redrawn(cv2.imencode(".png", deep)[1].tobytes())
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.dtype == np.uint8
    assert set(picture.ravel()) == {0x80}


def test_a_large_drawing_is_made_smaller() -> None:
    """Its shape stays."""
    image = redrawn(drawing(2 * LONGEST_EDGE, LONGEST_EDGE // 2))
    assert (image.width, image.height) == (LONGEST_EDGE, LONGEST_EDGE // 4)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        b"%PDF-1.7\n",
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 60_000, 60_000) + bytes(30),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    """Also a small file that says it is a picture of 3.6 gigapixels: it is refused before anything is decoded."""
    with pytest.raises(PlanKindWrong):
        redrawn(data)


def test_a_torn_picture_is_refused() -> None:
    """Its head is whole, the rest is not."""
    with pytest.raises(PlanDamaged):
        redrawn(drawing(ending=".png")[:40])
