"""What a live view meets from people who mean it harm or do not know better: a defined answer, no leak, no crash."""

import asyncio
import contextlib
import gc
import random
import socket
import struct
from pathlib import Path

import pytest
from aioice import ice
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.fanout import PacketFanout
from tests.vms_api.live.test_whep_view import CAMERA, browser, feed_live, feed_of, health, join
from vms_api.live.errors import ViewRefused
from vms_api.live.ice_addresses import offer_only
from vms_api.live.ice_sockets import CONSENT_FAILURES, settle
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry
from vms_api.live.whep_view import WhepView

HOST = "a=candidate:1 1 udp 2122260223 192.0.2.{} {} typ host\r\n"


@pytest.fixture(autouse=True)
def guarded_sockets():
    """As a node has them, on 127.0.0.1."""
    own = ice.Connection.get_component_candidates, ice.CONSENT_FAILURES, ice.CONSENT_INTERVAL
    settle(LiveSettings(host_addresses=("127.0.0.1",)))
    yield
    ice.Connection.get_component_candidates, ice.CONSENT_FAILURES, ice.CONSENT_INTERVAL = own
    offer_only(("127.0.0.1",))


async def real_offer() -> str:
    async with browser() as peer:
        await peer.setLocalDescription(await peer.createOffer())
        return str(peer.localDescription.sdp)


def without_h264(offer: str) -> str:
    return offer.replace("H264/90000", "VP8/90000")


OFFERS = {
    "a thousand candidates": (lambda offer: offer + "".join(HOST.format(n % 250, 1024 + n) for n in range(1000)), None),
    "mDNS names only": (lambda offer: offer.replace(" 127.0.0.1 ", " 5f4c0c7e.local "), None),
    "candidates that are none": (lambda offer: offer + "a=candidate:1 9 udp x y z typ\r\na=candidate:\r\n", None),
    "ports that are none": (lambda offer: offer + HOST.format(7, 0) + HOST.format(7, 99_999), None),
    "another component": (lambda offer: offer + "a=candidate:1 2 udp 1 127.0.0.1 5000 typ host\r\n", None),
    "no H.264": (without_h264, "offer-unusable"),
    "a megabyte": (lambda offer: offer + "a=x\r\n" * 200_000, "offer-unusable"),
    "nothing": (lambda _offer: "", "offer-unusable"),
    "not SDP": (lambda _offer: '{"sdp": 1}', "offer-unusable"),
    "zeros": (lambda _offer: "v=0\r\n" + "\0" * 999, None),
    "no fingerprint": (lambda offer: offer.replace("a=fingerprint", "a=footprint"), "offer-unusable"),
    "no credentials": (lambda offer: offer.replace("a=ice-", "a=nice-"), "offer-unusable"),
    "no mid": (lambda offer: offer.replace("a=mid:", "a=dim:"), None),
    "two bundles": (lambda offer: offer.replace("a=group:BUNDLE 0", "a=group:BUNDLE 9 8 7"), None),
}
"""What is done to an offer, and the code it is refused with; None: it is answered."""


async def answered(offer: str) -> str | None:
    """The code of the refusal, None for an answer; nothing of the view stays."""
    registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
    code = None
    try:
        await registry.open(CAMERA, feed_of(fanout), health(), offer)
    except ViewRefused as refusal:
        code = refusal.code
        assert len(registry) == 0
    await registry.close_all()
    assert (len(registry), fanout.subscriber_count) == (0, 0)
    return code


@pytest.mark.parametrize("kind", OFFERS)
def test_every_offer_has_a_defined_answer(kind):
    """Answered without what is wrong in it, or refused with a code; nothing stays behind."""
    damage, code = OFFERS[kind]

    async def scenario():
        return await answered(damage(await real_offer()))

    assert asyncio.run(scenario()) == code


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_a_damaged_offer_is_answered_or_refused(seed):
    """Lines of a real offer gone, doubled, cut or garbled: never another exception, never a view that stays."""
    source = random.Random(seed)

    async def scenario():
        lines = (await real_offer()).splitlines()
        for _ in range(source.randint(1, 6)):
            place = source.randrange(1, len(lines))
            line = lines[place]
            cut = source.randint(0, len(line))
            lines[place : place + 1] = source.choice(
                ([], [line, line], [line[:cut]], [line[:cut] + source.choice("\0é9-: ") + line[cut:]], [line[cut:]])
            )
        return await answered("\r\n".join(lines) + "\r\n")

    assert asyncio.run(scenario()) in (None, "offer-unusable")


