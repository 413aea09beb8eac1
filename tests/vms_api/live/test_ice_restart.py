"""An ICE restart while somebody watches, against a peer that restarts by the same means on the browser's side."""

import asyncio
import re

import pytest
from aioice import Candidate, ice

from ingest.fanout import PacketFanout
from tests.vms_api.live.test_whep_view import browser, feed_live, join
from vms_api.live.errors import RestartUnsupported
from vms_api.live.ice_addresses import offer_only
from vms_api.live.ice_session import IceSession
from vms_api.live.offer import ice_password, ice_user
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


class Restarting:
    """A browser's side of a restart: new credentials and a new socket, and its old connection fed by the new one."""

    def __init__(self, peer) -> None:
        self.connection = peer.getReceivers()[0].transport.transport._connection
        self.fresh = ice.Connection(ice_controlling=True)
        self.fresh.data_received = self.connection.data_received

    async def fragment(self) -> str:
        await self.fresh.gather_candidates()
        lines = [f"a=ice-ufrag:{self.fresh.local_username}", f"a=ice-pwd:{self.fresh.local_password}"]
        lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in self.fresh.local_candidates]
        return "\r\n".join(lines) + "\r\n"

    async def go_on(self, answer: str) -> None:
        self.fresh.remote_username, self.fresh.remote_password = ice_user(answer), ice_password(answer)
        for line in re.findall(r"a=candidate:(.*)", answer):
            await self.fresh.add_remote_candidate(Candidate.from_sdp(line.strip()))
        await self.fresh.connect()
        self.connection._nominated[1] = self.fresh._nominated[1]


async def drained(track, sockets) -> None:
    """Returns once pictures have come by one of these sockets."""
    before = sum(socket.count for socket in sockets)
    async with asyncio.timeout(10):
        while sum(socket.count for socket in sockets) < before + 5:
            await track.recv()


class Counted:
    """Counts what comes to a connection's sockets."""

    def __init__(self, connection: ice.Connection) -> None:
        self.count = 0
        handle = connection.data_received

        def data_received(data: bytes, component: int) -> None:
            self.count += 1
            handle(data, component)

        connection.data_received = data_received


def test_a_view_goes_on_by_another_way(stream):
    """Pictures come by the new sockets, twice over; the old ones are closed; late candidates are dropped."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        async with browser() as peer:
            feeding = asyncio.create_task(feed_live(fanout, stream))
            view = registry.require(await join(registry, fanout, peer))
            track = peer.getReceivers()[0].track
            await asyncio.wait_for(track.recv(), 10)
            first_user = ice_user(peer.localDescription.sdp)
            users, sides = set(), [Restarting(peer), Restarting(peer)]
            for side in sides:
                counted = Counted(side.fresh)
                answer = await view.patch(await side.fragment())
                assert answer is not None
                users.add(ice_user(answer))
                await side.go_on(answer)
                await drained(track, [counted])
            assert await view.patch(f"a=ice-ufrag:{first_user}\r\na=ice-pwd:x\r\n") is None
            own = view._transceiver.sender.transport.transport._connection
            sockets = len(own._protocols)
            feeding.cancel()
            await registry.close_all()
        for side in sides:
            await side.fresh.close()
        return users, answer, sockets, len(registry)

    users, answer, sockets, left = asyncio.run(scenario())
    assert len(users) == 2
    assert answer.startswith("a=group:BUNDLE 0")
    assert "m=video 9" in answer
    assert "127.0.0.1" in answer
    assert (sockets, left) == (0, 0)


def test_a_restart_that_leads_nowhere_leaves_the_view_as_it_is(stream):
    """Nobody answers at the new address, and credentials that are none are refused; pictures go on coming."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        async with browser() as peer:
            feeding = asyncio.create_task(feed_live(fanout, stream))
            view_id = await join(registry, fanout, peer)
            view = registry.require(view_id)
            track = peer.getReceivers()[0].track
            await asyncio.wait_for(track.recv(), 10)
            assert await view.patch("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n") is not None
            with pytest.raises(RestartUnsupported):
                await view.patch("a=ice-ufrag:zzzz\r\na=ice-pwd:short\r\n")
            assert await view.patch("a=ice-ufrag:efgh\r\na=ice-pwd:0123456789012345678901\r\n") is not None
            for _ in range(10):
                await asyncio.wait_for(track.recv(), 10)
            feeding.cancel()
            async with asyncio.timeout(20):
                await registry.close(view_id)
        return len(registry)

    assert asyncio.run(scenario()) == 0


def test_the_view_ends_when_the_new_way_is_lost(stream):
    """The first connection is told, and with it all that is built on it."""

    async def scenario():
        first = ice.Connection(ice_controlling=False)
        other = ice.Connection(ice_controlling=True)
        session = IceSession(first)
        await other.gather_candidates()
        answer = await session.restart(other.local_username, other.local_password, [])
        other.remote_username, other.remote_password = ice_user(answer), ice_password(answer)
        for line in re.findall(r"a=candidate:(.*)", answer):
            await other.add_remote_candidate(Candidate.from_sdp(line.strip()))
        await other.connect()
        async with asyncio.timeout(20):
            while 1 not in first._nominated:
                await asyncio.sleep(0.02)
            told = asyncio.create_task(first.get_event())
            await session._present.close()
            event = await told
        await session.close()
        await other.close()
        return event

    assert isinstance(asyncio.run(scenario()), ice.ConnectionClosed)
