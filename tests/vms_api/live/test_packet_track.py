"""The track: cached GOP first, bounded lag, one clock over reconnects."""

import asyncio
import itertools
from dataclasses import replace

import pytest
from aiortc.mediastreams import MediaStreamError

from vms_api.live.packet_track import PacketTrack


def make_track(queue_packets: int = 100) -> PacketTrack:
    return PacketTrack(queue_packets=queue_packets, replay_bytes_per_s=100_000_000)


async def receive(track: PacketTrack, count: int) -> list[tuple[int, bytes]]:
    return [(packet.pts, bytes(packet)) for packet in [await track.recv() for _ in range(count)]]


def test_the_cached_gop_comes_first_then_what_follows(stream):
    """A joiner gets every packet from the key frame on, in order, bit for bit."""

    async def scenario():
        track = make_track()
        track.replay(stream[:30])
        for packet in stream[30:40]:
            track.push(packet)
        return await receive(track, 40)

    got = asyncio.run(scenario())
    assert [data for _, data in got] == [packet.data for packet in stream[:40]]


def test_original_timestamps_are_kept(stream):
    """Squeezed timestamps made browsers slower (field note); distances stay those of the camera."""

    async def scenario():
        track = make_track()
        track.replay(stream[:20])
        return await receive(track, 20)

    times = [pts for pts, _ in asyncio.run(scenario())]
    assert times == [packet.pts - stream[0].pts for packet in stream[:20]]


def test_a_reconnect_goes_on_with_the_same_clock(stream):
    """A new epoch starts its timestamps anywhere; the viewer's clock runs on."""

    async def scenario():
        track = make_track()
        track.replay(stream[:5])
        got = await receive(track, 5)
        for epoch, later in ((2, 7_000_000), (3, 0)):
            for packet in stream[:5]:
                track.push(replace(packet, epoch=epoch, pts=packet.pts + later))
            got += await receive(track, 5)
        return got

    times = [pts for pts, _ in asyncio.run(scenario())]
    assert times == sorted(set(times))
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) <= 9000


def test_a_new_epoch_takes_the_place_of_what_waits(stream):
    """A viewer that lags sees nothing any more that was queued before a change of the masks."""

    async def scenario():
        track = make_track()
        track.replay(stream[:5])
        for packet in stream[:3]:
            track.push(replace(packet, epoch=2))
        return await receive(track, 3), track.dropped_count

    got, dropped = asyncio.run(scenario())
    assert [data for _, data in got] == [packet.data for packet in stream[:3]]
    assert dropped == 5


def test_a_lagging_viewer_loses_the_past_and_waits_for_a_key_frame(stream):
    """Memory is bounded, and no picture is built on a missing one."""

    async def scenario():
        track = make_track(queue_packets=10)
        for packet in stream[:30]:  # the only key frame is the first
            track.push(packet)
        assert track.dropped_count >= 20
        track.push(replace(stream[0], sequence=99))
        track.push(stream[1])
        return await receive(track, 2), track.dropped_count

    got, dropped = asyncio.run(scenario())
    assert [data for _, data in got] == [stream[0].data, stream[1].data]
    assert dropped == 30


def test_a_stopped_track_ends_its_reader():
    """Nobody waits for ever on a view that was closed."""

    async def scenario():
        track = make_track()
        reader = asyncio.create_task(track.recv())
        await asyncio.sleep(0)
        track.stop()
        with pytest.raises(MediaStreamError):
            await asyncio.wait_for(reader, 1)

    asyncio.run(scenario())
