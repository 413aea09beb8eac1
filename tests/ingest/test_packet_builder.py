"""The last step of every source."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.camera import CameraId, StreamRole
from ingest.errors import StreamChanged
from ingest.jpeg import jpeg_size
from ingest.packet import Codec, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace
from tests.conftest import MakeClip
from tests.fakes.clock import START, ManualClock
from tests.fakes.source import KEY_FRAME


def builder(codec: Codec, clock: ManualClock, extradata: bytes = b"") -> PacketBuilder:
    """A builder for the main stream of a camera with 25 pictures a second."""
    described = StreamDescription(codec, 320, 240, None, 25.0)
    place = StreamPlace(CameraId("cam"), StreamRole.MAIN, 3)
    return PacketBuilder(place, described, Fraction(1, 90_000), clock, extradata)


def first_picture(clip: Path) -> bytes:
    """The bytes of a clip's first packet."""
    with av.open(str(clip)) as container:
        return bytes(next(container.demux(video=0)))


def test_arrival_is_stamped_with_both_clocks() -> None:
    """Wall time for people, monotonic time for intervals, numbers from one, the epoch as given."""
    clock = ManualClock()
    made = builder(Codec.H264, clock)
    first = made.build(KEY_FRAME, 0, 0, is_keyframe=True)
    clock.step_wall(-3600)
    clock.advance(0.04)
    second = made.build(KEY_FRAME, 3600, 3600, is_keyframe=True)
    assert (first.sequence, second.sequence, second.epoch) == (1, 2, 3)
    assert first.received_at == START
    assert second.received_at < first.received_at
    assert second.received_monotonic_s - first.received_monotonic_s == pytest.approx(0.04)


def test_a_motion_jpeg_camera_that_changes_its_size_is_noticed(make_clip: MakeClip) -> None:
    """Pictures of one size pass, the first of another ends the epoch."""
    made = builder(Codec.MJPEG, ManualClock())
    small = first_picture(make_clip(codec="mjpeg", seconds=0.2))
    large = first_picture(make_clip(codec="mjpeg", seconds=0.2, size=(640, 480)))
    assert made.build(small, 0, 0, is_keyframe=True).data == small
    made.build(small, 3600, 3600, is_keyframe=True)
    with pytest.raises(StreamChanged, match="320x240 to 640x480"):
        made.build(large, 7200, 7200, is_keyframe=True)


@given(st.binary(max_size=60))
def test_a_damaged_jpeg_is_refused_and_nothing_else(data: bytes) -> None:
    """Any bytes after the start marker give a size or a ValueError, never a hang."""
    try:
        jpeg_size(b"\xff\xd8" + data)
    except ValueError:
        return
    assert b"\xff" in data
