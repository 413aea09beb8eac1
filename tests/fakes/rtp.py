"""RTP payloads back into NAL units: alone, together and in fragments, written from RFC 6184 and RFC 7798."""

from collections.abc import Iterable


def units_of(payloads: Iterable[bytes]) -> list[bytes]:
    """The NAL units of H.264; fails on a fragment without a start or an end."""
    units: list[bytes] = []
    fragments: bytearray | None = None
    for payload in payloads:
        kind = payload[0] & 0x1F
        if kind == 28:
            if payload[1] & 0x80:
                assert fragments is None
                fragments = bytearray([payload[0] & 0xE0 | payload[1] & 0x1F])
            assert fragments is not None
            fragments += payload[2:]
            if payload[1] & 0x40:
                units.append(bytes(fragments))
                fragments = None
            continue
        assert fragments is None
        units += _aggregated(payload[1:]) if kind == 24 else [payload]
    assert fragments is None
    return units


def h265_units_of(payloads: Iterable[bytes]) -> list[bytes]:
    """The NAL units of H.265; fails on a fragment without a start or an end."""
    units: list[bytes] = []
    fragments: bytearray | None = None
    for payload in payloads:
        kind = payload[0] >> 1 & 0x3F
        if kind == 49:
            if payload[2] & 0x80:
                assert fragments is None
                fragments = bytearray([payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1]])
            assert fragments is not None
            fragments += payload[3:]
            if payload[2] & 0x40:
                units.append(bytes(fragments))
                fragments = None
            continue
        assert fragments is None
        units += _aggregated(payload[2:]) if kind == 48 else [payload]
    assert fragments is None
    return units


def _aggregated(body: bytes) -> list[bytes]:
    units = []
    while body:
        size = int.from_bytes(body[:2], "big")
        units.append(body[2 : 2 + size])
        body = body[2 + size :]
    return units
