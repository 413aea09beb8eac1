"""Host candidates: the addresses that were configured and no others."""

import asyncio

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from vms_api.live.ice_addresses import offer_only, tell_reached


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


@pytest.mark.parametrize(("configured", "told"), [((), {"127.0.0.3"}), (("127.0.0.2",), {"127.0.0.2"})])
def test_a_browser_is_told_the_address_that_it_knows(configured, told):
    """Where the site file names none; the session that another task makes meanwhile is not touched."""

    async def scenario():
        offer_only(configured)
        beside = asyncio.create_task(offered_addresses())
        tell_reached(("127.0.0.3",))
        return await offered_addresses(), await beside

    mine, others = asyncio.run(scenario())
    assert mine == told
    assert configured or "127.0.0.1" in others


def test_nothing_is_told_where_nothing_is_known():
    """Behind a proxy that hides by what people came."""

    async def scenario():
        offer_only(())
        tell_reached(())
        return await offered_addresses()

    assert asyncio.run(scenario()) == set()
