"""A WebRTC track that hands a camera's sound to aiortc's own sender: few people listen, and a packet is small."""

import asyncio
from collections import deque
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from ingest.audio import AudioPacket
from vms_api.live.rtp_clock import RTP_CLOCK, RtpClock

MAX_WAITING = 25
"""Half a second; who lags further behind misses the oldest."""


class SoundTrack(MediaStreamTrack):
    """Lives on one event loop. Silent until it is fed."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._packets: deque[AudioPacket] = deque(maxlen=MAX_WAITING)
        self._arrived = asyncio.Event()
        self._clock = RtpClock()

    def push(self, packet: AudioPacket) -> None:
        """The next packet of a codec that browsers take."""
        self._packets.append(packet)
        self._arrived.set()

    async def recv(self) -> "av.Packet[Any]":
        """The next packet, as aiortc's sender wants it.

        Raises:
            MediaStreamError: the track was stopped.

        """
        while not self._packets:
            if self.readyState != "live":
                raise MediaStreamError
            self._arrived.clear()
            await self._arrived.wait()
        packet = self._packets.popleft()
        outgoing = av.Packet(packet.data)
        outgoing.pts, outgoing.time_base = self._clock.ticks(packet), RTP_CLOCK
        return outgoing

    def stop(self) -> None:
        """Ends the track; a waiting `recv()` raises."""
        super().stop()
        self._arrived.set()
