"""RTP payloads of H.264 back into NAL units: single ones, STAP-A and FU-A, written from RFC 6184."""

from collections.abc import Iterable


def units_of(payloads: Iterable[bytes]) -> list[bytes]:
    """The NAL units; fails on a fragment without a start or an end."""
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
        if kind != 24:
            units.append(payload)
            continue
        position = 1
        while position < len(payload):
            size = int.from_bytes(payload[position : position + 2], "big")
            units.append(payload[position + 2 : position + 2 + size])
            position += 2 + size
    assert fragments is None
    return units
