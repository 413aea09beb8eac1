"""Access units into RTP payloads: NAL units alone, together or in fragments (RFC 6184, RFC 7798), and AAC."""

from collections.abc import Iterable, Iterator

from ingest.packet import Codec

MAX_PAYLOAD_BYTES = 1400
"""Leaves room for RTP, UDP and IPv6 headers and a tunnel in an Ethernet frame of 1500 bytes."""

_H264_TYPE_MASK, _H264_NRI = 0x1F, 0x60
_STAP_A, _FU_A = 24, 28
_H265_AP, _H265_FU = 48, 49
_LENGTH_BYTES = 2
_AGGREGATE_HEADER_BYTES = {Codec.H264: 1, Codec.H265: 2}
_START, _END = 0x80, 0x40


def payloads(codec: Codec, nal: bytes, limit: int = MAX_PAYLOAD_BYTES) -> Iterator[bytes]:
    """The RTP payloads of one NAL unit, each at most `limit` bytes; concatenated they are the unit again."""
    if len(nal) <= limit:
        yield nal
    elif codec is Codec.H264:
        yield from _h264_fragments(nal, limit)
    else:
        yield from _h265_fragments(nal, limit)


def packed_payloads(codec: Codec, nals: Iterable[bytes], limit: int = MAX_PAYLOAD_BYTES) -> Iterator[bytes]:
    """The RTP payloads of an access unit: small NAL units that follow each other share one, large ones are cut.

    STAP-A (RFC 6184 clause 5.7.1) and AP (RFC 7798 clause 4.4.2): parameter sets cost no packets of their own.
    """
    waiting: list[bytes] = []
    room = limit - _AGGREGATE_HEADER_BYTES[codec]
    left = room
    for nal in nals:
        size = len(nal) + _LENGTH_BYTES
        if size > left and waiting:
            yield _together(codec, waiting)
            waiting, left = [], room
        if size > left:
            yield from payloads(codec, nal, limit)
        else:
            waiting.append(nal)
            left -= size
    if waiting:
        yield _together(codec, waiting)


def _together(codec: Codec, nals: list[bytes]) -> bytes:
    if len(nals) == 1:
        return nals[0]
    head = _h264_aggregate_header(nals) if codec is Codec.H264 else _h265_aggregate_header(nals)
    return b"".join([head, *(len(nal).to_bytes(_LENGTH_BYTES, "big") + nal for nal in nals)])


def _h264_aggregate_header(nals: list[bytes]) -> bytes:
    """F is set if any unit's is, NRI is the highest (RFC 6184 clause 5.7)."""
    forbidden = max(nal[0] & 0x80 for nal in nals)
    return bytes([forbidden | max(nal[0] & _H264_NRI for nal in nals) | _STAP_A])


def _h265_aggregate_header(nals: list[bytes]) -> bytes:
    """F is set if any unit's is, layer and temporal identifier are the lowest (RFC 7798 clause 4.4.2)."""
    forbidden = max(nal[0] & 0x80 for nal in nals)
    layer = min((nal[0] & 1) << 5 | nal[1] >> 3 for nal in nals)
    temporal = min(nal[1] & 0x07 for nal in nals)
    return bytes([forbidden | _H265_AP << 1 | layer >> 5, (layer & 0x1F) << 3 | temporal])


def aac_payload(unit: bytes) -> bytes:
    """One access unit of AAC behind its header section: 16 bits of length in bits, 13 of size, 3 of index.

    RFC 3640 clauses 3.2.1 and 3.3.6 (AAC-hbr).
    """
    return b"\x00\x10" + (len(unit) << 3).to_bytes(2, "big") + unit


def _h264_fragments(nal: bytes, limit: int) -> Iterator[bytes]:
    """FU-A, RFC 6184 clause 5.8: indicator (F, NRI, type 28), header (S, E, R, type), then the unit less its header."""
    indicator = nal[0] & ~_H264_TYPE_MASK | _FU_A
    yield from _fragments(bytes([indicator]), nal[0] & _H264_TYPE_MASK, nal[1:], limit)


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
