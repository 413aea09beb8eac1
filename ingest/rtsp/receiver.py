"""One RTP stream as it comes in: order, losses, time (RFC 3550)."""

import struct

from ingest.drops import DropCause
from ingest.errors import StreamChanged
from ingest.rtsp.assembler import Assembler
from ingest.rtsp.rtcp import ReceptionReport, SenderReport

_HEADER = struct.Struct("!BBHII")
_PLAIN = 0x80  # version 2, neither padding nor extension nor contributing sources
_VERSION, _VERSION_2 = 0xC0, 0x80
_PADDING, _EXTENSION, _CSRC_COUNT = 0x20, 0x10, 0x0F
_MARKER, _PAYLOAD_TYPE = 0x80, 0x7F
_WORD = 4
_HALF = 0x8000
_SEQUENCES = 0x10000
_MAX_DROPOUT = 3000  # RFC 3550 appendix A.1: a larger step is a new numbering, not a loss
_HALF_TIME = 0x8000_0000
_TIMES = 0xFFFF_FFFF
_STRANGERS = 3


class RtpReceiver:
    """Checks and orders the packets of one stream and hands their payloads to its assembler.

    Belongs to the camera's thread. Packets of another payload type are not looked at.
    """

    def __init__(self, payload_type: int, clock_rate: int, assembler: Assembler) -> None:
        self.assembler = assembler
        self.clock_rate = clock_rate
        self.ssrc: int | None = None
        self._payload_type = payload_type
        self._expected = 0
        self._misfit: int | None = None
        self._stranger: int | None = None
        self._stranger_count = 0
        self._timestamp: int | None = None
        self._cycles = 0
        self._received = self._lost = 0
        self._reported = (0, 0)
        self._transit: float | None = None
        self._jitter = 0.0

    def receive(self, packet: memoryview, now_s: float) -> None:
        """One RTP packet that arrived now (monotonic); its memory belongs to the caller.

        Raises:
            StreamChanged: the camera began a new stream on this one's place.

        """
        if len(packet) < _HEADER.size:
            return
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
        if first & _VERSION != _VERSION_2 or second & _PAYLOAD_TYPE != self._payload_type:
            return
        if ssrc != self.ssrc and not self._accept_source(ssrc, sequence):
            return
        if sequence != self._expected and not self._accept_step(sequence):
            return
        self._expected = sequence + 1 & 0xFFFF
        if not self._expected:
            self._cycles += 1
        self._received += 1
        extended = self._timestamp = self._unwrapped(timestamp)
        payload = packet[_HEADER.size :] if first == _PLAIN else _payload(packet, first)
        is_marked = second >= _MARKER
        if is_marked:
            self._measure_jitter(extended, now_s)
        self.assembler.push(payload, extended, is_marked=is_marked)

    def reception(self, report: SenderReport | None, delay_s: float) -> ReceptionReport | None:
        """What there is to report since the last time, None before the first packet."""
        if self.ssrc is None:
            return None
        received, lost = self._received - self._reported[0], max(0, self._lost - self._reported[1])
        self._reported = self._received, self._lost
        return ReceptionReport(
            ssrc=self.ssrc,
            fraction_lost=lost * 256 // max(1, received + lost),
            lost=self._lost,
            highest_sequence=self._cycles * _SEQUENCES + self._expected - 1,
            jitter=round(self._jitter),
            last_report=report.ntp_middle if report is not None else 0,
            delay_s=delay_s if report is not None else 0.0,
        )

    def _unwrapped(self, timestamp: int) -> int:
        """A 32-bit timestamp, near to the packet's before."""
        if self._timestamp is None:
            return timestamp
        return self._timestamp + (timestamp - self._timestamp + _HALF_TIME & _TIMES) - _HALF_TIME

    def _accept_source(self, ssrc: int, sequence: int) -> bool:
        """The first source is taken; another one that keeps coming is a stream begun anew (RFC 3550 clause 8.2)."""
        if self.ssrc is None:
            self.ssrc, self._expected = ssrc, sequence
            return True
        self._stranger_count = self._stranger_count + 1 if ssrc == self._stranger else 1
        self._stranger = ssrc
        if self._stranger_count >= _STRANGERS:
            raise StreamChanged("The camera began its stream anew.")
        return False

    def _accept_step(self, sequence: int) -> bool:
        """A step in the numbers: missing packets, one that comes too late, or a new numbering (RFC 3550 A.1)."""
        step = sequence - self._expected & 0xFFFF
        if step < _MAX_DROPOUT:
            self._lost += step
            self.assembler.drops[DropCause.LOST] += step
        elif sequence != self._misfit:
            self._misfit = sequence + 1 & 0xFFFF
            self.assembler.drops[DropCause.LATE] += 1
            return False
        self._misfit = None
        self.assembler.lose()
        return True

    def _measure_jitter(self, timestamp: int, now_s: float) -> None:
        """RFC 3550 clause 6.4.1, over the last packets of units: the others of a picture share its timestamp."""
        transit = now_s * self.clock_rate - timestamp
        if self._transit is not None:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit


def _payload(packet: memoryview, first: int) -> memoryview:
    """The payload behind contributing sources and extension, without padding (RFC 3550 clauses 5.1 and 5.3.1)."""
    start, end = _HEADER.size + _WORD * (first & _CSRC_COUNT), len(packet)
    if first & _EXTENSION:
        start += _WORD + _WORD * int.from_bytes(packet[start + 2 : start + 4], "big")
    if first & _PADDING:
        end -= packet[-1]
    return packet[start:end] if start < end else packet[:0]
