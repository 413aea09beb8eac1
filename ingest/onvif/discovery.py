"""Finding devices: by multicast on chosen interfaces, and by asking the hosts of a network one by one.

What is found is proposed; nothing is adopted here, and no login is ever sent.
"""

import asyncio
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from ingest.address import HostPolicy
from ingest.onvif.probe import FoundDevice, probe_messages, read_reply
from ingest.onvif.scan_plan import IN_FLIGHT, TRIES, WAIT_S, ScanPlan

GROUP = "239.255.255.250"
PORT = 3702
"""Group and port of WS-Discovery (WS-Discovery clause 2.4)."""

MAX_FOUND = 4096

_SENDINGS = 3
_SENDING_PAUSE_S = 0.25
_RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024  # hundreds may answer one probe at once; the system grants what it likes


class _Ear(asyncio.DatagramProtocol):
    """Collects replies to one message id, and tells whoever waits for a host."""

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        self.found: dict[tuple[str, str], FoundDevice] = {}
        self.waiting: dict[str, asyncio.Event] = {}
        self.is_open_to: HostPolicy | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there; its owner keeps the transport."""

    def error_received(self, exc: Exception) -> None:
        """A host said that nobody listens there: that is an answer like silence."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Something came, from anybody."""
        source = addr[0]
        if not self._is_expected(source):
            return
        for device in read_reply(data, source, [self.message_id]):
            if len(self.found) < MAX_FOUND:
                self.found.setdefault((device.identity, device.ip), device)
            if source in self.waiting:
                self.waiting[source].set()

    def _is_expected(self, source: str) -> bool:
        if self.is_open_to is None:
            return source in self.waiting
        return self.is_open_to.allows(IPv4Address(source))

    def devices(self) -> list[FoundDevice]:
        """What was found, by address."""
        return sorted(self.found.values(), key=lambda device: IPv4Address(device.ip).packed)


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is: hosts that were asked or given up, of how many, and devices found."""

    done: int
    total: int
    found: int


class NetworkScan:
    """Asks the hosts of a plan, at most IN_FLIGHT at a time. Cancelling the task that runs it ends it at once."""

    def __init__(self, plan: ScanPlan, port: int = PORT) -> None:
        self._plan = plan
        self._port = port
        self._done = 0
        self._ear = _Ear(_message_id())

    @property
    def progress(self) -> ScanProgress:
        """How far it is."""
        return ScanProgress(self._done, len(self._plan.hosts), len(self._ear.found))

    def found(self) -> list[FoundDevice]:
        """What was found so far, by address."""
        return self._ear.devices()

    async def run(self) -> list[FoundDevice]:
        """Asks everybody; what was found.

        Raises:
            OSError: there is no network.

        """
        ear = self._ear
        self._ear.waiting = {str(host): asyncio.Event() for host in self._plan.hosts}
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: ear,
            local_addr=("0.0.0.0", 0),  # noqa: S104 - replies come in at any interface
        )
        gate = asyncio.Semaphore(IN_FLIGHT)
        try:
            async with asyncio.TaskGroup() as group:
                for host in self._plan.hosts:
                    await gate.acquire()
                    task = group.create_task(self._ask(transport, str(host)))
                    task.add_done_callback(lambda _: gate.release())
        finally:
            transport.close()
        return self.found()

    async def _ask(self, transport: asyncio.DatagramTransport, host: str) -> None:
        answered = self._ear.waiting[host]
        try:
            for _ in range(TRIES):
                for message in probe_messages(self._ear.message_id)[:2]:
                    transport.sendto(message, (host, self._port))
                try:
                    await asyncio.wait_for(answered.wait(), WAIT_S)
                except TimeoutError:
                    continue
                return
        finally:
            self._done += 1


async def discover(
    interfaces: Sequence[str], policy: HostPolicy, wait_s: float = 3.0, port: int = PORT
) -> list[FoundDevice]:
    """Who answers multicast probes on these interfaces (their own IPv4 addresses; none: as the system routes them).

    Raises:
        OSError: an interface is not there, or has no multicast.

    """
    ear = _Ear(_message_id())
    ear.is_open_to = policy
    transports: list[asyncio.DatagramTransport] = []
    try:
        for interface in interfaces or ("",):
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: ear, sock=_multicast_socket(interface)
            )
            transports.append(transport)
        for _ in range(_SENDINGS):
            for transport in transports:
                for message in probe_messages(ear.message_id):
                    transport.sendto(message, (GROUP, port))
            await asyncio.sleep(_SENDING_PAUSE_S)
        await asyncio.sleep(max(0.0, wait_s - _SENDINGS * _SENDING_PAUSE_S))
    finally:
        for transport in transports:
            transport.close()
    return ear.devices()


def _multicast_socket(interface: str) -> socket.socket:
    """A socket that sends to the next hop only."""
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        found.setblocking(False)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        found.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        if interface:
            found.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        found.bind((interface, 0))
    except OSError:
        found.close()
        raise
    return found


def _message_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"
