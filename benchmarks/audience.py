"""Cheap viewers for `bench viewers`: a WebRTC peer connects, and from then on its datagrams are only counted."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

_CONNECT_S = 20.0

MARKER = 0x80


@dataclass
class Tally:
    """What came to one viewer since `begin`."""

    packets: int = 0
    pictures: int = 0
    sequence: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """Counts from here."""
        self.packets = self.pictures = 0
        self.sequence.clear()

    def take(self, datagram: bytes) -> None:
        """One SRTP packet; header and marker are readable without its key."""
        self.packets += 1
        self.pictures += datagram[1] >= MARKER
        self.sequence.add(datagram[2] << 8 | datagram[3])

    @property
    def lost(self) -> int:
        """Packets that are missing between those that came; sequence numbers may have wrapped once."""
        if not self.sequence:
            return 0
        low, high = min(self.sequence), max(self.sequence)
        if high - low > 1 << 15:
            unwrapped = {number + (1 << 16 if number < 1 << 15 else 0) for number in self.sequence}
            low, high = min(unwrapped), max(unwrapped)
        return high - low + 1 - len(self.sequence)


class Viewer:
    """One peer that counts."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.view = ""
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peer.addTransceiver("video", direction="recvonly")
        self._connected = asyncio.Event()
        self._peer.on("connectionstatechange", self._look)

    async def offer(self) -> str:
        """SDP."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return str(self._peer.localDescription.sdp)

    async def connect(self, view: str, answer: str) -> None:
        """Returns once packets may come."""
        self.view = view
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self.count_from_now()

    async def answer(self, offer: str) -> str:
        """SDP, for a server that offers."""
        await self._peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return str(self._peer.localDescription.sdp)

    async def count_from_now(self) -> None:
        """Once it is connected, takes what comes no further than the tally."""
        async with asyncio.timeout(_CONNECT_S):
            await self._connected.wait()
        connection: Any = self._peer.getReceivers()[0].transport.transport._connection  # noqa: SLF001
        protocol = connection._nominated[1].protocol  # noqa: SLF001
        handle, take = protocol.datagram_received, self.tally.take

        def datagram_received(data: bytes, address: Any) -> None:
            if 127 < data[0] < 192 and (data[1] & 0x7F) not in range(64, 96):  # noqa: PLR2004 - RFC 7983 clause 7
                take(data)
            else:
                handle(data, address)

        protocol.datagram_received = datagram_received

    def fall_silent(self) -> None:
        """As if its process had been killed: nothing is answered any more, and nothing is asked."""
        connection: Any = self._peer.getReceivers()[0].transport.transport._connection  # noqa: SLF001
        connection._query_consent_task.cancel()  # noqa: SLF001
        for protocol in connection._protocols:  # noqa: SLF001
            protocol.datagram_received = lambda _data, _address: None

    async def close(self) -> None:
        """Gone, with a DTLS alert."""
        await self._peer.close()

    def _look(self) -> None:
        if self._peer.connectionState == "connected":
            self._connected.set()


class Theatre:
    """The sending process, and the viewers that it has in this one."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.viewers: list[Viewer] = []

    async def ask(self, **request: Any) -> dict[str, Any]:
        """One request of the child's protocol."""
        reply: dict[str, Any] = await asyncio.to_thread(self._exchange, json.dumps(request))
        return reply

    async def admit(self, count: int) -> None:
        """Adds viewers until there are so many."""
        while len(self.viewers) < count:
            viewer = Viewer()
            reply = await self.ask(offer=await viewer.offer())
            await viewer.connect(reply["view"], reply["answer"])
            self.viewers.append(viewer)

    async def dismiss(self) -> None:
        """Everybody leaves."""
        for viewer in self.viewers:
            await self.ask(close=viewer.view)
            await viewer.close()
        self.viewers.clear()

    def _exchange(self, line: str) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the child has no pipes")
        stdin.write(line + "\n")
        stdin.flush()
        reply: dict[str, Any] = json.loads(stdout.readline())
        return reply


@contextlib.asynccontextmanager
async def theatre(sender: str) -> AsyncIterator[Theatre]:
    """A sending process with `own` or `stock` sender; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.viewers_child", sender]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220
        house = Theatre(process)
        try:
            yield house
        finally:
            await house.dismiss()
            if process.stdin is not None:
                process.stdin.close()
