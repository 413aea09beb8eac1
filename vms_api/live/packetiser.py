"""Packets of a stream into RTP units, once for all who watch it."""

from ingest.annexb import nal_units
from ingest.packet import Packet
from ingest.rtp_payloads import packed_payloads
from vms_api.live.rtp_clock import RtpClock
from vms_api.live.rtp_unit import MAX_PAYLOAD_BYTES, RtpUnit, ntp_of, runs_of


class Packetiser:
    """Keeps one running clock over all epochs of a stream.

    Parameter sets are in front of every key frame and delimiters and filler are gone already: `ingest.annexb` has seen
    to that.
    """

    def __init__(self) -> None:
        self._clock = RtpClock()

    def unit(self, packet: Packet) -> RtpUnit:
        """The RTP packets of one access unit of H.264 or H.265."""
        data = packet.data
        nals = (data[nal.start : nal.end] for nal in nal_units(packet.codec, data))
        payloads = tuple(packed_payloads(packet.codec, nals, MAX_PAYLOAD_BYTES))
        return RtpUnit(
            runs=tuple(runs_of(payloads)),
            ticks=self._clock.ticks(packet),
            is_keyframe=packet.is_keyframe,
            epoch=packet.epoch,
            ntp=ntp_of(packet.received_at),
            packet_count=len(payloads),
            byte_count=sum(map(len, payloads)),
        )
