"""What is packetised once for all: nothing is lost, and runs are what one system call can send."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ingest.annexb import nal_units
from ingest.packet import Codec
from tests.fakes.rtp import units_of
from vms_api.live.group_cache import GroupCache, squeezed
from vms_api.live.packetiser import Packetiser
from vms_api.live.rtp_unit import MAX_PAYLOAD_BYTES, MAX_RUN_PACKETS, RtpUnit, ntp_of, runs_of
from vms_api.live.sent_history import SentHistory


def unit(ticks: int = 0, *, is_keyframe: bool = False, epoch: int = 1, size: int = 10, packets: int = 1) -> RtpUnit:
    payloads = [bytes([place % 256]) * size for place in range(packets)]
    return RtpUnit(tuple(runs_of(payloads)), ticks, is_keyframe, epoch, 0, packets, size * packets)


def test_every_nal_unit_of_a_stream_comes_back(stream):
    """Key frames and others, bit for bit, none of their payloads too long."""
    packetiser = Packetiser()
    for packet in stream:
        made = packetiser.unit(packet)
        payloads = [payload for run in made.runs for payload in run]
        assert max(len(payload.data) for payload in payloads) <= MAX_PAYLOAD_BYTES
        nals = [packet.data[nal.start : nal.end] for nal in nal_units(Codec.H264, packet.data)]
        assert units_of(payload.data for payload in payloads) == nals
        assert [payload.marker for payload in payloads] == [0] * (len(payloads) - 1) + [0x80]
        assert (made.packet_count, made.byte_count) == (len(payloads), sum(len(p.data) for p in payloads))


def test_time_runs_on_over_a_reconnect(stream):
    """A new epoch starts its timestamps anywhere; the clock of the viewers does not."""
    packetiser = Packetiser()
    epochs = [
        replace(packet, epoch=epoch, pts=packet.pts + 7_000_000 * epoch) for epoch in (3, 1, 2) for packet in stream
    ]
    times = [packetiser.unit(packet).ticks for packet in epochs]
    assert all(0 < later - earlier <= 9000 for earlier, later in itertools.pairwise(times))


@given(st.lists(st.integers(1, 5), max_size=80))
def test_a_run_is_of_equal_lengths_but_for_its_last(sizes: list[int]):
    """As UDP_SEGMENT asks; nothing is lost or reordered, and only the last packet of all bears the marker."""
    payloads = [bytes(size) for size in sizes]
    runs = list(runs_of(payloads))
    assert [payload.data for run in runs for payload in run] == payloads
    for run in runs:
        lengths = [len(payload.data) for payload in run]
        assert len(run) <= MAX_RUN_PACKETS
        assert all(length == lengths[0] for length in lengths[:-1])
        assert lengths[-1] <= lengths[0]


def test_ntp_counts_from_1900():
    """RFC 3550 clause 4: seconds in the upper 32 bits."""
    assert ntp_of(datetime(1970, 1, 1, tzinfo=UTC)) == 2_208_988_800 << 32
    assert ntp_of(datetime(1970, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)) & 0xFFFFFFFF == 1 << 31


def test_the_group_begins_at_a_key_frame_and_is_bounded():
    """A group that outgrows its bytes or its time starts nobody any more."""
    cache = GroupCache(max_bytes=100, max_s=1.0)
    cache.add(unit(0))
    assert cache.units() == ()
    group = [unit(0, is_keyframe=True), unit(3000), unit(6000)]
    for one in group:
        cache.add(one)
    assert list(cache.units()) == group
    cache.add(unit(9000, size=80))
    assert cache.units() == ()
    cache.add(unit(12_000, is_keyframe=True))
    cache.add(unit(12_000 + 90_001))
    assert cache.units() == ()


def test_another_epoch_is_no_part_of_the_group():
    """Pictures of before a reconnect, or of other masks, are forgotten."""
    cache = GroupCache(max_bytes=1000, max_s=10.0)
    cache.add(unit(0, is_keyframe=True))
    cache.add(unit(3000, epoch=2))
    assert cache.units() == ()


@given(st.integers(1, 60), st.integers(0, 200_000), st.integers(1, 9000))
def test_a_squeezed_group_fits_before_the_next_picture(count: int, behind: int, interval: int):
    """Timestamps rise, after the last picture sent and before the next live one."""
    last = 1_000_000
    group = [unit(last - (count - 1 - place) * interval, is_keyframe=place == 0) for place in range(count)]
    sent = last - behind
    times = [one.ticks for one in squeezed(group, sent)]
    following = last + (interval if count > 1 else 3000)
    assert not times or len(times) == count
    assert all(earlier < later for earlier, later in itertools.pairwise([sent, *times, following] if times else []))
    assert times or following - sent <= count


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.integers(1, 200))
def test_sent_packets_are_found_until_enough_follow(counts: list[int], kept: int):
    """The newest `kept` packets are always there, by their index; what was not sent is not."""
    history, index, expected = SentHistory(kept), 500, {}
    for number, count in enumerate(counts):
        sent = unit(packets=count)
        history.add(index, number, sent, bytes([number]))
        for place in range(count):
            expected[index + place] = (number, sent.payload(place), bytes([number]))
        index += count
    for wanted in range(max(500, index - kept), index):
        found = history.find(wanted)
        assert found is not None
        assert (found.ticks, found.payload, found.extension) == expected[wanted]
    assert history.find(499) is None
    assert history.find(index) is None
