"""How RTP and RTCP travel between camera and us."""

import select
import socket
from collections.abc import Iterator, Mapping
from typing import Protocol

from ingest.clock import Clock
from ingest.errors import StreamBroken
from ingest.rtsp.message import Message
from ingest.rtsp.reordering import ReorderBuffer
from ingest.rtsp.transport import Ports
from ingest.rtsp.wire import Interleaved, Wire

PATIENCE_S = 0.5
"""How long one `receive` waits: so soon an interruption is heeded."""

_PORT_TRIES = 64
_RECEIVE_BUFFER_BYTES = 1 << 20  # a key frame comes in one burst; the system may grant less
_LARGEST_DATAGRAM = 65_535
_BATCH = 256
_LEAST_RTP = 12
_OPENING = bytes((0x80, *bytes(11)))  # an RTP packet without a payload: opens the way back through a firewall


class Carrier(Protocol):
    """One way to carry the packets of a session."""

    def start(self) -> None:
        """The camera plays: from now on `receive` waits no longer than `PATIENCE_S`."""
        ...

    def receive(self) -> Iterator[Interleaved | Message]:
        """What has come, after a wait of at most `PATIENCE_S`. To be exhausted; packets are valid until the next.

        Raises:
            IngestError: the connection is gone or beyond repair.

        """
        ...

    def report(self, channel: int, packet: bytes) -> None:
        """Sends an RTCP packet of the stream whose RTP comes on that channel."""
        ...

    def close(self) -> None:
        """Frees what was opened for it; the RTSP connection is not its own."""
        ...


class InterleavedCarrier:
    """All on the RTSP connection. `channels` maps RTP channels to those of their RTCP."""

    def __init__(self, wire: Wire, channels: Mapping[int, int]) -> None:
        self._wire = wire
        self._channels = channels
        wire.channels = frozenset((*channels.keys(), *channels.values()))

    def start(self) -> None:
        """The camera plays."""
        self._wire.set_patience(PATIENCE_S)

    def receive(self) -> Iterator[Interleaved | Message]:
        """What has come."""
        yield from self._wire.items()  # what came with the last answer of the handshake
        if self._wire.fill():
            yield from self._wire.items()

    def report(self, channel: int, packet: bytes) -> None:
        """Sends an RTCP packet."""
        self._wire.send(b"$%c%b%b" % (self._channels[channel], len(packet).to_bytes(2, "big"), packet))

    def close(self) -> None:
        """Nothing was opened."""


class DatagramPair:
    """Our two ports for one stream: an even one for RTP, the odd one above it for RTCP (RFC 3550 clause 11)."""

    def __init__(self, local: str, peer: str) -> None:
        self.rtp, self.rtcp = _bind_pair(local)
        self.peer = peer
        self.server: Ports | None = None
        self.reordering = ReorderBuffer()

    @property
    def ports(self) -> Ports:
        """What the camera is told."""
        return Ports(int(self.rtp.getsockname()[1]), int(self.rtcp.getsockname()[1]))

    def open_way(self) -> None:
        """Sends something from both ports, so that a firewall on the way lets the camera's packets in."""
        if self.server is not None:
            self.send(self.rtp, _OPENING, self.server.rtp)

    def send(self, sender: socket.socket, packet: bytes, port: int) -> None:
        """Sends a datagram; one that cannot be sent now is lost, as on any network."""
        try:
            sender.sendto(packet, (self.peer, port))
        except OSError:
            return

    def close(self) -> None:
        """Frees the ports."""
        self.rtp.close()
        self.rtcp.close()


class DatagramCarrier:
    """RTP and RTCP by datagrams, put back into order. Only the camera's own address is listened to.

    The pair of the first stream is channel 0 and 1, the next 2 and 3.
    """

    def __init__(self, wire: Wire, pairs: list[DatagramPair], clock: Clock) -> None:
        self._wire = wire
        self._pairs = pairs
        self._clock = clock
        self._buffer = memoryview(bytearray(_LARGEST_DATAGRAM))
        self._poll = select.poll()
        self._channels: dict[int, int] = {}
        self._poll.register(wire.socket, select.POLLIN)
        for number, pair in enumerate(pairs):
            for channel, ours in ((2 * number, pair.rtp), (2 * number + 1, pair.rtcp)):
                self._channels[ours.fileno()] = channel
                self._poll.register(ours, select.POLLIN)

    def start(self) -> None:
        """The camera plays."""
        self._wire.set_patience(PATIENCE_S)
        for pair in self._pairs:
            pair.open_way()

    def receive(self) -> Iterator[Interleaved | Message]:
        """What has come."""
        yield from self._wire.items()
        for descriptor, _ in self._poll.poll(PATIENCE_S * 1000):
            channel = self._channels.get(descriptor)
            if channel is not None:
                yield from self._drain(channel)
            elif self._wire.fill():
                yield from self._wire.items()
        now_s = self._clock.monotonic_s()
        for number, pair in enumerate(self._pairs):
            for packet in pair.reordering.expire(now_s):
                yield Interleaved(2 * number, memoryview(packet))

    def report(self, channel: int, packet: bytes) -> None:
        """Sends an RTCP packet."""
        pair = self._pairs[channel // 2]
        if pair.server is not None:
            pair.send(pair.rtcp, packet, pair.server.rtcp)

    def close(self) -> None:
        """Frees the ports."""
        for pair in self._pairs:
            pair.close()

    def _drain(self, channel: int) -> Iterator[Interleaved]:
        pair = self._pairs[channel // 2]
        ours = pair.rtcp if channel % 2 else pair.rtp
        for _ in range(_BATCH):
            try:
                size, sender = ours.recvfrom_into(self._buffer)
            except OSError:
                return  # nothing more now; or the camera said that nobody listens there, which RTSP will tell
            if sender[0] != pair.peer or size < _LEAST_RTP - channel % 2 * 4:
                continue
            if channel % 2:
                yield Interleaved(channel, self._buffer[:size])
                continue
            for packet in pair.reordering.put(bytes(self._buffer[:size]), self._clock.monotonic_s()):
                yield Interleaved(channel, memoryview(packet))


def _bind_pair(local: str) -> tuple[socket.socket, socket.socket]:
    for _ in range(_PORT_TRIES):
        try:
            rtp = _bind(local, 0)
        except OSError:
            break
        port = int(rtp.getsockname()[1])
        if port % 2 == 0:
            try:
                return rtp, _bind(local, port + 1)
            except OSError:
                rtp.close()
                continue
        rtp.close()
    raise StreamBroken("No pair of UDP ports is free on this machine.")


def _bind(local: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in local else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        bound.bind((local, port))
    except OSError:
        bound.close()
        raise
    return bound
