"""The installer's check of the network: peers without a camera."""

import asyncio

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from vms_api.live.errors import OfferUnusable, TooManyViews
from vms_api.live.ice_addresses import offer_only
from vms_api.live.network_check import MAX_CHECKS, NetworkCheck


@pytest.fixture(autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


async def offer_of(peer: RTCPeerConnection) -> str:
    await peer.setLocalDescription(await peer.createOffer())
    return str(peer.localDescription.sdp)


def test_a_browser_that_gets_through_opens_its_channel():
    """Nothing but a data channel is needed for that; closing ends the peer."""

    async def scenario():
        check, peer, opened = NetworkCheck(), RTCPeerConnection(RTCConfiguration(iceServers=[])), asyncio.Event()
        channel = peer.createDataChannel("check")
        channel.on("open", opened.set)
        answer = await check.answer(await offer_of(peer))
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.wait_for(opened.wait(), 10)
        count = len(check)
        await peer.close()
        await check.close()
        return count, len(check), "a=candidate:" in answer

    assert asyncio.run(scenario()) == (1, 0, True)


def test_other_offers_are_refused_and_so_are_too_many():
    """No media is to be had here, and a page cannot make a node open sockets without end."""

    async def scenario():
        check, peer = NetworkCheck(), RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.createDataChannel("check")
        offer = await offer_of(peer)
        peer.addTransceiver("video", direction="recvonly")
        with_video = await offer_of(peer)
        for wrong in ("", "v=0\r\n", with_video, offer.replace("a=ice-", "a=nice-"), "v=0\r\n" + "a=x\r\n" * 20_000):
            with pytest.raises(OfferUnusable):
                await check.answer(wrong)
        assert len(check) == 0
        for _ in range(MAX_CHECKS):
            await check.answer(offer)
        with pytest.raises(TooManyViews):
            await check.answer(offer)
        await check.close()
        await peer.close()
        return len(check)

    assert asyncio.run(scenario()) == 0
