"""Views against a real WebRTC peer: aiortc on the browser's side, over the loopback interface."""

import asyncio
import contextlib
import itertools
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from ingest.av_encoder import AV_CODECS
from ingest.camera import CameraId, StreamRole
from ingest.clock import SystemClock
from ingest.errors import MasksUnavailable
from ingest.fanout import PacketFanout
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS, CurrentMasks, MaskSet
from ingest.masked_stream import MaskedStream
from ingest.packet import Codec, StreamDescription
from ingest.picture_feed import PictureFeed, Route
from vms_api.live.errors import AnswerUnusable, CodecNotViewable, HasBFrames, NotLive, OfferUnusable, TooManyViews
from vms_api.live.ice_addresses import offer_only
from vms_api.live.offer import ice_user
from vms_api.live.rtp_unit import ntp_of
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import UnknownView, ViewRegistry, viewable

CAMERA = CameraId("camera")


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


def health(**changes):
    fields = {
        "role": StreamRole.MAIN,
        "state": StreamState.LIVE,
        "since": datetime.now(UTC),
        "description": StreamDescription(Codec.H264, 320, 240, "Baseline", 10.0),
    }
    return StreamHealth(**(fields | changes))


def feed_of(fanout: PacketFanout, masks: CurrentMasks | None = None) -> PictureFeed:
    masks = masks or CurrentMasks(NO_MASKS)
    return PictureFeed(fanout, masks, MaskedStream(fanout, StreamRole.MAIN, masks, AV_CODECS, SystemClock()), AV_CODECS)


@contextlib.asynccontextmanager
async def browser():
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", direction="recvonly")
    try:
        yield peer
    finally:
        await peer.close()


async def join(
    registry: ViewRegistry,
    fanout: PacketFanout,
    peer: RTCPeerConnection,
    masks: CurrentMasks | None = None,
    feed: PictureFeed | None = None,
) -> str:
    await peer.setLocalDescription(await peer.createOffer())
    seen = feed or feed_of(fanout, masks)
    view, answer = await registry.open(CAMERA, seen, health(), peer.localDescription.sdp)
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return view


def test_a_late_joiner_sees_the_cached_gop_at_once(stream):
    """The only key frame passed 30 packets ago; the picture comes without waiting for another."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:30]:
            fanout.publish(packet)
        async with browser() as peer:
            await join(registry, fanout, peer)
            track = peer.getReceivers()[0].track
            frame = await asyncio.wait_for(track.recv(), 5)
            for packet in stream[30:]:
                fanout.publish(packet)
                await asyncio.sleep(0.01)
            later = [await asyncio.wait_for(track.recv(), 5) for _ in range(20)]
        await registry.close_all()
        return frame, later

    frame, later = asyncio.run(scenario())
    assert (frame.width, frame.height) == (320, 240)
    assert all(a.pts < b.pts for a, b in itertools.pairwise(later))


def test_closing_a_view_frees_its_place_on_the_fanout(stream):
    """Nothing of a closed view stays behind."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as peer:
            view = await join(registry, fanout, peer)
            await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 5)
            subscribed = fanout.subscriber_count
            await registry.close(view)
        with pytest.raises(UnknownView):
            await registry.close(view)
        return subscribed, fanout.subscriber_count, len(registry)

    assert asyncio.run(scenario()) == (1, 0, 0)


def test_a_browser_that_leaves_is_noticed(stream):
    """The peer's own close (DTLS alert) ends the view without a DELETE."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as peer:
            await join(registry, fanout, peer)
            await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 5)
        async with asyncio.timeout(20):
            while len(registry) or fanout.subscriber_count:
                await asyncio.sleep(0.02)
        await registry.close_all()

    asyncio.run(scenario())


def test_tracks_bear_the_timestamp_of_their_picture(stream):
    """The one that the browser tells of the picture when it shows it: boxes and picture are of one moment."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        shown = [
            replace(packet, received_at=packet.received_at + timedelta(seconds=n)) for n, packet in enumerate(stream)
        ]
        for packet in shown[:8]:
            fanout.publish(packet)
        async with browser() as peer:
            receiver = peer.getReceivers()[0]
            wire, handle = [], receiver._handle_rtp_packet

            async def note(packet, arrival_time_ms):
                wire.append(packet.timestamp)
                await handle(packet, arrival_time_ms)

            receiver._handle_rtp_packet = note
            view = registry.require(await join(registry, fanout, peer))
            await asyncio.wait_for(receiver.track.recv(), 10)
            async with asyncio.timeout(10):
                while len(set(wire)) < 8:
                    await asyncio.sleep(0.02)
            told = [view.stamped('{"t":1}', ntp_of(packet.received_at)) for packet in shown[:8]]
            before = view.stamped('{"t":1}', ntp_of(shown[0].received_at - timedelta(seconds=60)))
        await registry.close_all()
        return [json.loads(message)["rtp"] for message in told], list(dict.fromkeys(wire)), before

    told, wire, before = asyncio.run(scenario())
    assert told == wire
    assert before == '{"t":1}'


