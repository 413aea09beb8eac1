"""Finding devices, in every shape they answer in, and never those that must not be asked."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.address import HostPolicy
from ingest.errors import AddressRefused
from ingest.onvif.discovery import NetworkScan
from ingest.onvif.probe import FoundDevice, probe_messages, read_reply
from ingest.onvif.scan_plan import IN_FLIGHT, MAX_HOSTS, ScanPlan, plan_scan
from ingest.virtual_camera.onvif.quirks import ReplyShape
from ingest.virtual_camera.onvif.responder import DiscoveryResponder, Presence

HERE = HostPolicy(allow_loopback=True)
SCOPES = (
    "onvif://www.onvif.org/name/%E6%9D%91%E5%8F%A3",
    "onvif://www.onvif.org/hardware/XV-1",
    "onvif://www.onvif.org/Profile/T",
)


def presence(host: str, shape: ReplyShape = ReplyShape.CONFORMANT) -> Presence:
    address = f"http://{host}:2020/onvif/service"
    return Presence(UUID(int=int(IPv4Address(host))), address, SCOPES, shape)


@asynccontextmanager
async def responders(hosts: list[str], shape: ReplyShape = ReplyShape.CONFORMANT) -> AsyncIterator[int]:
    """Devices at these addresses of this machine, all on the port that is yielded."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    opened = []
    for host in hosts:
        responder = DiscoveryResponder([presence(host, shape)])
        await responder.open(host, port)
        opened.append(responder)
    yield port
    for responder in opened:
        responder.close()


async def scan(plan: ScanPlan, port: int) -> list[FoundDevice]:
    return await NetworkScan(plan, port).run()


@pytest.mark.anyio
@pytest.mark.parametrize("shape", ReplyShape)
async def test_every_shape_is_understood(shape: ReplyShape):
    """All six replies give the device at the host that answered, with its name; without an address one is guessed."""
    async with responders(["127.0.78.1"], shape) as port:
        (device,) = await scan(plan_scan(["127.0.78.1"], HERE), port)
    assert device.ip == "127.0.78.1"
    assert (device.name, device.hardware, device.profiles) == ("村口", "XV-1", ("T",))
    assert device.identity == f"urn:uuid:{UUID(int=int(IPv4Address('127.0.78.1')))}"
    is_without = shape is ReplyShape.NO_ADDRESS
    assert device.address_is_guessed == is_without
    expected = "http://127.0.78.1:80/onvif/device_service" if is_without else "http://127.0.78.1:2020/onvif/service"
    assert device.address == expected


@pytest.mark.anyio
async def test_a_network_is_asked_within_its_plan():
    """Of sixty-two hosts the three that are there are found, in the time that the plan said."""
    hosts = ["127.0.79.5", "127.0.79.20", "127.0.79.61"]
    plan = plan_scan(["127.0.79.0/26"], HERE)
    assert len(plan.hosts) == 62
    loop = asyncio.get_running_loop()
    async with responders(hosts) as port:
        began_s = loop.time()
        running = NetworkScan(plan, port)
        assert [device.ip for device in await running.run()] == hosts
        assert loop.time() - began_s < plan.seconds + 2
    assert (running.progress.done, running.progress.total, running.progress.found) == (62, 62, 3)


@pytest.mark.anyio
async def test_a_scan_can_be_cancelled():
    """Its task ends at once; what it had found is still known, and no more hosts are asked than fit in flight."""
    async with responders(["127.0.80.1"]) as port:
        running = NetworkScan(plan_scan(["127.0.80.0/22"], HERE), port)
        task = asyncio.create_task(running.run())
        while not running.found():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [device.ip for device in running.found()] == ["127.0.80.1"]
    assert running.progress.done <= 2 * IN_FLIGHT


@pytest.mark.parametrize(
    "networks",
    [
        *([], ["house"], ["192.168.0.0/19"], ["fe80::/120"], ["0.0.0.0/0"]),
        *(["127.0.0.0/24"], ["169.254.169.254"], ["224.0.0.0/24"], ["192.168.1.0/24"] * 20),
    ],
)
def test_what_is_not_scanned(networks: list[str]):
    """Nonsense, too much, IPv6, and places where no camera may be."""
    with pytest.raises(AddressRefused):
        plan_scan(networks, HostPolicy())


@given(st.lists(st.tuples(st.integers(0, 2**16), st.integers(24, 32)), min_size=1, max_size=4))
def test_each_host_is_asked_once(chosen: list[tuple[int, int]]):
    """Overlapping networks do not double their hosts, and no plan is larger than the limit."""
    texts = [f"{IPv4Address(0x0A000000 + start)}/{length}" for start, length in chosen]
    plan = plan_scan(texts, HostPolicy())
    assert len(set(plan.hosts)) == len(plan.hosts) <= MAX_HOSTS
    assert all(any(host in network for network in map(lenient, texts)) for host in plan.hosts)


def lenient(text: str) -> IPv4Network:
    return IPv4Network(text, strict=False)


@given(st.binary(max_size=400))
def test_no_datagram_is_a_surprise(data: bytes):
    """Bytes of strangers are no devices, and no exceptions."""
    assert read_reply(data, "192.0.2.1", ["urn:uuid:1"]) == []


def test_replies_to_others_are_not_taken():
    """A reply has to relate to our probe."""
    document = probe_messages("urn:uuid:1")[0].replace(b"MessageID", b"RelatesTo")
    match = b"<d:ProbeMatch><d:XAddrs>http://192.0.2.1/</d:XAddrs></d:ProbeMatch></s:Body>"
    reply = document.replace(b"</s:Body>", match)
    assert len(read_reply(reply, "192.0.2.1", ["urn:uuid:1"])) == 1
    assert read_reply(reply, "192.0.2.1", ["urn:uuid:2"]) == []


_IN_NAMESPACE = """
import asyncio, json, sys
from ingest.address import HostPolicy
from ingest.onvif.discovery import discover
from ingest.virtual_camera.onvif.responder import DiscoveryResponder
from tests.ingest.onvif.test_discovery import presence

async def main():
    responder = DiscoveryResponder([presence(f"10.99.0.{n}") for n in range(1, 201)])
    await responder.open("0.0.0.0", 3702)
    found = await discover(["10.99.0.1"], HostPolicy(), 2.0)
    responder.close()
    print(len(found), found[0].address)

asyncio.run(main())
"""


def test_multicast_in_a_network_of_its_own():
    """Two hundred replies at once to a multicast probe; nothing leaves the machine."""
    commands = (
        "ip link set lo up multicast on && ip addr add 10.99.0.1/24 dev lo && "
        'ip route add 224.0.0.0/4 dev lo src 10.99.0.1 && exec "$0" -c "$1"'
    )
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a network namespace")
    command = [unshare, "-n", "sh", "-c", commands, sys.executable, _IN_NAMESPACE]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=50)
    assert done.stdout.split() == ["200", "http://10.99.0.1:2020/onvif/service"], done.stderr
