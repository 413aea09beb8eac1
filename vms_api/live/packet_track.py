"""A WebRTC track that hands a camera's encoded packets to aiortc's own sender, unchanged."""

import asyncio
from collections.abc import Iterable
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from ingest.packet import Packet
from vms_api.live.rtp_clock import RTP_CLOCK, RtpClock
from vms_api.live.viewer_queue import ViewerQueue


class PacketTrack(MediaStreamTrack):
    """Starts with the cached GOP, then follows the camera; lives on one event loop. Silent until it is fed."""

    kind = "video"

    def __init__(self, *, queue_packets: int, replay_bytes_per_s: int) -> None:
        super().__init__()
        self._queue: ViewerQueue[Packet] = ViewerQueue(queue_packets)
        self._arrived = asyncio.Event()
        self._replay_bytes_per_s = replay_bytes_per_s
        self._clock = RtpClock()

    @property
    def dropped_count(self) -> int:
        """Packets that a lagging viewer did not get."""
        return self._queue.dropped_count

    def replay(self, gop: Iterable[Packet]) -> None:
        """Queues the cached GOP; call it in the same step of the loop as the subscription."""
        self._queue.replay(gop)
        self._arrived.set()

    def push(self, packet: Packet) -> None:
        """Queues a live packet."""
        self._queue.push(packet)
        self._arrived.set()

    async def recv(self) -> "av.Packet[Any]":
        """The next packet, as aiortc's sender wants it.

        Raises:
            MediaStreamError: the track was stopped.

        """
        while not self._queue:
            if self.readyState != "live":
                raise MediaStreamError
            self._arrived.clear()
            await self._arrived.wait()
        is_replayed = self._queue.is_replaying
        packet = self._queue.pop()
        if is_replayed:
            await asyncio.sleep(len(packet.data) / self._replay_bytes_per_s)
        return self._as_av(packet)

    def _as_av(self, packet: Packet) -> "av.Packet[Any]":
        outgoing = av.Packet(packet.data)
        outgoing.pts = self._clock.ticks(packet)
        outgoing.time_base = RTP_CLOCK
        return outgoing

    def stop(self) -> None:
        """Ends the track; a waiting `recv()` raises."""
        super().stop()
        self._arrived.set()
