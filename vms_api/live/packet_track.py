"""A WebRTC track that hands a camera's encoded packets to aiortc's own sender, unchanged."""

import asyncio
from collections import deque
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from ingest.packet import Packet

RTP_CLOCK = Fraction(1, 90_000)
EPOCH_GAP_S = 0.04
"""Media time between the last packet of one epoch and the first of the next: viewers see one running clock."""


class PacketTrack(MediaStreamTrack):
    """Starts with the cached GOP, then follows the camera; lives on one event loop.

    A viewer that lags more than `queue_packets` behind loses what waits and goes on at the next key frame, so a slow
    browser costs bounded memory and never sees torn pictures.
    """

    kind = "video"

    def __init__(self, *, queue_packets: int, replay_bytes_per_s: int) -> None:
        super().__init__()
        self._queue: deque[Packet] = deque()
        self._arrived = asyncio.Event()
        self._queue_packets = queue_packets
        self._replay_bytes_per_s = replay_bytes_per_s
        self._replaying = 0
        self._needs_keyframe = False
        self._rebase = _Rebase()
        self.dropped_count = 0

    def replay(self, gop: Iterable[Packet]) -> None:
        """Queues the cached GOP; call it in the same step of the loop as the subscription."""
        self._queue.extend(gop)
        self._replaying = len(self._queue)
        self._arrived.set()

    def push(self, packet: Packet) -> None:
        """Queues a live packet.

        One of a new epoch takes the place of all that waits: once the masks were changed, or the camera was dialled
        anew, nothing of before is sent any more.
        """
        if self._queue and packet.epoch != self._queue[-1].epoch:
            self._skip_ahead(packet)
            self._arrived.set()
            return
        if self._needs_keyframe and not packet.is_keyframe:
            self.dropped_count += 1
            return
        if len(self._queue) - self._replaying >= self._queue_packets:
            self._skip_ahead(packet)
        else:
            self._needs_keyframe = False
            self._queue.append(packet)
        self._arrived.set()

    def _skip_ahead(self, packet: Packet) -> None:
        self.dropped_count += len(self._queue)
        self._queue.clear()
        self._replaying = 0
        self._needs_keyframe = not packet.is_keyframe
        if packet.is_keyframe:
            self._queue.append(packet)
        else:
            self.dropped_count += 1

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
        packet = self._queue.popleft()
        if self._replaying:
            self._replaying -= 1
            await asyncio.sleep(len(packet.data) / self._replay_bytes_per_s)
        return self._as_av(packet)

    def _as_av(self, packet: Packet) -> "av.Packet[Any]":
        outgoing = av.Packet(packet.data)
        outgoing.pts = self._rebase.ticks(packet)
        outgoing.time_base = RTP_CLOCK
        return outgoing

    def stop(self) -> None:
        """Ends the track; a waiting `recv()` raises."""
        super().stop()
        self._arrived.set()


class _Rebase:
    """Maps the media time of successive epochs onto one 90 kHz clock that never runs backwards."""

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._offset = 0
        self._last = 0

    def ticks(self, packet: Packet) -> int:
        ticks = int(packet.pts * packet.time_base / RTP_CLOCK)
        if packet.epoch != self._epoch:
            gap = int(EPOCH_GAP_S / RTP_CLOCK) if self._epoch is not None else 0
            self._offset = self._last + gap - ticks
            self._epoch = packet.epoch
        self._last = ticks + self._offset
        return self._last