def test_tracks_travel_over_the_data_channel(stream):
    """The overlay channel carries messages once it is open, and only then anybody asks for them."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        got = asyncio.get_running_loop().create_future()
        async with browser() as peer:
            channel = peer.createDataChannel("tracks", ordered=False, maxRetransmits=0)
            channel.on("message", lambda message: got.done() or got.set_result(message))
            assert not registry.wants_tracks(CAMERA)
            await join(registry, fanout, peer)
            async with asyncio.timeout(20):
                while not got.done():
                    registry.send_tracks(CAMERA, json.dumps({"tracks": []}))
                    await asyncio.sleep(0.02)
            assert registry.wants_tracks(CAMERA)
        await registry.close_all()
        return json.loads(got.result())

    assert asyncio.run(scenario()) == {"tracks": []}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"state": StreamState.WAITING}, NotLive),
        ({"state": StreamState.SILENT}, NotLive),
        ({"description": None}, NotLive),
        ({"description": StreamDescription(Codec.MJPEG, 320, 240, "", 10.0)}, CodecNotViewable),
        ({"has_b_frames": True}, HasBFrames),
    ],
)
def test_what_webrtc_cannot_show_is_refused_before_a_peer_is_made(changes, refusal):
    """The class of the refusal says why."""

    async def scenario():
        registry = ViewRegistry(LiveSettings())
        with pytest.raises(refusal):
            await registry.open(CAMERA, feed_of(PacketFanout()), health(**changes), "v=0")
        return len(registry)

    assert asyncio.run(scenario()) == 0


def test_a_bad_offer_leaves_nothing_behind():
    """An offer that cannot be answered costs no place."""

    async def scenario():
        registry = ViewRegistry(LiveSettings())
        offer = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
        with pytest.raises(OfferUnusable):
            await registry.open(CAMERA, feed_of(PacketFanout()), health(), offer)
        return len(registry)

    assert asyncio.run(scenario()) == 0


def test_the_limit_of_views_holds(stream):
    """One view more than allowed is told to come back later."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings(max_views=1)), PacketFanout()
        async with browser() as first, browser() as second:
            await join(registry, fanout, first)
            with pytest.raises(TooManyViews) as refusal:
                await join(registry, fanout, second)
        await registry.close_all()
        return refusal.value.retry_after_s

    assert asyncio.run(scenario()) == 5


UPPER = MaskSet(1, (((0, 0), (1, 0), (1, 0.5), (0, 0.5)),))


