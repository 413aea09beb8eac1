"""Host candidates: the addresses that were configured and no others."""

import asyncio

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from vms_api.live.ice_addresses import offer_only


async def offered_addresses() -> set[str]:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", direction="sendonly")
    await peer.setLocalDescription(await peer.createOffer())
    lines = [line for line in peer.localDescription.sdp.splitlines() if line.startswith("a=candidate:")]
    await peer.close()
    return {line.split()[4] for line in lines}


@pytest.fixture(autouse=True)
def afterwards():
    """The replaced function is process-wide: other tests get loopback back."""
    yield
    offer_only(("127.0.0.1",))


def test_only_configured_addresses_are_offered():
    """No address of this machine leaks that nobody configured. Fails when a new aioice decides elsewhere."""
    offer_only(("127.0.0.2",))
    assert asyncio.run(offered_addresses()) == {"127.0.0.2"}


def test_without_configuration_loopback_is_offered_too():
    """Page and node on one machine find each other even without a network."""
    offer_only(())
    assert "127.0.0.1" in asyncio.run(offered_addresses())
