"""Motion JPEG in RTP (RFC 2435): the scan comes in fragments, the headers are made again from a few bytes."""

import struct
from functools import lru_cache

_HEADER = 8
_RESTART_HEADER = 4
_TABLES_HEADER = 4
_TABLE = 64
_OWN_TABLES = 128  # Q values from here on: the tables are in the packet (RFC 2435 clause 3.1.8)
_RESTART_TYPES = range(64, 128)
_HIGHEST_SCALED_Q = 99

# Rec. ITU-T T.81 tables K.1 and K.2 in zigzag order (figure A.6).
_LUMINANCE = bytes.fromhex(
    "100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763"
)
_CHROMINANCE = bytes.fromhex("1112121815182f1a1a2f634238426363") + bytes([0x63]) * 48
# Rec. ITU-T T.81 annex K.3: table class and id, numbers of codes of each length, values.
_HUFFMAN = (
    bytes.fromhex("00 00010501010101010100000000000000") + bytes(range(12)),
    bytes.fromhex("01 00030101010101010101010000000000") + bytes(range(12)),
    bytes.fromhex(
        "10 0002010303020403050504040000017d"
        "0102030004110512213141061351610722711432"
        "8191a1082342b1c11552d1f02433627282090a16"
        "1718191a25262728292a3435363738393a434445"
        "464748494a535455565758595a63646566676869"
        "6a737475767778797a838485868788898a929394"
        "95969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6"
        "b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8"
        "d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8"
        "f9fa"
    ),
    bytes.fromhex(
        "11 00020102040403040705040400010277"
        "0001020311040521310612415107617113223281"
        "08144291a1b1c109233352f0156272d10a162434"
        "e125f11718191a262728292a35363738393a4344"
        "45464748494a535455565758595a636465666768"
        "696a737475767778797a82838485868788898a92"
        "939495969798999aa2a3a4a5a6a7a8a9aab2b3b4"
        "b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6"
        "d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8"
        "f9fa"
    ),
)
_START_OF_IMAGE, _END_OF_IMAGE = b"\xff\xd8", b"\xff\xd9"


class JpegDepacketiser:
    """Implements `PictureDepacketiser`. Every picture is a key frame; one with a missing part is not handed on."""

    def __init__(self) -> None:
        self._picture = bytearray()
        self._next_offset = 0
        self.has_picture = False
        self.is_continuation = False
        self.is_damaged = False

    @property
    def size(self) -> int:
        """Bytes collected."""
        return len(self._picture)

    def push(self, payload: memoryview) -> None:
        """One payload (RFC 2435 clause 3.1)."""
        if len(payload) <= _HEADER or self.is_damaged:
            self.is_damaged = True
            return
        kind, quality = payload[4], payload[5]
        offset = payload[1] << 16 | payload[2] << 8 | payload[3]
        position, interval = _HEADER, 0
        if kind in _RESTART_TYPES:
            interval = payload[position] << 8 | payload[position + 1] if len(payload) > position + 1 else 0
            position += _RESTART_HEADER
        if offset == 0 and not self.has_picture:
            position = self._begin(payload, position, kind, quality, interval)
        if not self.has_picture or offset != self._next_offset or position > len(payload):
            self.is_damaged = True
            return
        self._picture += payload[position:]
        self._next_offset += len(payload) - position

    def lose(self) -> None:
        """A hole in the scan cannot be bridged, but what is missing may have come before this picture."""
        if self.has_picture:
            self.is_damaged = True

    def take(self) -> tuple[bytes, bool]:
        """The picture."""
        data = b"" if self.is_damaged else bytes(self._picture) + _END_OF_IMAGE
        self._picture.clear()
        self._next_offset = 0
        self.has_picture = self.is_damaged = False
        return data, True

    def _begin(self, payload: memoryview, position: int, kind: int, quality: int, interval: int) -> int:
        """Writes the headers; returns where the scan begins."""
        if quality >= _OWN_TABLES:
            size = int.from_bytes(payload[position + 2 : position + 4], "big")
            start = position + _TABLES_HEADER
            tables, position = bytes(payload[start : start + size]), start + size
        else:
            tables = _scaled_tables(quality)
        if kind & 0x3F > 1 or not payload[6] or not payload[7] or len(tables) not in (_TABLE, 2 * _TABLE):
            return position  # has_picture stays False: counted as damaged
        self._picture += _headers(kind & 1, payload[6] * 8, payload[7] * 8, tables, interval)
        self.has_picture = True
        return position


@lru_cache(maxsize=32)
def _headers(kind: int, width: int, height: int, tables: bytes, interval: int) -> bytes:
    """All that stands before the scan (RFC 2435 appendix B; Rec. ITU-T T.81 annex B). `kind` 0 is 4:2:2, 1 is 4:2:0."""
    second = 1 if len(tables) > _TABLE else 0
    quantisation = [
        _segment(0xDB, bytes([number]) + tables[number * _TABLE : (number + 1) * _TABLE])
        for number in range(second + 1)
    ]
    components = bytes([1, 0x22 if kind else 0x21, 0, 2, 0x11, second, 3, 0x11, second])
    frame = _segment(0xC0, struct.pack("!BHHB", 8, height, width, 3) + components)
    huffman = [_segment(0xC4, table) for table in _HUFFMAN]
    restart = [_segment(0xDD, struct.pack("!H", interval))] if interval else []
    scan = _segment(0xDA, bytes([3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]))
    return b"".join([_START_OF_IMAGE, *quantisation, *restart, frame, *huffman, scan])


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0xFF, marker, len(body) + 2) + body


@lru_cache(maxsize=_HIGHEST_SCALED_Q)
def _scaled_tables(quality: int) -> bytes:
    """The default tables for a Q of 1 to 99 (RFC 2435 clause 4.2)."""
    q = min(max(quality, 1), _HIGHEST_SCALED_Q)
    scale = 5000 // q if q < 50 else 200 - 2 * q  # noqa: PLR2004 - the formula of the clause
    return bytes(min(max((value * scale + 50) // 100, 1), 255) for value in _LUMINANCE + _CHROMINANCE)
