"""A TURN server (coturn, from Debian) between a browser's peer and the node, by logins that end by themselves."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection, RTCSessionDescription

from ingest.fanout import PacketFanout
from tests.vms_api.live.conftest import stream  # noqa: F401 - the fixture of a small H.264 stream
from tests.vms_api.live.test_whep_view import CAMERA, feed_of, health
from vms_api.live.ice_addresses import offer_only
from vms_api.live.ice_servers import LOGIN_LASTS, told_to
from vms_api.live.settings import IceServer, LiveSettings
from vms_api.live.view_registry import ViewRegistry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(110)]

SECRET = "north-gate"


@pytest.fixture
def turn(tmp_path: Path) -> Iterator[IceServer]:
    """Coturn on a free port of 127.0.0.1."""
    program = shutil.which("turnserver")
    if program is None:
        pytest.skip("coturn is not here (Debian package coturn)")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--allow-loopback-peers", "--realm=xueliang"]
    options += ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--listening-ip=127.0.0.1"]
    options += ["--relay-ip=127.0.0.1", f"--listening-port={port}", "--log-file=stdout", "--no-rfc5780"]
    options += [f"--pidfile={tmp_path / 'turn.pid'}", f"--userdb={tmp_path / 'turn.db'}"]
    with (tmp_path / "turn.log").open("w") as log:
        server = subprocess.Popen([program, *options], stdout=log, stderr=log, cwd=tmp_path)
        try:
            yield IceServer(url=f"turn:127.0.0.1:{port}?transport=udp", secret=SECRET)
        finally:
            server.kill()
            server.wait()


async def relayed(server: IceServer, now: datetime, packets) -> tuple[bool, bool]:
    """Whether the server gave an address to the login of that moment, and whether a picture came by it."""
    offer_only(("127.0.0.1",))
    (told,) = told_to("li", [server], now)
    helper = RTCIceServer(urls=told.url, username=told.username, credential=told.credential)
    relay_only = RTCConfiguration(iceServers=[helper], iceTransportPolicy=RTCIceTransportPolicy.RELAY)
    registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
    for packet in packets[:5]:
        fanout.publish(packet)
    peer = RTCPeerConnection(relay_only)
    try:
        peer.addTransceiver("video", direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        offer = peer.localDescription.sdp
        if " typ relay" not in offer:
            return False, False
        _, answer = await registry.open(CAMERA, feed_of(fanout), health(), offer)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        frame = await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 20)
        return True, frame.width == 320
    finally:
        await peer.close()
        await registry.close_all()


def test_a_picture_comes_through_the_relay(turn: IceServer, stream):  # noqa: F811
    """Coturn takes the login that the site makes; the browser has no other way than the relay."""

    async def scenario():
        for _ in range(40):  # until it listens
            with contextlib.suppress(ConnectionError):
                found = await relayed(turn, datetime.now(UTC), stream)
                if found[0]:
                    return found
            await asyncio.sleep(0.25)
        return found

    assert asyncio.run(scenario()) == (True, True)
    ended = asyncio.run(relayed(turn, datetime.now(UTC) - LOGIN_LASTS - timedelta(minutes=1), stream))
    assert ended == (False, False)
    guessed = IceServer(url=turn.url, secret="guessed")
    assert asyncio.run(relayed(guessed, datetime.now(UTC), stream)) == (False, False)
