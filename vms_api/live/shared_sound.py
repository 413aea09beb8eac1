"""One stream's sound, taken once and made fit for browsers once for all who listen to it."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from ingest.audio import AudioCodec, AudioDescription, AudioPacket
from ingest.av_opus import OpusTranscode, needs_transcode
from ingest.sound import SoundFanout, SoundSubscription


@dataclass(frozen=True, slots=True)
class Sound:
    """Where a stream's sound comes from, and what it is."""

    fanout: SoundFanout
    description: AudioDescription

    @property
    def sent_as(self) -> str:
        """What browsers are sent: G.711 and Opus as they are (RFC 7874 clause 3), AAC as Opus."""
        return _SENT_AS.get(self.description.codec, "audio/opus")


_SENT_AS = {AudioCodec.PCMA: "audio/PCMA", AudioCodec.PCMU: "audio/PCMU"}


class Listener(Protocol):
    """Somebody who is sent the sound."""

    def push(self, packet: AudioPacket) -> None:
        """The next packet."""
        ...


class SharedSound:
    """Subscribed from its first listener to its last. Lives on one event loop; transcodes on the camera's thread."""

    def __init__(self, sound: Sound) -> None:
        self._loop = asyncio.get_running_loop()
        self._sound = sound
        self._listeners: list[Listener] = []
        self._subscription: SoundSubscription | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nobody listens."""
        return not self._listeners

    def join(self, listener: Listener) -> None:
        """The listener gets what comes from now on."""
        self._listeners.append(listener)
        if self._subscription is None:
            described = self._sound.description
            transcode = OpusTranscode(described) if needs_transcode(described) else None
            self._subscription = self._sound.fanout.subscribe(lambda packet: self._deliver(packet, transcode))

    def leave(self, listener: Listener) -> None:
        """The listener gets nothing more."""
        self._listeners.remove(listener)
        if not self._listeners and self._subscription is not None:
            self._subscription.close()
            self._subscription = None

    def _deliver(self, packet: AudioPacket, transcode: OpusTranscode | None) -> None:
        # Called in the camera's thread.
        for ready in transcode.packets(packet) if transcode is not None else (packet,):
            self._loop.call_soon_threadsafe(self._push, ready)

    def _push(self, packet: AudioPacket) -> None:
        for listener in self._listeners:
            listener.push(packet)
