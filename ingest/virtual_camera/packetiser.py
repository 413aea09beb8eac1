"""Access units into RTP payloads: single NAL units and fragments (RFC 6184 for H.264, RFC 7798 for H.265), and AAC."""

from collections.abc import Iterator

from ingest.packet import Codec
from ingest.virtual_camera.nal import H264_TYPE_MASK

MAX_PAYLOAD_BYTES = 1400
"""Leaves room for RTP, UDP and IPv6 headers and a tunnel in an Ethernet frame of 1500 bytes."""

_FU_A = 28
_H265_FU = 49
_START, _END = 0x80, 0x40


def payloads(codec: Codec, nal: bytes, limit: int = MAX_PAYLOAD_BYTES) -> Iterator[bytes]:
    """The RTP payloads of one NAL unit, each at most `limit` bytes; concatenated they are the unit again."""
    if len(nal) <= limit:
        yield nal
    elif codec is Codec.H264:
        yield from _h264_fragments(nal, limit)
    else:
        yield from _h265_fragments(nal, limit)


def aac_payload(unit: bytes) -> bytes:
    """One access unit of AAC behind its header section: 16 bits of length in bits, 13 of size, 3 of index.

    RFC 3640 clauses 3.2.1 and 3.3.6 (AAC-hbr).
    """
    return b"\x00\x10" + (len(unit) << 3).to_bytes(2, "big") + unit


def _h264_fragments(nal: bytes, limit: int) -> Iterator[bytes]:
    """FU-A, RFC 6184 clause 5.8: indicator (F, NRI, type 28), header (S, E, R, type), then the unit less its header."""
    indicator = nal[0] & ~H264_TYPE_MASK | _FU_A
    yield from _fragments(bytes([indicator]), nal[0] & H264_TYPE_MASK, nal[1:], limit)


def _h265_fragments(nal: bytes, limit: int) -> Iterator[bytes]:
    """FU, RFC 7798 clause 4.4.3: the header with type 49, FU header (S, E, type), then the unit less its header."""
    header = bytes([nal[0] & 0x81 | _H265_FU << 1, nal[1]])
    yield from _fragments(header, nal[0] >> 1 & 0x3F, nal[2:], limit)


def _fragments(header: bytes, kind: int, body: bytes, limit: int) -> Iterator[bytes]:
    size = limit - len(header) - 1
    last = (len(body) - 1) // size * size
    for position in range(0, len(body), size):
        edges = (_START if position == 0 else 0) | (_END if position == last else 0)
        yield b"%b%c%b" % (header, edges | kind, body[position : position + size])
