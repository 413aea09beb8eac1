"""RTP and RTCP of one outgoing stream (RFC 3550)."""

import struct
from datetime import UTC, datetime
from functools import cached_property

from ingest.packet import Codec
from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.packetiser import payloads

PAYLOAD_TYPE = 96
"""The first dynamic payload type (RFC 3551 clause 6)."""

INTERLEAVED_MAGIC = 0x24
"""The "$" before binary data on an RTSP connection (RFC 2326 clause 10.12)."""

_VERSION = 0x80
_MARKER = 0x80
_HEADER = struct.Struct("!BBHII")
_INTERLEAVED = struct.Struct("!BBH")
_SENDER_REPORT = struct.Struct("!BBHIIIIII")
_SR, _SDES = 200, 202
_SR_WORDS = 6
_CNAME = 1
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


def interleaved(channel: int, packet: bytes) -> bytes:
    """The packet as it travels on the RTSP connection (RFC 2326 clause 10.12)."""
    return _INTERLEAVED.pack(INTERLEAVED_MAGIC, channel, len(packet)) + packet


class Burst:
    """The RTP packets of one access unit, laid out once for all clients."""

    def __init__(self, packets: tuple[bytes, ...]) -> None:
        self.packets = packets
        self._framed: dict[int, bytes] = {}

    def framed(self, channel: int) -> bytes:
        """All packets for one interleaved channel, in one piece."""
        if channel not in self._framed:
            self._framed[channel] = b"".join(interleaved(channel, packet) for packet in self.packets)
        return self._framed[channel]


class RtpStream:
    """Numbers and stamps the packets of one stream, and reports on them. All clients see the same packets."""

    def __init__(self, codec: Codec, ssrc: int, first_sequence: int, first_timestamp: int) -> None:
        self._codec = codec
        self._ssrc = ssrc
        self._sequence = first_sequence
        self._first_timestamp = first_timestamp
        self._packet_count = 0
        self._octet_count = 0

    @property
    def next_sequence(self) -> int:
        """The sequence number of the next packet, 16 bits."""
        return self._sequence & 0xFFFF

    @property
    def ssrc(self) -> int:
        """The synchronisation source, 32 bits."""
        return self._ssrc

    def timestamp(self, ticks: int) -> int:
        """The 32-bit RTP timestamp of a moment of the timeline, in 1/90000 s."""
        return self._first_timestamp + ticks & 0xFFFFFFFF

    def burst(self, unit: AccessUnit) -> Burst:
        """The unit's packets; the last one carries the marker bit (RFC 6184 clause 5.1)."""
        bodies = [body for nal in unit.nal_units for body in payloads(self._codec, nal)]
        stamp = self.timestamp(unit.pts)
        packets = []
        for left, body in zip(range(len(bodies) - 1, -1, -1), bodies, strict=True):
            kind = PAYLOAD_TYPE if left else PAYLOAD_TYPE | _MARKER
            packets.append(_HEADER.pack(_VERSION, kind, self._sequence & 0xFFFF, stamp, self._ssrc) + body)
            self._sequence += 1
        self._packet_count += len(packets)
        self._octet_count += sum(map(len, bodies))
        return Burst(tuple(packets))

    def sender_report(self, now: datetime, ticks: int) -> bytes:
        """Wall time and RTP time of one moment, and the CNAME (RFC 3550 clauses 6.4.1 and 6.5)."""
        seconds, fraction = _ntp(now)
        report = _SENDER_REPORT.pack(
            _VERSION,
            _SR,
            _SR_WORDS,
            self._ssrc,
            seconds,
            fraction,
            self.timestamp(ticks),
            self._packet_count & 0xFFFFFFFF,
            self._octet_count & 0xFFFFFFFF,
        )
        return report + self._source_description

    @cached_property
    def _source_description(self) -> bytes:
        name = b"xueliang-%08x" % self._ssrc
        item = struct.pack("!IBB", self._ssrc, _CNAME, len(name)) + name
        item += bytes(4 - len(item) % 4)  # ends with at least one zero byte, on a word boundary
        return struct.pack("!BBH", _VERSION | 1, _SDES, len(item) // 4) + item


def _ntp(now: datetime) -> tuple[int, int]:
    """Seconds since 1900 and the binary fraction of a second, 32 bits each (RFC 3550 clause 4)."""
    since = now - _NTP_EPOCH
    seconds = since.days * 86_400 + since.seconds
    return seconds & 0xFFFFFFFF, (since.microseconds << 32) // 1_000_000
