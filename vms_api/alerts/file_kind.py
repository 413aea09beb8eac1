"""What a file is, by its bytes: its name and what the sender says of it are not asked.

Pictures are not decoded here; their headers say how large they would become. JPEG: ITU-T T.81 annex B. PNG: W3C PNG,
third edition, clause 5. WebP: RFC 9649. PDF: ISO 32000-2 clause 7.5.2. Where a file could be read as something else
too, it still is stored and sent as what it is said here to be, with `nosniff` and as a download.
"""

import codecs
import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from vms_api.alerts.attachment import MediaType

MAX_PIXELS = 64_000_000
"""A picture of more would fill a browser's memory: 256 MB as it is shown."""

_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK = 64 * 1024
_FILL = 0xFF
_END, _SCAN = 0xD9, 0xDA
_NO_SIZE = {0x01, *range(0xD0, 0xD8)}
"""Markers of JPEG without a length."""
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG that begin a frame, and say how large it is."""
_MOST_SEGMENTS = 1000
_CONTROLS = {*range(32), 127} - {9, 10, 12, 13}


def kind_of(file: IO[bytes]) -> MediaType | None:
    """The kind; None when it is none that is taken, is damaged at its head, or a picture too large to be shown."""
    file.seek(0)
    head = file.read(64)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg" if _is_showable(partial(_jpeg_size, file)) else None
    if head.startswith(_PNG):
        return "image/png" if _is_showable(partial(_png_size, head)) else None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp" if _is_showable(partial(_webp_size, head)) else None
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    return "text/plain" if _is_text(file) else None


def _is_showable(read_size: Callable[[], tuple[int, int] | None]) -> bool:
    try:
        size = read_size()
    except (struct.error, IndexError):  # it ends too soon
        return False
    return size is not None and 0 < size[0] * size[1] <= MAX_PIXELS


def _jpeg_size(file: IO[bytes]) -> tuple[int, int] | None:
    """Width and height of the first frame; the thumbnail that a camera adds lies in a segment that is skipped."""
    file.seek(2)
    for _ in range(_MOST_SEGMENTS):
        lead, marker = struct.unpack("BB", file.read(2))
        if lead != _FILL or marker in {_END, _SCAN}:
            return None
        if marker == _FILL:
            file.seek(-1, 1)
        elif marker in _FRAMES:
            _length, _precision, height, width = struct.unpack(">HBHH", file.read(7))
            return width, height
        elif marker not in _NO_SIZE:
            (length,) = struct.unpack(">H", file.read(2))
            file.seek(max(0, length - 2), 1)
    return None


def _png_size(head: bytes) -> tuple[int, int] | None:
    if head[8:16] != b"\x00\x00\x00\rIHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _webp_size(head: bytes) -> tuple[int, int] | None:
    kind, body = head[12:16], head[20:30]
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L" and body.startswith(b"\x2f"):
        (bits,) = struct.unpack("<I", body[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _is_text(file: IO[bytes]) -> bool:
    """UTF-8 without the characters that no text has."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_empty = True
    try:
        for chunk in _chunks(file):
            is_empty = False
            if any(code in chunk for code in _CONTROLS):
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not is_empty


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
