"""Who cannot be helped from the cache has the camera asked for a key frame: told once, and only where it is missing."""

import asyncio
from dataclasses import replace

import pytest

from ingest.fanout import PacketFanout
from tests.vms_api.live.test_fast_sender import publish
from tests.vms_api.live.test_whep_view import CAMERA, browser, join
from vms_api.live.ice_addresses import offer_only
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry

HEAVY = b"\0\0\0\1\x06" + b"\x05" * 1_100_000
"""A message unit (SEI) that makes a group too long to be shown once more."""


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


async def after_loss(packets, following) -> list[list[str]]:
    """The wishes of a viewer of the packets before and after it says a hundred times that it lost its picture (PLI)."""
    registry, fanout, told = ViewRegistry(LiveSettings()), PacketFanout(), []
    for packet in packets:
        fanout.publish(packet)
    async with browser() as peer:
        await join(registry, fanout, peer)
        receiver = peer.getReceivers()[0]
        async with asyncio.timeout(20):
            while not (sources := dict(receiver._RTCRtpReceiver__remote_streams)):
                await asyncio.sleep(0.05)
            await asyncio.sleep(1.1)  # the group has only just been shown: too soon for once more
            told.append(registry.take_key_frame_wishes())
            for ssrc in 100 * list(sources):  # whoever insists gets no more for it
                await receiver._send_rtcp_pli(ssrc)
            await asyncio.sleep(0.2)
        await publish(fanout, following)
        await asyncio.sleep(0.2)
        told.append(registry.take_key_frame_wishes())
        told.append(registry.take_key_frame_wishes())
    await registry.close_all()
    return told


def test_a_group_that_is_too_long_is_no_answer(rich_stream):
    """The wish goes on to the camera, once."""
    heavy = replace(rich_stream[0], data=bytes(rich_stream[0].data) + HEAVY)
    assert asyncio.run(after_loss([heavy, rich_stream[1]], rich_stream[2:6])) == [[], [CAMERA], []]


def test_what_the_cache_answers_is_not_asked_of_the_camera(rich_stream):
    """A short group is shown once more, and the camera is left alone."""
    assert asyncio.run(after_loss(rich_stream[:2], rich_stream[2:6])) == [[], [], []]


def test_who_joins_without_a_key_frame_waits_for_one(stream):
    """Nothing is cached, and the camera goes on with other pictures; one that is a key frame is the answer itself."""

    async def scenario(first):
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        async with browser() as peer:
            view = registry.require(await join(registry, fanout, peer))
            async with asyncio.timeout(20):
                while not view.connected:
                    await asyncio.sleep(0.02)
            await publish(fanout, [first, *stream[3:5]])
        told = registry.take_key_frame_wishes()
        await registry.close_all()
        return told

    assert asyncio.run(scenario(stream[2])) == [CAMERA]
    assert asyncio.run(scenario(stream[0])) == []
