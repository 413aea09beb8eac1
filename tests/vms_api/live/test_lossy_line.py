"""A view through a line that loses and delays (the relay of `bench loss`): what was lost is sent again."""

import asyncio
import itertools
import re

import pytest
from aiortc import RTCSessionDescription

from benchmarks.lossy_line import LossyLine, Weather, node_address, redirected
from ingest.fanout import PacketFanout
from tests.vms_api.live.test_fast_sender import publish
from tests.vms_api.live.test_whep_view import CAMERA, browser, feed_of, health
from vms_api.live.ice_addresses import offer_only
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers and the line live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


def test_every_picture_comes_through(rich_stream):
    """5 % of all datagrams are lost, in both directions, handshake included; no picture is, nor their order."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        fanout.publish(rich_stream[0])
        async with browser() as peer:
            await peer.setLocalDescription(await peer.createOffer())
            offer = re.sub(r"a=candidate:.*\r\n", "", peer.localDescription.sdp)
            _, answer = await registry.open(CAMERA, feed_of(fanout), health(), offer)
            with LossyLine(node_address(answer), Weather(0.05, 0.0), seed=3) as line:
                through = redirected(answer, line.port)
                await peer.setRemoteDescription(RTCSessionDescription(through, "answer"))
                track = peer.getReceivers()[0].track
                feeding = asyncio.create_task(publish(fanout, rich_stream[1:]))
                times = [(await asyncio.wait_for(track.recv(), 30)).pts for _ in range(len(rich_stream) - 8)]
                await feeding
        await registry.close_all()
        return times, line.lost_count, line.passed_count

    times, lost, passed = asyncio.run(scenario())
    assert {later - earlier for earlier, later in itertools.pairwise(times)} == {9000}
    assert passed > 50
    assert lost > 0
