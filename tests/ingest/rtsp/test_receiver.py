"""RTP streams that lose, double, wrap and begin anew."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.drops import DropCause
from ingest.errors import StreamChanged
from ingest.rtsp.receiver import RtpReceiver
from ingest.rtsp.reordering import ReorderBuffer
from ingest.rtsp.sound_payload import PlainSoundAssembler


def rtp(sequence: int, timestamp: int = 0, ssrc: int = 7, payload: bytes = b"x", first: int = 0x80) -> bytes:
    """One packet of payload type 96."""
    return struct.pack("!BBHII", first, 0x60, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload


def receiver() -> RtpReceiver:
    """One whose assembler hands on every payload."""
    return RtpReceiver(96, 90_000, PlainSoundAssembler())


def taken(of: RtpReceiver) -> list[tuple[bytes, int]]:
    """The payloads so far, with their times."""
    return [(unit.data, unit.timestamp) for unit in of.assembler.ready]


@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF))
def test_numbers_and_times_wrap_without_a_seam(sequence: int, timestamp: int) -> None:
    """Wherever a camera begins to count, nothing is lost and time goes on."""
    stream = receiver()
    for index in range(30):
        stream.receive(memoryview(rtp(sequence + index * 1, timestamp + index * 400_000_000)), 0.0)
    times = [time for _, time in taken(stream)]
    assert [time - times[0] for time in times] == [index * 400_000_000 for index in range(30)]
    assert stream.assembler.drops == {}


def test_losses_and_stragglers_are_counted() -> None:
    """A gap counts what is missing; what comes after its place was given up is left out."""
    stream = receiver()
    for sequence in (1, 2, 6, 4, 7, 7, 8):
        stream.receive(memoryview(rtp(sequence, payload=bytes([sequence]))), 0.0)
    assert [data[0] for data, _ in taken(stream)] == [1, 2, 6, 7, 8]
    assert stream.assembler.drops == {DropCause.LOST: 3, DropCause.LATE: 2}


def test_a_camera_that_numbers_anew_is_followed() -> None:
    """The second packet of the new numbering convinces, and thousands of losses are not invented."""
    stream = receiver()
    for sequence in (40_000, 40_001, 5, 6, 7):
        stream.receive(memoryview(rtp(sequence, payload=struct.pack("!H", sequence))), 0.0)
    assert [struct.unpack("!H", data)[0] for data, _ in taken(stream)] == [40_000, 40_001, 6, 7]
    assert DropCause.LOST not in stream.assembler.drops


def test_another_source_that_stays_is_a_new_stream() -> None:
    """One stray packet is not; three in a row end the epoch."""
    stream = receiver()
    stream.receive(memoryview(rtp(1)), 0.0)
    stream.receive(memoryview(rtp(900, ssrc=8)), 0.0)
    stream.receive(memoryview(rtp(2)), 0.0)
    assert len(taken(stream)) == 2
    for sequence in range(2):
        stream.receive(memoryview(rtp(sequence, ssrc=9)), 0.0)
    with pytest.raises(StreamChanged):
        stream.receive(memoryview(rtp(2, ssrc=9)), 0.0)


def test_extension_padding_and_contributors_are_left_out() -> None:
    """All that RFC 3550 allows around a payload."""
    stream = receiver()
    around = struct.pack("!II", 1, 2) + b"\xbe\xde\0\1" + b"ext!" + b"body" + b"\0\0\3"
    stream.receive(memoryview(rtp(1, payload=around, first=0x80 | 0x20 | 0x10 | 2)), 0.0)
    assert taken(stream) == [(b"body", 0)]


def test_what_is_told_to_the_camera() -> None:
    """Lost packets since the last report as a share, all of them as a count."""
    stream = receiver()
    assert stream.reception(None, 0.0) is None
    for sequence in (1, 2, 4):
        stream.receive(memoryview(rtp(sequence)), 0.0)
    report = stream.reception(None, 0.0)
    assert report is not None
    assert (report.ssrc, report.lost, report.fraction_lost, report.highest_sequence) == (7, 1, 64, 4)
    again = stream.reception(None, 0.0)
    assert again is not None
    assert again.fraction_lost == 0


@given(st.lists(st.binary(max_size=40), max_size=60))
def test_garbage_changes_the_stream_at_most(packets: list[bytes]) -> None:
    """Anything may come: it is left out, or is a stream begun anew."""
    stream = receiver()
    for packet in packets:
        try:
            stream.receive(memoryview(packet), 0.0)
        except StreamChanged:
            return
    assert len(stream.assembler.ready) <= len(packets)


@given(st.permutations(list(range(12))), st.integers(0, 0xFFFF))
def test_datagrams_that_overtake_each_other_are_put_in_order(order: list[int], start: int) -> None:
    """All of them come out, in order, as long as the first is the first."""
    buffer, out = ReorderBuffer(), []
    for number in [0, *(number + 1 for number in order)]:
        out += buffer.put(rtp(start + number), 0.0)
    assert [int.from_bytes(packet[2:4], "big") for packet in out] == [start + number & 0xFFFF for number in range(13)]


def test_a_missing_datagram_is_waited_for_only_so_long() -> None:
    """By time or by number; what comes later is still handed on, for the receiver to count."""
    buffer = ReorderBuffer()
    assert len(buffer.put(rtp(1), 0.0)) == 1
    assert buffer.put(rtp(3), 0.0) == []
    assert buffer.expire(0.05) == []
    assert len(buffer.expire(0.11)) == 1
    assert len(buffer.put(rtp(2), 0.2)) == 1
    held = [buffer.put(rtp(number), 0.3) for number in range(5, 5 + 64)]
    assert [len(packets) for packets in held] == [0] * 63 + [64]
