"""Fragments as PyAV reads them: every picture, in its place, whatever the camera does."""

import io
import itertools
import re
from dataclasses import replace

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec, Packet
from tests.fakes.clock import ManualClock
from tests.fakes.film import film
from vms_api.live.mse_clock import MseClock
from vms_api.live.mse_muxer import MseMuxer


def shown(fragments) -> list[tuple[float, int]]:
    """Time and width of every picture, decoded from what a player would be sent."""
    data = fragments[0].opening.data + b"".join(fragment.data for fragment in fragments)
    with av.open(io.BytesIO(data), format="mp4") as container:
        return [(float(frame.pts * frame.time_base), frame.width) for frame in container.decode(video=0)]


def muxed(packets):
    muxer = MseMuxer()
    return [fragment for packet in packets if (fragment := muxer.fragment(packet)) is not None]


@pytest.mark.parametrize(
    ("codec", "b_frames", "name"),
    [
        (Codec.H264, 0, r"avc1\.42c0[0-9a-f]{2}"),
        (Codec.H264, 2, r"avc1\.6400[0-9a-f]{2}"),
        (Codec.H265, 0, r"hvc1\.1\.6\.L\d+\.90"),
        (Codec.H265, 2, r"hvc1\.1\.6\.L\d+\.90"),
    ],
)
def test_every_picture_is_a_fragment_that_decodes(codec, b_frames, name):
    """Each in the order it is shown, 40 ms apart: H.264 of both profiles, H.265, B-frames."""
    packets = film(ManualClock(), codec, b_frames=b_frames)
    fragments = muxed(packets)
    assert len(fragments) == len(packets) == 75
    assert re.fullmatch(name, fragments[0].opening.codec)
    assert len({id(fragment.opening) for fragment in fragments}) == 1
    times = [time for time, _ in shown(fragments)]
    assert len(times) == 75
    assert {round(later - earlier, 3) for earlier, later in itertools.pairwise(times)} == {0.04}


def test_a_film_begins_at_a_key_frame():
    """What comes before the first one cannot be shown."""
    fragments = muxed(film(ManualClock(), frames=60)[10:])
    assert fragments[0].is_keyframe
    assert len(fragments) == 35


def test_a_camera_that_is_dialled_anew_goes_on_behind_what_was():
    """Another epoch, other times, another size: another opening, and a clock that runs on."""
    clock = ManualClock()
    before = film(clock, frames=30)
    after = [
        replace(packet, pts=packet.pts + 9_000_000, dts=packet.dts + 9_000_000)
        for packet in film(clock, frames=30, size=(640, 480), epoch=2)
    ]
    fragments = muxed(before + after)
    assert [fragment.ticks for fragment in fragments] == [3600 * place for place in range(60)]
    assert len({id(fragment.opening) for fragment in fragments}) == 2
    assert fragments[29].epoch != fragments[30].epoch
    assert {width for _, width in shown(fragments[30:])} == {640}


def test_pictures_that_no_player_takes_are_left_out():
    """Motion JPEG has no fragments."""
    packets = [replace(packet, codec=Codec.MJPEG) for packet in film(ManualClock(), frames=3)]
    assert muxed(packets) == []


def at(ticks: int, epoch: int = 1) -> Packet:
    (packet, *_) = film_of_one()
    return replace(packet, pts=ticks, dts=ticks, epoch=epoch)


def film_of_one(cache: list[Packet] = []) -> list[Packet]:  # noqa: B006 - made once for all examples
    if not cache:
        cache.extend(film(ManualClock(), frames=1))
    return cache


@given(st.lists(st.tuples(st.integers(1, 900_000), st.booleans()), max_size=60), st.integers(-(2**40), 2**40))
def test_no_step_is_taken_for_a_seek(steps, start):
    """The clock runs forward, and never by more than twice what the picture before was said to last."""
    clock, ticks, epoch = MseClock(), start, 1
    place, period = clock.place(at(ticks)), clock.period
    assert place == 0
    for step, is_new_epoch in steps:
        epoch += is_new_epoch
        ticks = ticks + step if not is_new_epoch else step
        following = clock.place(at(ticks, epoch))
        assert place < following <= place + 2 * period
        place, period = following, clock.period


def test_a_slower_camera_is_believed_after_a_few_pictures():
    """From 25 to 5 pictures a second: the usual interval follows."""
    clock = MseClock()
    for place in range(20):
        clock.place(at(place * 3600))
    assert clock.period == 3600
    for place in range(20):
        clock.place(at(20 * 3600 + place * 18_000))
    assert clock.period == 18_000
