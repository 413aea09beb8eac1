"""Where a node listens and what it tells: ports of a range, addresses of a NAT, and what comes to them that is junk."""

import asyncio
import random
import socket
import struct

import pytest
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vms_api.live.ice_addresses import offer_only
from vms_api.live.ice_sockets import MAX_WAITING_DATAGRAMS, GuardedSocket, PortsTaken, UdpPorts, settle
from vms_api.live.settings import LiveSettings, NatAddress


@pytest.fixture(autouse=True)
def afterwards():
    """What is replaced is the process's: other tests get aioice's own back."""
    own = ice.Connection.get_component_candidates
    yield
    ice.Connection.get_component_candidates = own
    offer_only(("127.0.0.1",))


async def offered() -> list[tuple[str, int]]:
    """Addresses and ports of the candidates in a description."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", direction="sendonly")
    await peer.setLocalDescription(await peer.createOffer())
    lines = [line.split() for line in peer.localDescription.sdp.splitlines() if line.startswith("a=candidate:")]
    await peer.close()
    return [(fields[4], int(fields[5])) for fields in lines]


def free_range(count: int) -> tuple[int, int]:
    """That many neighbouring ports that nobody has now."""
    for lowest in random.Random(socket.gethostname()).sample(range(20_000, 60_000), 200):
        try:
            held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
            for offset, one in enumerate(held):
                one.bind(("127.0.0.1", lowest + offset))
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
        return lowest, lowest + count - 1
    raise AssertionError("no free range")


def test_only_ports_of_the_range_are_used_and_come_back():
    """Three views take three ports, the fourth gets none, and closing gives them back."""
    lowest, highest = free_range(3)
    ports = UdpPorts(lowest, highest)
    taken = [ports.bound("127.0.0.1") for _ in range(3)]
    assert sorted(one.getsockname()[1] for one in taken) == list(range(lowest, highest + 1))
    with pytest.raises(PortsTaken):
        ports.bound("127.0.0.1")
    for one in taken:
        one.close()
    with ports.bound("127.0.0.1") as again:
        assert lowest <= again.getsockname()[1] <= highest


def test_a_port_rests_as_long_as_can_be():
    """The next one is another one, so that what is on its way to a view that ended reaches nobody."""
    lowest, highest = free_range(4)
    ports, used = UdpPorts(lowest, highest), []
    for _ in range(4):
        one = ports.bound("127.0.0.1")
        used.append(one.getsockname()[1])
        one.close()
    assert len(set(used)) == 4


def test_descriptions_tell_addresses_of_the_range_only():
    """The site file's ports reach the candidates."""
    lowest, highest = free_range(8)
    settle(LiveSettings(host_addresses=("127.0.0.1",), udp_ports=(lowest, highest)))
    told = [candidate for _ in range(3) for candidate in asyncio.run(offered())]
    assert {address for address, _ in told} == {"127.0.0.1"}
    assert all(lowest <= port <= highest for _, port in told)


def test_behind_a_nat_only_the_public_address_is_told():
    """With the port that the router passes on; the inner address is told only where it was named."""
    nat = (NatAddress(local="127.0.0.1", public="203.0.113.5"),)
    settle(LiveSettings(nat_addresses=nat))
    ((address, port),) = asyncio.run(offered())
    assert (address, port > 1023) == ("203.0.113.5", True)
    settle(LiveSettings(nat_addresses=nat, host_addresses=("127.0.0.1",)))
    both = asyncio.run(offered())
    assert {address for address, _ in both} == {"203.0.113.5", "127.0.0.1"}
    assert len({port for _, port in both}) == 1


def test_an_address_that_is_not_here_is_left_out():
    """A mistake in the site file costs that address, not the view."""
    settle(LiveSettings(host_addresses=("127.0.0.1", "192.0.2.1")))
    assert {address for address, _ in asyncio.run(offered())} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"udp_ports": (50_001, 50_000)},
        {"udp_ports": (80, 90)},
        {"nat_addresses": [{"local": "10.0.0.1", "public": "2001:db8::1"}]},
        {"nat_addresses": [{"local": "gate", "public": "203.0.113.5"}]},
        {"ice_servers": [{"url": "turn:x", "secret": "s", "username": "u"}]},
        {"ice_servers": [{"url": "http://x"}]},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    """When the site file is read."""
    with pytest.raises(ValidationError):
        LiveSettings.model_validate(wrong)


MAGIC = struct.pack("!I", 0x2112A442)


@given(st.binary(max_size=80), st.sampled_from([0x0001, 0x0101, 0x0111, 0x0003]))
def test_nothing_that_comes_raises(body, kind):
    """STUN messages cut short and with attributes that lie, and anything else, from whoever finds the port."""

    async def scenario():
        connection = ice.Connection(ice_controlling=False)
        transport, guarded = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: GuardedSocket(connection), local_addr=("127.0.0.1", 0)
        )
        guarded.local_candidate = ice.Candidate("x", 1, "udp", 1, *transport.get_extra_info("sockname"), "host")
        padded = body + bytes(-len(body) % 4)
        for datagram in (body, struct.pack("!HH", kind, len(padded)) + MAGIC + bytes(12) + padded):
            guarded.datagram_received(datagram, ("127.0.0.1", 9))
        transport.close()

    asyncio.run(scenario())


def test_a_flood_before_the_session_is_bounded():
    """Nobody reads yet; what is kept has an end."""

    async def scenario():
        connection = ice.Connection(ice_controlling=False)
        guarded = GuardedSocket(connection)
        guarded.local_candidate = ice.Candidate("x", 1, "udp", 1, "127.0.0.1", 9, "host")
        await connection.add_remote_candidate(ice.Candidate("x", 1, "udp", 1, "127.0.0.1", 9, "host"))
        for _ in range(3 * MAX_WAITING_DATAGRAMS):
            guarded.datagram_received(b"\x80" + bytes(1000), ("127.0.0.1", 9))
        return connection._queue.qsize(), guarded.dropped_count

    assert asyncio.run(scenario()) == (MAX_WAITING_DATAGRAMS, 2 * MAX_WAITING_DATAGRAMS)


def test_strangers_are_not_listened_to():
    """Only addresses that were told to us send more than STUN: one datagram of DTLS would end a session."""

    async def scenario():
        connection = ice.Connection(ice_controlling=False)
        guarded = GuardedSocket(connection)
        guarded.local_candidate = ice.Candidate("x", 1, "udp", 1, "127.0.0.1", 9, "host")
        await connection.add_remote_candidate(ice.Candidate("x", 1, "udp", 1, "192.0.2.7", 5000, "host"))
        for address in (("192.0.2.7", 5000), ("192.0.2.7", 5001), ("192.0.2.8", 5000)):
            guarded.datagram_received(b"\x16\xfe\xfd", address)
        return connection._queue.qsize(), guarded.dropped_count

    assert asyncio.run(scenario()) == (1, 2)
