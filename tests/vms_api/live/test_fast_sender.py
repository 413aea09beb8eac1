"""Our own sender seen by a real WebRTC peer: what is lost is sent again, and a wish for a key frame is answered.

This is the test that watches over `sender_internals`: with an aiortc that is not the one looked into, it fails.
"""

import asyncio
import itertools

import pytest

from ingest.fanout import PacketFanout
from tests.vms_api.live.test_whep_view import browser, feed_of, join
from vms_api.live.ice_addresses import offer_only
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


def losing_every(peer, nth: int) -> list[int]:
    """Has the peer lose every nth packet of the picture that comes for the first time; the lost ones are returned."""
    transport = peer.getReceivers()[0].transport
    handle, counter, lost = transport._handle_rtp_data, itertools.count(1), []

    async def losing(data: bytes, arrival_time_ms: int) -> None:
        is_repair = data[1] & 0x7F != picture_type(peer)
        if not is_repair and next(counter) % nth == 0:
            lost.append(int.from_bytes(data[2:4], "big"))
        else:
            await handle(data, arrival_time_ms)

    transport._handle_rtp_data = losing
    return lost


def picture_type(peer) -> int:
    return peer.getTransceivers()[0]._codecs[0].payloadType


async def publish(fanout: PacketFanout, packets) -> None:
    for packet in packets:
        fanout.publish(packet)
        await asyncio.sleep(0.02)


async def seen(packets, count: int, *, own_sender: bool) -> tuple[str, list[int]]:
    """Who sent the stream, and the times of the first pictures seen of it."""
    registry, fanout = ViewRegistry(LiveSettings(own_sender=own_sender)), PacketFanout()
    fanout.publish(packets[0])
    async with browser() as peer:
        view = await join(registry, fanout, peer)
        track = peer.getReceivers()[0].track
        feeding = asyncio.create_task(publish(fanout, packets[1:]))
        frames = [await asyncio.wait_for(track.recv(), 20) for _ in range(count)]
        await feeding
        sent_by = registry.require(view).sent_by
    await registry.close_all()
    return sent_by, [frame.pts for frame in frames]


def test_every_picture_arrives(rich_stream):
    """In order, each of many packets, without a gap from the cached group to what is live."""
    # The jitter buffer of aiortc gives a picture when the next one begins.
    sent_by, times = asyncio.run(seen(rich_stream, len(rich_stream) - 3, own_sender=True))
    assert sent_by == "aes-gcm"
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {9000}


def test_the_sender_of_aiortc_is_as_good_as_it_was(stream):
    """The fallback, also for those who ask for it."""
    sent_by, times = asyncio.run(seen(stream, 30, own_sender=False))
    assert sent_by == "aiortc"
    assert all(earlier < later for earlier, later in itertools.pairwise(times))


def test_lost_packets_are_sent_again(rich_stream):
    """Every 5th packet is lost on its way; no picture is."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        fanout.publish(rich_stream[0])
        async with browser() as peer:
            await join(registry, fanout, peer)
            lost = losing_every(peer, 5)
            track = peer.getReceivers()[0].track
            feeding = asyncio.create_task(publish(fanout, rich_stream[1:]))
            times = [(await asyncio.wait_for(track.recv(), 30)).pts for _ in range(len(rich_stream) - 5)]
            await feeding
        await registry.close_all()
        return lost, times

    lost, times = asyncio.run(scenario())
    assert len(lost) >= 5
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {9000}


def test_a_wish_for_a_key_frame_is_answered_from_the_cache(rich_stream):
    """The camera sends nothing new; the running group comes once more, and time does not run backwards."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in rich_stream[:10]:
            fanout.publish(packet)
        async with browser() as peer:
            await join(registry, fanout, peer)
            receiver = peer.getReceivers()[0]
            before = [(await asyncio.wait_for(receiver.track.recv(), 20)).pts for _ in range(8)]
            again = asyncio.create_task(receive(receiver.track, 8))
            async with asyncio.timeout(30):
                while not again.done():
                    for ssrc in receiver._RTCRtpReceiver__remote_streams:
                        await receiver._send_rtcp_pli(ssrc)
                    await asyncio.sleep(0.1)
        await registry.close_all()
        return [*before, *again.result()]

    times = asyncio.run(scenario())
    assert all(earlier < later for earlier, later in itertools.pairwise(times))


async def receive(track, count: int) -> list[int]:
    return [(await track.recv()).pts for _ in range(count)]


def test_all_viewers_of_a_stream_take_one_place_on_its_feed(stream):
    """The stream is taken once, however many watch, and let go with the last of them."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        feed = feed_of(fanout)
        async with browser() as first, browser() as second:
            counts = []
            for peer in (first, second):
                await join(registry, fanout, peer, feed=feed)
                await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 20)
                counts.append(fanout.subscriber_count)
            await registry.close_all()
        return counts, fanout.subscriber_count

    assert asyncio.run(scenario()) == ([1, 1], 0)
