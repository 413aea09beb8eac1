"""One timeline for all viewers, whatever happens to them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from ingest.virtual_camera.clip import AccessUnit, Clip
from ingest.virtual_camera.faults import Faultless, FaultScript
from ingest.virtual_camera.live_stream import MAX_LATENESS_S, REPORT_INTERVAL_S, LiveStream, Script
from ingest.virtual_camera.rtp import Burst
from tests.fakes.clock import ManualClock
from tests.ingest.virtual_camera.rtsp_client import RtpPacket


@dataclass(eq=False)
class RecordingViewer:
    """Keeps what it gets; takes no more than `capacity` bursts."""

    capacity: int = 1000
    bursts: list[Burst] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    was_cut: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, burst: Burst) -> bool:
        self._changed.set()
        if len(self.bursts) == self.capacity:
            return False
        self.bursts.append(burst)
        return True

    def report(self, packet: bytes) -> None:
        self.reports.append(packet)

    def cut(self) -> None:
        self.was_cut = True
        self._changed.set()

    async def has(self, count: int) -> list[RtpPacket]:
        """Waits for so many bursts; gives the first packet of each."""
        await self._until(lambda: len(self.bursts) >= count)
        return [RtpPacket.read(burst.packets[0]) for burst in self.bursts]

    async def is_cut(self) -> None:
        """Waits for the end."""
        await self._until(lambda: self.was_cut)

    async def _until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 5)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def _stream(clip: Clip, clock: ManualClock, faults: FaultScript | None = None) -> LiveStream:
    return LiveStream(clip, Script(faults or Faultless(), clock.monotonic_s()), clock, Random(1))


@pytest.mark.anyio
async def test_first_packet_is_the_promised_one(loop_clip: Clip, clock: ManualClock):
    """A viewer joins at the present moment, even between key frames, and learns which packet comes first."""
    stream, viewer = _stream(loop_clip, clock), RecordingViewer()
    clock.advance(3.41)
    point = stream.join(viewer)
    first, second, *_ = await viewer.has(2)
    assert (first.sequence, first.timestamp) == (point.sequence, point.timestamp)
    assert second.timestamp - first.timestamp == 3600
    late = RecordingViewer()
    stream.join(late)
    await late.has(1)
    assert late.bursts[0] is viewer.bursts[-1]
    stream.leave(viewer)
    stream.leave(late)


@pytest.mark.anyio
async def test_time_goes_on_while_nobody_looks(loop_clip: Clip, clock: ManualClock):
    """After a pause the stream stands where a running camera would stand; sequence numbers go on without a gap."""
    stream, viewer = _stream(loop_clip, clock), RecordingViewer()
    before = stream.join(viewer)
    sent = sum(len(burst.packets) for burst in viewer.bursts)
    stream.leave(viewer)
    clock.advance(10.0)
    after = stream.join(viewer)
    stream.leave(viewer)
    assert (after.timestamp - before.timestamp) % 2**32 == 900_000
    assert (after.sequence - before.sequence) % 2**16 == sent


@pytest.mark.anyio
async def test_too_slow_a_viewer_is_cut_and_counted(loop_clip: Clip, clock: ManualClock):
    """A viewer that cannot keep up goes; the others do not notice."""
    stream, slow, quick = _stream(loop_clip, clock), RecordingViewer(capacity=1), RecordingViewer()
    stream.join(slow)
    stream.join(quick)
    packets = await quick.has(3)
    assert slow.was_cut
    assert (stream.dropped_viewers, stream.viewer_count) == (1, 1)
    assert [packet.timestamp - packets[0].timestamp for packet in packets] == [0, 3600, 7200]
    stream.leave(quick)


@pytest.mark.anyio
async def test_a_stream_that_is_late_goes_on_from_now(loop_clip: Clip, clock: ManualClock):
    """After the machine slept, what was missed is skipped and counted, not sent in a rush."""
    stream, viewer = _stream(loop_clip, clock), RecordingViewer()
    stream.join(viewer)
    await viewer.has(1)
    clock.advance(MAX_LATENESS_S + 8.0)
    packets = await viewer.has(3)
    stream.leave(viewer)
    assert stream.skipped_units >= 200
    assert packets[-1].timestamp - packets[0].timestamp >= 10 * 90_000


@pytest.mark.anyio
async def test_reports_come_with_the_first_picture_and_then_by_the_clock(loop_clip: Clip, clock: ManualClock):
    """A newcomer learns the wall time at once, everybody again after the interval."""
    stream, viewer = _stream(loop_clip, clock), RecordingViewer()
    stream.join(viewer)
    await viewer.has(4)
    assert len(viewer.reports) == 1
    clock.advance(REPORT_INTERVAL_S)
    await viewer.has(6)
    stream.leave(viewer)
    assert len(viewer.reports) == 2


class Twice(Faultless):
    """Sends every picture twice, to show that the seam can do more than leave out."""

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        return unit, unit


class Broken(Faultless):
    """A script with a mistake in it."""

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        raise ZeroDivisionError


@pytest.mark.anyio
async def test_a_script_may_replace_pictures(loop_clip: Clip, clock: ManualClock):
    """What the script gives in a picture's place is sent with numbers of its own."""
    stream, viewer = _stream(loop_clip, clock, Twice()), RecordingViewer()
    stream.join(viewer)
    first, again, *_ = await viewer.has(2)
    stream.leave(viewer)
    assert again.timestamp == first.timestamp
    assert again.payload == first.payload
    assert again.sequence == first.sequence + len(viewer.bursts[0].packets)


@pytest.mark.anyio
async def test_a_broken_script_ends_its_viewers_only(loop_clip: Clip, clock: ManualClock):
    """A failing script cuts the camera's viewers instead of leaving them waiting."""
    stream, viewer = _stream(loop_clip, clock, Broken()), RecordingViewer()
    stream.join(viewer)
    await viewer.is_cut()
    stream.leave(viewer)
    assert viewer.bursts == []
