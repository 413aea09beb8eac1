"""One stream's sound to those who record it. Nothing is cached: a listener starts with what comes next."""

from collections.abc import Callable
from threading import Lock

import structlog

from ingest.audio import AudioPacket
from ingest.mask import CurrentMasks

log = structlog.get_logger()

DeliverSound = Callable[[AudioPacket], None]


class SoundSubscription:
    """A listener's place in a fan-out. Closing it twice is harmless."""

    def __init__(self, fanout: "SoundFanout", deliver: DeliverSound) -> None:
        self._fanout = fanout
        self.deliver = deliver

    def close(self) -> None:
        """No more packets, but for one that may be on its way already on the camera's thread."""
        self._fanout.remove(self)


class SoundFanout:
    """Hands every audio packet of one stream to all listeners.

    Masks cover pictures, so a masked camera may be heard. While its masks are not known nothing passes: what is not
    known may have been meant to keep everything in. Packets of an older epoch than the newest are dropped, as in
    `PacketFanout`. One thread publishes, any thread subscribes.
    """

    def __init__(self, masks: CurrentMasks) -> None:
        self._masks = masks
        self._lock = Lock()
        self._epoch = -1
        self._subscriptions: tuple[SoundSubscription, ...] = ()

    def publish(self, packet: AudioPacket) -> None:
        """Delivers. Called by the stream's thread only."""
        if packet.epoch < self._epoch:
            return
        self._epoch = packet.epoch
        if self._masks.now is None:
            return
        for subscription in self._subscriptions:
            self._deliver(subscription, packet)

    def subscribe(self, deliver: DeliverSound) -> SoundSubscription:
        """All later packets. `deliver` is called on the stream's thread and must not block."""
        subscription = SoundSubscription(self, deliver)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def remove(self, subscription: SoundSubscription) -> None:
        """Forgets a subscription; unknown ones are ignored."""
        with self._lock:
            self._subscriptions = tuple(known for known in self._subscriptions if known is not subscription)

    def _deliver(self, subscription: SoundSubscription, packet: AudioPacket) -> None:
        try:
            subscription.deliver(packet)
        except Exception:
            # A recorder's mistake must not cost the camera its stream.
            log.exception("listener failed and was removed", camera=packet.camera_id, role=packet.role)
            self.remove(subscription)
