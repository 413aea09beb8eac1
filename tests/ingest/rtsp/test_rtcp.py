"""Reports about clocks and packets."""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec
from ingest.rtsp.camera_clock import CameraClock
from ingest.rtsp.rtcp import Goodbye, ReceptionReport, SenderReport, read_compound
from ingest.virtual_camera.rtp import RtpStream

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_sender_report_tells_the_wall_time() -> None:
    """As our virtual camera writes it; the source description behind it is not looked at."""
    stream = RtpStream(Codec.H264, ssrc=9, first_sequence=0, first_timestamp=100)
    (report,) = read_compound(memoryview(stream.sender_report(NOW, 900)), NOW.timestamp())
    assert isinstance(report, SenderReport)
    assert (report.ssrc, report.rtp_timestamp) == (9, 1000)
    assert report.unix_s == pytest.approx(NOW.timestamp(), abs=1e-6)


@pytest.mark.parametrize("year", [1970, 2026, 2036, 2050])
def test_ntp_seconds_mean_the_nearest_moment(year: int) -> None:
    """They wrap in 2036; a camera that thinks it is 1970 is told as such."""
    then = datetime(year, 5, 1, tzinfo=UTC)
    stream = RtpStream(Codec.H264, 9, 0, 0)
    now = max(then, NOW).timestamp()
    (report,) = read_compound(memoryview(stream.sender_report(then, 0)), now)
    assert isinstance(report, SenderReport)
    assert report.unix_s == pytest.approx(then.timestamp(), abs=1e-6)


def test_a_goodbye_is_heard() -> None:
    """Behind an empty receiver report, as it must stand."""
    compound = struct.pack("!BBHI", 0x80, 201, 1, 9) + struct.pack("!BBHI", 0x81, 203, 1, 9)
    assert list(read_compound(memoryview(compound), 0.0)) == [Goodbye(9)]


@given(st.binary(max_size=120))
def test_garbage_is_no_report(data: bytes) -> None:
    """Whatever comes, reading ends and raises nothing."""
    list(read_compound(memoryview(data), 0.0))


def test_our_report_is_well_formed() -> None:
    """A receiver report of 8 words and a description; both lengths lead to the end."""
    report = ReceptionReport(9, 300, -5, 70_000, 12, 0x12345678, 1.5).encode(0xABCD)
    words = struct.unpack_from("!BBHIIIIIII", report)
    assert words[:4] == (0x81, 201, 7, 0xABCD)
    assert words[4:] == (9, 255 << 24, 70_000, 12, 0x12345678, 98_304)
    _, kind, length = struct.unpack_from("!BBH", report, 32)
    assert (kind, 32 + 4 * (length + 1)) == (202, len(report))


@given(st.lists(st.floats(0, 0.4), min_size=5, max_size=40), st.floats(-90_000, 90_000))
def test_the_offset_is_that_of_the_quickest_packet(delays: list[float], offset_s: float) -> None:
    """Delays make a camera look late; the least of them is nearest to the truth."""
    clock = CameraClock(90_000)
    assert clock.offset_s is None
    clock.report(1000.0 + offset_s, 5000)
    for index, delay in enumerate(delays):
        clock.observe(5000 + index * 3600, 1000.0 + index * 0.04 + delay, 50.0 + index * 0.04)
    assert clock.offset_s == pytest.approx(offset_s - min(delays), abs=1e-6)


def test_a_clock_that_is_set_shows_at_once() -> None:
    """What was measured before is forgotten."""
    clock = CameraClock(90_000)
    for start, shift in ((0.0, 5.0), (10.0, -3600.0)):
        clock.report(start + shift, round(start * 90_000))
        for index in range(10):
            clock.observe(round((start + index / 25) * 90_000), start + index / 25, start + index / 25)
    assert clock.offset_s == pytest.approx(-3600.0, abs=1e-3)
    assert timedelta(seconds=clock.offset_s or 0) < timedelta(0)
