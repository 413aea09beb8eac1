"""RTP and RTCP of one outgoing stream (RFC 3550)."""

import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from types import MappingProxyType

from ingest.audio import AudioCodec, AudioDescription
from ingest.packet import Codec
from ingest.rtp_payloads import aac_payload, payloads
from ingest.virtual_camera.clip import CLOCK_RATE, AccessUnit

PAYLOAD_TYPE = 96
"""The first dynamic payload type (RFC 3551 clause 6)."""

SOUND_PAYLOAD_TYPES: Mapping[AudioCodec, int] = MappingProxyType(
    {AudioCodec.PCMU: 0, AudioCodec.PCMA: 8, AudioCodec.AAC: 97, AudioCodec.OPUS: 98}
)
"""Of G.711 as RFC 3551 clause 6 has them; the others are dynamic."""

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
_PACKETS_PER_S = 30
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


def interleaved(channel: int, packet: bytes) -> bytes:
    """The packet as it travels on the RTSP connection (RFC 2326 clause 10.12)."""
    return _INTERLEAVED.pack(INTERLEAVED_MAGIC, channel, len(packet)) + packet


class Burst:
    """The RTP packets of one access unit, laid out once for all clients.

    `noise` goes before them on RTSP connections: bytes that no camera should send.
    """

    def __init__(self, packets: tuple[bytes, ...], noise: bytes = b"") -> None:
        self.packets = packets
        self.noise = noise
        self._framed: dict[int, bytes] = {}

    def framed(self, channel: int) -> bytes:
        """All packets for one interleaved channel, in one piece."""
        if channel not in self._framed:
            framed = (interleaved(channel, packet) for packet in self.packets)
            self._framed[channel] = self.noise + b"".join(framed)
        return self._framed[channel]


class RtpStream:
    """Numbers and stamps the packets of one stream, and reports on them. All clients see the same packets."""

    def __init__(self, form: Codec | AudioDescription, ssrc: int, first_sequence: int, first_timestamp: int) -> None:
        self._form = form
        self._ssrc = ssrc
        self._sequence = first_sequence
        self._first_timestamp = first_timestamp
        self._packet_count = 0
        self._octet_count = 0

    def become(self, form: Codec | AudioDescription) -> None:
        """What comes from now on is of another codec."""
        self._form = form

    def renumber(self, rng: Random) -> None:
        """Goes on as another source: SSRC, sequence numbers and timestamps are new (RFC 3550 clause 5.1)."""
        self._ssrc, self._sequence = rng.getrandbits(32), rng.getrandbits(16)
        self._first_timestamp = rng.getrandbits(32)

    def number_before_wrap(self, ticks: int, lead_s: float) -> None:
        """The moment `ticks` of the timeline gets numbers of which both kinds wrap about `lead_s` seconds later."""
        self._sequence = 0x10000 - round(lead_s * _PACKETS_PER_S)
        self._first_timestamp = -self._scaled(ticks) - round(lead_s * self._clock_rate)

    @property
    def next_sequence(self) -> int:
        """The sequence number of the next packet, 16 bits."""
        return self._sequence & 0xFFFF

    @property
    def ssrc(self) -> int:
        """The synchronisation source, 32 bits."""
        return self._ssrc

    def timestamp(self, ticks: int) -> int:
        """The 32-bit RTP timestamp of a moment of the timeline, which counts 1/90000 s."""
        return self._first_timestamp + self._scaled(ticks) & 0xFFFFFFFF

    def burst(self, unit: AccessUnit) -> Burst:
        """The unit's packets; the last has the marker bit, but in G.711 (RFC 6184 clause 5.1, RFC 3640 clause 3.1)."""
        bodies = list(self._bodies(unit))
        stamp = self.timestamp(unit.pts)
        packets = []
        for left, body in zip(range(len(bodies) - 1, -1, -1), bodies, strict=True):
            kind = self._payload_type if left or not self._is_marked else self._payload_type | _MARKER
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

    @property
    def _source_description(self) -> bytes:
        name = b"xueliang-%08x" % self._ssrc
        item = struct.pack("!IBB", self._ssrc, _CNAME, len(name)) + name
        item += bytes(4 - len(item) % 4)  # ends with at least one zero byte, on a word boundary
        return struct.pack("!BBH", _VERSION | 1, _SDES, len(item) // 4) + item

    @property
    def _clock_rate(self) -> int:
        return CLOCK_RATE if isinstance(self._form, Codec) else self._form.clock_rate

    @property
    def _payload_type(self) -> int:
        return PAYLOAD_TYPE if isinstance(self._form, Codec) else SOUND_PAYLOAD_TYPES[self._form.codec]

    @property
    def _is_marked(self) -> bool:
        return isinstance(self._form, Codec) or self._form.codec is AudioCodec.AAC

    def _bodies(self, unit: AccessUnit) -> Iterator[bytes]:
        for nal in unit.nal_units:
            if isinstance(self._form, Codec):
                yield from payloads(self._form, nal)
            else:
                yield aac_payload(nal) if self._form.codec is AudioCodec.AAC else nal

    def _scaled(self, ticks: int) -> int:
        """From 1/90000 s to units of the stream's own clock."""
        return round(ticks * self._clock_rate / CLOCK_RATE)


def _ntp(now: datetime) -> tuple[int, int]:
    """Seconds since 1900 and the binary fraction of a second, 32 bits each (RFC 3550 clause 4)."""
    since = now - _NTP_EPOCH
    seconds = since.days * 86_400 + since.seconds
    return seconds & 0xFFFFFFFF, (since.microseconds << 32) // 1_000_000