def malformed(source: random.Random) -> bytes:
    """A datagram of one of the kinds that share a port (RFC 7983): STUN, DTLS, RTP, RTCP, or none of them."""
    body = source.randbytes(source.choice((0, 1, 4, 20, 60, 400, 1400)))
    kind = source.randrange(5)
    if kind == 0:
        length = source.choice((len(body), source.randrange(65536)))
        return struct.pack("!HHI", source.choice((0x0001, 0x0101, 0x0111)), length, 0x2112A442) + body
    if kind == 1:
        return bytes([source.randrange(20, 64), 0xFE, source.choice((0xFD, 0xFF))]) + body
    if kind == 2:
        return bytes([0x80, source.randrange(96, 128)]) + body
    if kind == 3:
        return bytes([source.choice((0x80, 0x81, 0x9F)), source.randrange(200, 208)]) + body
    return body


def port_of(view: WhepView) -> int:
    return next(
        int(line.split()[5]) for line in view._peer.localDescription.sdp.splitlines() if line.startswith("a=candidate:")
    )


def test_a_flood_from_strangers_does_not_end_a_view(stream, caplog):
    """Three thousand datagrams of every kind to the port of a view: it plays on, and the log says nothing of each."""
    source = random.Random(7)

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        async with browser() as peer:
            feeding = asyncio.create_task(feed_live(fanout, stream))
            view = registry.require(await join(registry, fanout, peer))
            track = peer.getReceivers()[0].track
            await asyncio.wait_for(track.recv(), 10)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.setblocking(False)
                for number in range(3000):
                    with contextlib.suppress(BlockingIOError):
                        stranger.sendto(malformed(source), ("127.0.0.1", port_of(view)))
                    if number % 50 == 0:
                        await asyncio.sleep(0)
            for _ in range(20):
                await asyncio.wait_for(track.recv(), 10)
            feeding.cancel()
        await registry.close_all()
        return len(registry)

    assert asyncio.run(scenario()) == 0
    assert len(caplog.records) < 100


def test_a_viewer_who_sends_nonsense_harms_only_himself(stream):
    """Protected as it should be, so that it reaches the RTCP reader; his neighbour sees every picture."""
    source = random.Random(8)

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        async with browser() as bad, browser() as good:
            feeding = asyncio.create_task(feed_live(fanout, stream))
            feed = feed_of(fanout)
            for peer in (bad, good):
                await join(registry, fanout, peer, feed=feed)
                await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 10)
            dtls = bad.getReceivers()[0].transport
            for _ in range(500):
                head = struct.pack("!BBH", source.choice((0x80, 0x81, 0x8F)), source.randrange(200, 207), 1)
                body = source.randbytes(source.choice((4, 8, 12, 64, 600)))
                with contextlib.suppress(ConnectionError):
                    await dtls._send_rtp(head + body)
            seen = [await asyncio.wait_for(good.getReceivers()[0].track.recv(), 10) for _ in range(20)]
            feeding.cancel()
        await registry.close_all()
        return len(seen), len(registry), fanout.subscriber_count

    assert asyncio.run(scenario()) == (20, 0, 0)


def test_joins_and_leaves_leave_nothing(stream):
    """No view, no place on the stream, no descriptor, no object; the whole thousand is in `bench join`."""

    def open_files() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        feed, before = feed_of(fanout), 0
        for number in range(12):
            async with browser() as peer:
                view = await join(registry, fanout, peer, feed=feed)
                if number % 3:
                    await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 10)
                if number % 2:
                    await registry.close(view)
            await registry.close_all()
            if number == 1:
                before = open_files()
        return open_files() - before, len(registry), fanout.subscriber_count

    assert asyncio.run(scenario()) == (0, 0, 0)
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, WhepView)] == []


def test_a_tab_that_was_killed_is_gone(stream):
    """No alert, no DELETE, only silence: consent to send ends the view (here the clock of the checks runs faster)."""
    ice.CONSENT_INTERVAL = 0.1

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in stream[:5]:
            fanout.publish(packet)
        async with browser() as peer:
            await join(registry, fanout, peer)
            await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 10)
            connection = peer.getReceivers()[0].transport.transport._connection
            connection._query_consent_task.cancel()
            for one in connection._protocols:
                one.datagram_received = lambda _data, _address: None
            async with asyncio.timeout(20):
                while len(registry) or fanout.subscriber_count:
                    await asyncio.sleep(0.05)
        await registry.close_all()

    asyncio.run(scenario())


def test_a_vanished_browser_is_noticed_within_half_a_minute():
    """The slowest case of the real figures: each check as late as can be, and its answer waited for."""
    assert CONSENT_FAILURES * (1.2 * ice.CONSENT_INTERVAL + 0.5) <= 30
    assert ice.CONSENT_FAILURES == CONSENT_FAILURES
