"""RTP over UDP: one pair of ports serves all clients."""

import asyncio
from dataclasses import dataclass
from typing import Protocol, cast

from ingest.virtual_camera.rtp import Burst
from ingest.virtual_camera.transport import UdpTransport

_PORT_TRIES = 64
_HIGHEST_RTP_PORT = 65534

_Address = tuple[str, int]


class NoPortPair(OSError):
    """No even port with a free odd one above it was found (RFC 3550 clause 11)."""


class Owner(Protocol):
    """The connection that a UDP viewer belongs to."""

    def heard(self) -> None:
        """The client is alive."""
        ...

    def cut(self) -> None:
        """Ends the connection at once, whatever waits to be sent."""
        ...

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        ...


class UdpPorts:
    """The server's RTP and RTCP sockets."""

    def __init__(self) -> None:
        self._owners: dict[_Address, Owner] = {}
        self.rtp_port = 0
        self.rtp: asyncio.DatagramTransport
        self.rtcp: asyncio.DatagramTransport

    async def open(self, host: str) -> None:
        """Binds a pair of ports, chosen by the system.

        Raises:
            NoPortPair: none is free.
            OSError: the host is not an address of this machine.

        """
        for _ in range(_PORT_TRIES):
            rtp = await self._bind(host, 0)
            port = int(rtp.get_extra_info("sockname")[1])
            if port % 2 == 0 and port <= _HIGHEST_RTP_PORT:
                try:
                    self.rtcp = await self._bind(host, port + 1)
                except OSError:
                    rtp.close()
                    continue
                self.rtp, self.rtp_port = rtp, port
                return
            rtp.close()
        raise NoPortPair("no pair of UDP ports is free")

    def close(self) -> None:
        """Frees the ports."""
        self.rtp.close()
        self.rtcp.close()

    def viewer(self, host: str, ports: UdpTransport, owner: Owner) -> "UdpViewer":
        """A viewer at that host. What comes back from its RTCP port keeps the owner alive."""
        viewer = UdpViewer(self, owner, (host, ports.rtp_port), (host, ports.rtcp_port))
        self._owners[viewer.rtcp_address] = owner
        return viewer

    def release(self, viewer: "UdpViewer") -> None:
        """Forgets a viewer."""
        self._owners.pop(viewer.rtcp_address, None)

    def heard(self, address: _Address) -> None:
        """A packet came from that address."""
        if owner := self._owners.get(address):
            owner.heard()

    async def _bind(self, host: str, port: int) -> asyncio.DatagramTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Listener(self), local_addr=(host, port))
        return transport


@dataclass(eq=False, slots=True)
class UdpViewer:
    """Media to two UDP ports."""

    ports: UdpPorts
    owner: Owner
    rtp_address: _Address
    rtcp_address: _Address

    def send(self, burst: Burst) -> bool:
        """Always True: what does not fit is lost, as on any network."""
        send = self.ports.rtp.sendto
        for packet in burst.packets:
            send(packet, self.rtp_address)
        return True

    def report(self, packet: bytes) -> None:
        """Sends an RTCP packet."""
        self.ports.rtcp.sendto(packet, self.rtcp_address)

    def cut(self) -> None:
        """Ends the RTSP connection that belongs to the viewer, at once."""
        self.owner.cut()

    def reset(self) -> None:
        """Ends the RTSP connection that belongs to the viewer with a TCP reset."""
        self.owner.reset()

    def release(self) -> None:
        """Gives the address up."""
        self.ports.release(self)


class _Listener(asyncio.DatagramProtocol):
    """Hears receiver reports and the packets with which clients open their firewalls."""

    def __init__(self, ports: UdpPorts) -> None:
        self._ports = ports

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:  # noqa: ARG002 - asyncio's signature
        self._ports.heard(cast("_Address", addr[:2]))

    def error_received(self, exc: Exception) -> None:
        """A client's port is closed already: its RTSP connection will end or time out."""