def test_a_masked_camera_is_seen_covered(stream):
    """The bright bar runs over the whole height; its upper half never arrives."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        async with browser() as peer:
            await join(registry, fanout, peer, CurrentMasks(UPPER))
            track = peer.getReceivers()[0].track
            feeding = asyncio.create_task(feed_live(fanout, stream))
            seen = [await asyncio.wait_for(track.recv(), 5) for _ in range(20)]
            feeding.cancel()
        await registry.close_all()
        return [frame.to_ndarray(format="gray") for frame in seen]

    for picture in asyncio.run(scenario()):
        assert picture[130:].max() > 150
        assert np.ptp(picture[:112].astype(int)) < 20


async def feed_live(fanout: PacketFanout, stream) -> None:
    """The stream as if it came just now, again and again."""
    for epoch in itertools.count(1):
        for packet in stream:
            fanout.publish(replace(packet, epoch=epoch, received_monotonic_s=SystemClock().monotonic_s()))
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("before", "after"), [(NO_MASKS, UPPER), (UPPER, NO_MASKS), (UPPER, None), (NO_MASKS, None)])
def test_views_end_when_masks_are_set_lifted_or_lost(stream, before, after):
    """What was queued for them goes nowhere; a new view takes the new way, or is refused."""

    async def scenario():
        registry, fanout, masks = ViewRegistry(LiveSettings()), PacketFanout(), CurrentMasks(before)
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as peer:
            await join(registry, fanout, peer, masks)
            await registry.close_misrouted()
            kept = len(registry)
            masks.now = after
            await registry.close_misrouted()
        return kept, len(registry)

    assert asyncio.run(scenario()) == (1, 0)


def test_unknown_masks_refuse_a_view():
    """Before a peer connection is made."""

    async def scenario():
        registry = ViewRegistry(LiveSettings())
        with pytest.raises(MasksUnavailable):
            await registry.open(CAMERA, feed_of(PacketFanout(), CurrentMasks()), health(), "v=0")
        return len(registry)

    assert asyncio.run(scenario()) == 0


@pytest.mark.parametrize(
    "changes", [{"description": StreamDescription(Codec.H265, 320, 240, "Main", 10.0)}, {"has_b_frames": True}]
)
def test_what_is_encoded_here_can_always_be_shown(changes):
    """Masking turns H.265 and B-frames into what browsers take."""
    shown = health(**changes)
    assert viewable(shown, Route.MASKED) == shown.description
    with pytest.raises(NotLive):
        viewable(health(**changes, state=StreamState.SILENT), Route.MASKED)


def test_a_view_ends_when_its_time_is_over(stream):
    """An approved look past the masks closes by itself, whatever the browser does."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        feed = feed_of(fanout, CurrentMasks(UPPER)).lifted(SystemClock(), 1.0)
        async with browser() as peer:
            await peer.setLocalDescription(await peer.createOffer())
            view, answer = await registry.open(CAMERA, feed, health(), peer.localDescription.sdp)
            registry.close_after(view, 1.0)
            await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            frame = await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 5)
            async with asyncio.timeout(20):
                while len(registry) or fanout.subscriber_count:
                    await asyncio.sleep(0.02)
        await registry.close_all()
        return frame.to_ndarray(format="gray")

    assert asyncio.run(scenario())[:112].max() > 150


CREDENTIALS = "a=ice-ufrag:{}\r\na=ice-pwd:0123456789012345678901\r\n"
CANDIDATE = "a=candidate:1 1 udp 2122260223 127.0.0.1 {} typ host\r\n"


def test_trickled_candidates_are_taken(stream):
    """Unchanged credentials are no restart; a thousand candidates, mDNS names and nonsense do no harm."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as peer:
            view = registry.require(await join(registry, fanout, peer))
            user = ice_user(peer.localDescription.sdp)
            await view.patch(CREDENTIALS.format(user) + CANDIDATE.format(9))
            await view.patch("".join(CANDIDATE.format(port) for port in range(20_000, 21_000)))
            answered = await view.patch(
                "a=candidate:1 1 udp 1 5f4c.local 5000 typ host\r\na=candidate:\r\na=end-of-candidates"
            )
            await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 5)
        await registry.close_all()
        return len(registry), answered

    assert asyncio.run(scenario()) == (0, None)


def test_an_offer_without_video_is_answered_with_an_offer(stream):
    """The 406 of WHEP: the browser answers ours, and sees the picture; nothing but an answer is taken for one."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as wish, browser() as peer:
            wish.getTransceivers()[0].direction = "sendonly"
            await wish.setLocalDescription(await wish.createOffer())
            view_id, ours = await registry.open(CAMERA, feed_of(fanout), health(), wish.localDescription.sdp)
            view = registry.require(view_id)
            assert view.awaits_answer
            with pytest.raises(AnswerUnusable):
                await view.take_answer("hello")
            await peer.setRemoteDescription(RTCSessionDescription(ours, "offer"))
            await peer.setLocalDescription(await peer.createAnswer())
            await view.take_answer(peer.localDescription.sdp)
            with pytest.raises(AnswerUnusable):
                await view.take_answer(peer.localDescription.sdp)
            frame = await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 5)
        await registry.close_all()
        return frame.width, ours.count("H264/90000"), len(registry)

    width, codecs, left = asyncio.run(scenario())
    assert (width, left) == (320, 0)
    assert codecs > 0


def test_an_offer_that_hides_its_addresses_is_answered(stream):
    """MDNS names alone: the browser's checks reach us, and its address is learnt from them."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as peer:
            await peer.setLocalDescription(await peer.createOffer())
            offer = re.sub(r"(a=candidate:\S+ 1 udp \d+) 127\.0\.0\.1", r"\1 5f4c0c7e.local", peer.localDescription.sdp)
            _, answer = await registry.open(CAMERA, feed_of(fanout), health(), offer)
            await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
            frame = await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 5)
        await registry.close_all()
        return frame.width, ".local" in offer

    assert asyncio.run(scenario()) == (320, True)
