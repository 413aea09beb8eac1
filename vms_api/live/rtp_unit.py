"""One picture as RTP carries it: made once for a stream, sent to everybody who watches it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MAX_PAYLOAD_BYTES = 1200
"""With RTP header, SRTP tag, UDP and IPv6 still far below what any tunnel lets through."""

MAX_RUN_PACKETS = 24
"""Packets of one system call: about 30 KB. Linux takes 64 and 65,507 bytes, too much in one go for a thin line."""

MARKER = 0x80


@dataclass(frozen=True, slots=True)
class RtpPayload:
    """What stands behind an RTP header. `marker` is 0x80 on a picture's last packet (RFC 6184 clause 5.1), else 0."""

    data: bytes
    marker: int


@dataclass(frozen=True, slots=True)
class RtpUnit:
    """The packets of one access unit, in runs that one system call can send: equal lengths, the last may be shorter.

    `ticks` counts 1/90000 s on the stream's running clock and is not wrapped; `ntp` is when the picture came, in
    2**-32 s since 1900 (RFC 3550 clause 4); `byte_count` is that of the payloads.
    """

    runs: tuple[tuple[RtpPayload, ...], ...]
    ticks: int
    is_keyframe: bool
    epoch: int
    ntp: int
    packet_count: int
    byte_count: int

    def payload(self, index: int) -> RtpPayload:
        """The packet at that place of the unit, from 0."""
        for run in self.runs:
            if index < len(run):
                return run[index]
            index -= len(run)
        raise IndexError(index)


_NTP_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def ntp_of(moment: datetime) -> int:
    """The moment in 2**-32 s since 1900."""
    return ((moment - _NTP_ORIGIN) // _MICROSECOND << 32) // 1_000_000


def runs_of(payloads: Sequence[bytes]) -> Iterator[tuple[RtpPayload, ...]]:
    """The payloads cut into runs; the last one bears the marker."""
    run: list[RtpPayload] = []
    last = len(payloads) - 1
    for place, data in enumerate(payloads):
        if run and not _goes_on(run, data):
            yield tuple(run)
            run = []
        run.append(RtpPayload(data, MARKER if place == last else 0))
    if run:
        yield tuple(run)


def _goes_on(run: Sequence[RtpPayload], data: bytes) -> bool:
    size = len(run[0].data)
    return len(run) < MAX_RUN_PACKETS and len(data) <= size and len(run[-1].data) == size
