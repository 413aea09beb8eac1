"""RTCP: what a camera reports of its clock, and what we report of its packets (RFC 3550 clause 6)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203

_VERSION_2 = 0x80
_HEADER = struct.Struct("!BBH")
_SENDER = struct.Struct("!IIII")  # SSRC, NTP seconds, NTP fraction, RTP timestamp
_REPORT_BLOCK = struct.Struct("!IIIIII")
_WORD = 4
_CNAME = 1
_NTP_TO_UNIX_S = 2_208_988_800  # 1900 to 1970
_NTP_ERA_S = 1 << 32


@dataclass(frozen=True, slots=True)
class SenderReport:
    """Wall time and RTP time of one moment, by the camera's clock. `unix_s` None: the camera has no wall clock."""

    ssrc: int
    ntp_middle: int
    unix_s: float | None
    rtp_timestamp: int


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The camera ends the stream (RFC 3550 clause 6.6)."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """What we tell of one stream (RFC 3550 clause 6.4.2). Counts are clipped to their fields here.

    `fraction_lost` counts 1/256, `jitter` timestamp units, `delay_s` seconds since the sender report whose
    `ntp_middle` is `last_report`; both are 0 before there was one.
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    delay_s: float

    def encode(self, own_ssrc: int) -> bytes:
        """The compound packet: the report and, as clause 6.1 demands, a CNAME."""
        lost = min(max(self.lost, 0), 0x7FFFFF)
        block = _REPORT_BLOCK.pack(
            self.ssrc,
            min(self.fraction_lost, 255) << 24 | lost,
            self.highest_sequence & 0xFFFFFFFF,
            min(self.jitter, 0xFFFFFFFF),
            self.last_report,
            round(self.delay_s * 65536) & 0xFFFFFFFF,
        )
        report = _HEADER.pack(_VERSION_2 | 1, RECEIVER_REPORT, 7) + struct.pack("!I", own_ssrc) + block
        return report + _own_name(own_ssrc)


def read_compound(packet: memoryview, now_s: float) -> Iterator[SenderReport | Goodbye]:
    """The parts of a compound packet that matter here; whatever is malformed ends it. `now_s`: our Unix time."""
    position, end = 0, len(packet)
    while position + _HEADER.size <= end:
        first, kind, words = _HEADER.unpack_from(packet, position)
        body, position = position + _WORD, position + _WORD * (words + 1)
        if first & 0xC0 != _VERSION_2 or position > end:
            return
        if kind == SENDER_REPORT and position - body >= _SENDER.size:
            yield _sender_report(packet, body, now_s)
        elif kind == GOODBYE and first & 0x1F and position - body >= _WORD:
            yield Goodbye(int.from_bytes(packet[body : body + _WORD], "big"))


def _sender_report(packet: memoryview, body: int, now_s: float) -> SenderReport:
    ssrc, seconds, fraction, timestamp = _SENDER.unpack_from(packet, body)
    if not seconds and not fraction:
        return SenderReport(ssrc, 0, None, timestamp)
    unix_s = seconds - _NTP_TO_UNIX_S + fraction / _NTP_ERA_S
    # NTP seconds wrap in 2036 (RFC 5905 clause 6): of all moments they may mean, the nearest to now.
    unix_s += round((now_s - unix_s) / _NTP_ERA_S) * _NTP_ERA_S
    return SenderReport(ssrc, (seconds & 0xFFFF) << 16 | fraction >> 16, unix_s, timestamp)


def _own_name(own_ssrc: int) -> bytes:
    """A source description that names nobody (RFC 7022 clause 4.2: a random name for each session)."""
    name = b"%08x" % own_ssrc
    item = struct.pack("!IBB", own_ssrc, _CNAME, len(name)) + name
    item += bytes(_WORD - len(item) % _WORD)
    return _HEADER.pack(_VERSION_2 | 1, SOURCE_DESCRIPTION, len(item) // _WORD) + item
