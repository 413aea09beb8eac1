"""RTP and RTCP say what RFC 3550 asks."""

import struct
from datetime import UTC, datetime

from ingest.packet import Codec
from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.rtp import RtpStream, interleaved
from tests.ingest.virtual_camera.rtsp_client import RtpPacket

BIG = AccessUnit((b"\x67abc", b"\x65" + bytes(3000)), 9000, 9000, is_keyframe=True)


def test_one_unit_has_one_time_and_one_marker():
    """All packets of a picture share its time; the last one carries the marker."""
    packets = [RtpPacket.read(packet) for packet in RtpStream(Codec.H264, 7, 10, 100).burst(BIG).packets]
    assert [packet.marker for packet in packets] == [False, False, False, True]
    assert {packet.timestamp for packet in packets} == {9100}
    assert [packet.sequence for packet in packets] == [10, 11, 12, 13]


def test_numbers_wrap():
    """Sequence numbers wrap at 16 bits, timestamps at 32 (RFC 3550 clause 5.1)."""
    stream = RtpStream(Codec.H264, 7, 0xFFFE, 0xFFFFFFFF)
    packets = [RtpPacket.read(packet) for packet in stream.burst(BIG).packets]
    assert [packet.sequence for packet in packets] == [0xFFFE, 0xFFFF, 0, 1]
    assert packets[0].timestamp == 8999
    assert stream.next_sequence == 2


def test_sender_report_binds_wall_time_to_media_time():
    """The report gives NTP and RTP time of one moment and counts what was sent (RFC 3550 clause 6.4.1)."""
    stream = RtpStream(Codec.H264, 0xABCD, 0, 1000)
    stream.burst(BIG)
    report = stream.sender_report(datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC), 90_000)
    first, kind, words, ssrc, seconds, fraction, rtp_time, packets, octets = struct.unpack("!BBHIIIIII", report[:28])
    assert (first, kind, words, ssrc) == (0x80, 200, 6, 0xABCD)
    assert seconds - 2_208_988_800 == datetime(2026, 1, 1, tzinfo=UTC).timestamp()  # 1900 to 1970 in seconds
    assert fraction == 1 << 31
    assert (rtp_time, packets, octets) == (91_000, 4, 4 + 3001 + 2 * 2 + 2 - 1)


def test_report_names_its_source():
    """A CNAME follows the report, on a word boundary, with an end mark (RFC 3550 clause 6.5)."""
    report = RtpStream(Codec.H264, 0xABCD, 0, 0).sender_report(datetime(2026, 1, 1, tzinfo=UTC), 0)
    description = report[28:]
    count, kind, words, ssrc, item, size = struct.unpack("!BBHIBB", description[:10])
    assert (count, kind, ssrc, item) == (0x81, 202, 0xABCD, 1)
    assert len(description) == 4 * (words + 1)
    assert description[10 : 10 + size] == b"xueliang-0000abcd"
    assert description[10 + size] == 0


def test_framing_is_the_packets_in_a_row():
    """A burst for a TCP client is each packet behind its channel and length (RFC 2326 clause 10.12)."""
    burst = RtpStream(Codec.H264, 7, 0, 0).burst(BIG)
    assert burst.framed(4) == b"".join(b"$\x04" + len(packet).to_bytes(2) + packet for packet in burst.packets)
    assert interleaved(5, b"ab") == b"$\x05\x00\x02ab"
