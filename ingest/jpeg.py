"""The picture size inside a JPEG: how a size change of a Motion JPEG camera is noticed."""

_START_OF_IMAGE = b"\xff\xd8"
# Rec. ITU-T T.81 table B.1: C0 to CF are frame headers, but for C4 (tables), C8 (reserved) and CC (conditioning).
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER = 0xFF


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the first frame header (Rec. ITU-T T.81 B.2.2).

    Raises:
        ValueError: no JPEG, or one that ends before its frame header.

    """
    if not data.startswith(_START_OF_IMAGE):
        raise ValueError("not a JPEG")
    at = len(_START_OF_IMAGE)
    while at + 9 <= len(data) and data[at] == _MARKER:
        if data[at + 1] in _FRAME_HEADERS:
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise ValueError("no frame header")
