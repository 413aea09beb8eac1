"""Boxes of the ISO base media file format (ISO/IEC 14496-12 clause 4.2): written and taken apart."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.recording.errors import SegmentDamaged

HEADER_SIZE = 8
_HEADER = struct.Struct(">I4s")
_WORD = struct.Struct(">I")


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of the four-character `kind` around the parts."""
    payload = b"".join(parts)
    return _HEADER.pack(HEADER_SIZE + len(payload), kind) + payload


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box that begins with a version and 24 flags."""
    return box(kind, _WORD.pack(version << 24 | flags), *parts)


@dataclass(frozen=True, slots=True)
class BoxSpan:
    """Where a box lies: `start` of its header, `payload` and `end`, as offsets into what was read."""

    kind: bytes
    start: int
    payload: int
    end: int


def box_header(data: bytes, at: int = 0) -> tuple[bytes, int]:
    """Kind and whole size of the box whose header stands at `at`.

    Raises:
        SegmentDamaged: no header, or a size that we never write (less than a header, or of 64 bits).

    """
    if at + HEADER_SIZE > len(data):
        raise SegmentDamaged("a box ends too early")
    size, kind = _HEADER.unpack_from(data, at)
    if size < HEADER_SIZE:
        raise SegmentDamaged("a box has an impossible size")
    return kind, size


def boxes(data: bytes, start: int, end: int) -> Iterator[BoxSpan]:
    """The boxes that lie one after the other from `start` to `end`.

    Raises:
        SegmentDamaged: they do not fit.

    """
    at = start
    while at < end:
        kind, size = box_header(data, at)
        if at + size > end:
            raise SegmentDamaged("a box is longer than what holds it")
        yield BoxSpan(kind, at, at + HEADER_SIZE, at + size)
        at += size


def only_box(data: bytes, kind: bytes, within: BoxSpan) -> BoxSpan:
    """The first box of that kind inside another.

    Raises:
        SegmentDamaged: there is none.

    """
    found = next((span for span in boxes(data, within.payload, within.end) if span.kind == kind), None)
    if found is None:
        raise SegmentDamaged(f"the box {kind.decode('latin-1')} is missing")
    return found
