"""Whether a browser reaches this node at all: peers without a camera, for the installer's page to connect to."""

import asyncio

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from vms_api.live.errors import OfferUnusable, TooManyViews
from vms_api.live.offer import UNREADABLE, admissible_answer

CHECK_S = 20.0
MAX_CHECKS = 16
"""A page tries each of our addresses by a peer of its own."""


class NetworkCheck:
    """Answers offers of a data channel and nothing else; every peer ends by itself. Lives on one event loop."""

    def __init__(self) -> None:
        self._peers: set[RTCPeerConnection] = set()
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._peers)

    async def answer(self, offer: str) -> str:
        """The SDP answer with every address of ours; the connection stays for CHECK_S seconds.

        Raises:
            OfferUnusable: it is none, or offers no data channel.
            TooManyViews: as many checks go on as may.

        """
        if len(self._peers) >= MAX_CHECKS:
            raise TooManyViews(f"this node already answers {MAX_CHECKS} network checks")
        admitted = admissible_answer(offer)
        if "m=application" not in admitted or "m=video" in admitted or "m=audio" in admitted:
            raise OfferUnusable("a network check offers a data channel and nothing else")
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.add(peer)
        try:
            await peer.setRemoteDescription(RTCSessionDescription(admitted, "offer"))
            await peer.setLocalDescription(await peer.createAnswer())
        except UNREADABLE as error:
            await self._end(peer)
            raise OfferUnusable(f"the offer cannot be answered: {error}") from error
        asyncio.get_running_loop().call_later(CHECK_S, self._let_go, peer)
        return str(peer.localDescription.sdp)

    async def close(self) -> None:
        """Ends every check."""
        await asyncio.gather(*(self._end(peer) for peer in list(self._peers)), *self._closing)

    def _let_go(self, peer: RTCPeerConnection) -> None:
        closing = asyncio.get_running_loop().create_task(self._end(peer))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _end(self, peer: RTCPeerConnection) -> None:
        self._peers.discard(peer)
        await peer.close()
