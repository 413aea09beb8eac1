"""RTP payloads back into NAL units, written from RFC 6184 and RFC 7798 apart from the packetiser under test."""

from collections.abc import Iterable

from ingest.packet import Codec

FU_A, H265_FU = 28, 49


def depacketise(codec: Codec, payloads: Iterable[bytes]) -> list[bytes]:
    """The NAL units that the payloads carry; fails on a fragment without a start or an end."""
    units: list[bytes] = []
    open_unit: bytearray | None = None
    for payload in payloads:
        first, last, header, body = _read(codec, payload)
        if header is None:
            assert open_unit is None
            units.append(payload)
            continue
        if first:
            assert open_unit is None
            open_unit = bytearray(header)
        assert open_unit is not None
        open_unit += body
        if last:
            units.append(bytes(open_unit))
            open_unit = None
    assert open_unit is None
    return units


def _read(codec: Codec, payload: bytes) -> tuple[bool, bool, bytes | None, bytes]:
    if codec is Codec.H264:
        if payload[0] & 0x1F != FU_A:
            return True, True, None, payload
        header, flags, body = bytes([payload[0] & 0xE0 | payload[1] & 0x1F]), payload[1], payload[2:]
    else:
        if payload[0] >> 1 & 0x3F != H265_FU:
            return True, True, None, payload
        header, flags, body = bytes([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]]), payload[2], payload[3:]
    return bool(flags & 0x80), bool(flags & 0x40), header, body
