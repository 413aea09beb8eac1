"""Rates and counts of a stream."""

from dataclasses import replace

import pytest

from ingest.meter import StreamMeter
from tests.fakes.source import PacketSequence


def test_rates_are_those_of_the_last_seconds() -> None:
    """A steady stream of 25 packets a second shows 25, and after five quiet seconds 0."""
    meter = StreamMeter()
    packets = PacketSequence(500).damage(499, data=b"x" * 1000).packets
    for packet in packets:
        meter.add(packet)
    now_s = packets[-1].received_monotonic_s
    reading = meter.read(now_s)
    assert reading.frame_rate == pytest.approx(25, abs=0.5)
    recent = sum(len(packet.data) for packet in packets if packet.received_monotonic_s >= now_s - 5)
    assert reading.bitrate_bps == pytest.approx(8 * recent / 5)
    assert meter.read(now_s + 6).frame_rate == 0


def test_a_first_burst_does_not_look_like_a_fast_camera() -> None:
    """Packets that waited in a buffer arrive together; the rate stays believable."""
    meter = StreamMeter()
    for index, packet in enumerate(PacketSequence(8)):
        assert index < 8
        meter.add(packet)
    assert meter.read(1000.3).frame_rate <= 8


def test_counts_go_on_through_epochs_and_times_are_kept() -> None:
    """Packets, reconnects and failures are counted since the stream was configured."""
    meter = StreamMeter()
    for epoch in (1, 2):
        meter.count_connect()
        for packet in PacketSequence(15, gop=10, epoch=epoch):
            meter.add(packet)
    meter.count_decode_failures(3)
    reading = meter.read(1001.0)
    assert (reading.packet_count, reading.reconnect_count, reading.decode_failed_count) == (30, 1, 3)
    packets = PacketSequence(15, gop=10).packets
    assert (reading.last_packet_at, reading.last_keyframe_at) == (packets[14].received_at, packets[10].received_at)


def test_b_frames_are_forgotten_with_the_epoch_that_had_them() -> None:
    """A camera that is set to send none is believed after its reconnect."""
    meter = StreamMeter()
    for packet in PacketSequence(10).damage(3, pts=9 * 3600):
        meter.add(packet)
    assert meter.read(1001.0).has_b_frames
    meter.add(PacketSequence(1, epoch=2).packets[0])
    assert not meter.read(1001.0).has_b_frames


def test_the_pace_tells_the_longer_gaps_and_the_stalls() -> None:
    """25 a second for 20 s with a stall of three seconds: one long gap is in no percentile, and it is a stall."""
    meter = StreamMeter()
    for packet in PacketSequence(500):
        late_s = 3.0 if packet.received_monotonic_s >= 1018 else 0.0
        meter.add(replace(packet, received_monotonic_s=packet.received_monotonic_s + late_s))
    pace = meter.pace(1023.0)
    assert pace.gap_p95_s == pytest.approx(0.04, abs=1e-6)
    assert pace.stalled_s == pytest.approx(3.04, abs=1e-6)
