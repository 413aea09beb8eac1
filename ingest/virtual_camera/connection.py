"""One client's TCP connection: bytes to messages, answers and interleaved media back."""

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Protocol, cast

from ingest.clock import Clock
from ingest.virtual_camera.conversation import Conversation, Outlet, Target, Unanswered, Unreachable
from ingest.virtual_camera.digest import DigestGate
from ingest.virtual_camera.message import InterleavedData, MalformedMessage, MessageReader, Request, Response
from ingest.virtual_camera.rtp import Burst, interleaved
from ingest.virtual_camera.transport import InterleavedTransport, Transport
from ingest.virtual_camera.udp import UdpPorts, UdpViewer

MAX_UNSENT_BYTES = 4 * 1024 * 1024
"""A client that lets more pile up is cut: about ten seconds of a camera's stream."""


class House(Protocol):
    """The server, as its connections see it."""

    clock: Clock
    gate: DigestGate
    udp: UdpPorts

    def find(self, uri: str) -> Target | None:
        """What an address names."""
        ...

    def elapsed_s(self) -> float:
        """Seconds since the server started."""
        ...

    def admit(self, connection: "RtspConnection") -> bool:
        """Counts a connection in; False when there are too many."""
        ...

    def forget(self, connection: "RtspConnection") -> None:
        """Counts a connection out."""
        ...


@dataclass(eq=False, slots=True)
class InterleavedViewer:
    """Media on the RTSP connection."""

    transport: asyncio.Transport
    channels: InterleavedTransport

    def send(self, burst: Burst) -> bool:
        """False when too much waits to be sent."""
        if self.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            return False
        self.transport.write(burst.framed(self.channels.rtp_channel))
        return True

    def report(self, packet: bytes) -> None:
        """Sends an RTCP packet."""
        self.transport.write(interleaved(self.channels.rtcp_channel, packet))

    def cut(self) -> None:
        """Ends the connection at once, whatever waits to be sent."""
        self.transport.abort()

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        _reset(self.transport)


class RtspConnection(asyncio.Protocol):
    """Reads requests, writes answers. Also the `Premises` of its conversation."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._reader = MessageReader()
        self._conversation = Conversation(self, house.gate)
        self._heard_s = house.clock.monotonic_s()
        self._udp_viewers: list[UdpViewer] = []
        self._dripping: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._house.admit(self):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The client went, or was cut."""
        self._conversation.close()
        self._release_udp()
        if self._dripping is not None:
            self._dripping.cancel()
        self._house.forget(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came, in pieces of any size."""
        try:
            for message in self._reader.feed(data):
                self.heard()
                if not isinstance(message, InterleavedData):
                    self._answer(message)
        except MalformedMessage as error:
            self._transport.write(Response(error.status, {"Connection": "close"}).encode(None))
            self._transport.close()
        except Unreachable as absence:
            if absence.is_reset:
                self.reset()
            else:
                self._transport.abort()

    def _answer(self, request: Request) -> None:
        try:
            data = self._conversation.answer(request).encode(request.cseq)
        except Unanswered:
            return
        if self._conversation.drip_s is None:
            self._transport.write(data)
        else:
            self._drip(data, self._conversation.drip_s)

    def _drip(self, data: bytes, period_s: float) -> None:
        """Sends one byte now and the others later, one by one."""
        if data and not self._transport.is_closing():
            self._transport.write(data[:1])
            loop = asyncio.get_running_loop()
            self._dripping = loop.call_later(period_s, self._drip, data[1:], period_s)

    def heard(self) -> None:
        """The client is alive."""
        self._heard_s = self._house.clock.monotonic_s()

    def silent_s(self) -> float:
        """Seconds since the client's last whole message."""
        return self._house.clock.monotonic_s() - self._heard_s

    def cut(self) -> None:
        """Ends the connection at once, whatever waits to be sent."""
        self._transport.abort()

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        _reset(self._transport)

    @property
    def host(self) -> str:
        """The server's own address on this connection."""
        return str(self._transport.get_extra_info("sockname")[0])

    def find(self, uri: str) -> Target | None:
        """What an address names."""
        return self._house.find(uri)

    def elapsed_s(self) -> float:
        """Seconds since the server started."""
        return self._house.elapsed_s()

    def open_outlet(self, transport: Transport, ssrc: int) -> Outlet:
        """Media on this connection, or to UDP ports of the host at its other end."""
        if isinstance(transport, InterleavedTransport):
            return Outlet(InterleavedViewer(self._transport, transport), transport.header(ssrc))
        peer = str(self._transport.get_extra_info("peername")[0])
        viewer = self._house.udp.viewer(peer, transport, self)
        self._udp_viewers.append(viewer)
        return Outlet(viewer, transport.header(ssrc, self._house.udp.rtp_port))

    def _release_udp(self) -> None:
        for viewer in self._udp_viewers:
            viewer.release()
        self._udp_viewers.clear()


def _reset(transport: asyncio.Transport) -> None:
    """A socket that lingers for no time is closed with a reset (POSIX, SO_LINGER)."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
