"""One stream, many takers: each starts at the cached group of pictures and misses nothing after it."""

from collections.abc import Callable
from threading import Lock

import structlog

from ingest.packet import Packet

log = structlog.get_logger()

Deliver = Callable[[Packet], None]


class Subscription:
    """A taker's place in a fan-out. Closing it twice is harmless."""

    def __init__(self, fanout: "PacketFanout", deliver: Deliver) -> None:
        self._fanout = fanout
        self.deliver = deliver

    def close(self) -> None:
        """No more packets, but for one that may be on its way already on the camera's thread."""
        self._fanout.remove(self)


class PacketFanout:
    """Hands every packet of one stream to all subscribers and remembers the group of pictures that is running.

    One thread publishes, any thread subscribes. The cache is bounded in bytes and seconds: a group that outgrows it
    cannot start a viewer any more and is let go until the next key frame. Packets of an epoch older than the newest
    one are dropped, so a camera thread that was given up for hanging cannot come back and disturb its successor.
    """

    def __init__(self, max_gop_bytes: int = 8 * 1024 * 1024, max_gop_s: float = 15.0) -> None:
        self._max_gop_bytes = max_gop_bytes
        self._max_gop_s = max_gop_s
        self._lock = Lock()
        self._epoch = -1
        self._gop: list[Packet] = []
        self._gop_bytes = 0
        self._subscriptions: tuple[Subscription, ...] = ()

    def publish(self, packet: Packet) -> None:
        """Caches and delivers. Called by the stream's thread only."""
        with self._lock:
            if packet.epoch < self._epoch:
                return
            self._remember(packet)
            subscriptions = self._subscriptions
        # Outside the lock, so that a subscriber may close or subscribe from within `deliver`. Who subscribes now has
        # this packet in the group of pictures already and is not among `subscriptions`: nothing missed, nothing twice.
        for subscription in subscriptions:
            self._deliver(subscription, packet)

    def subscribe(self, deliver: Deliver) -> tuple[Subscription, tuple[Packet, ...]]:
        """The running group of pictures from its key frame (empty if none is usable), and all later packets.

        `deliver` is called on the camera's thread and must never block; one that raises is removed and logged. It may
        be called before this method has returned, for the packets that follow the returned ones.
        """
        subscription = Subscription(self, deliver)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)
            return subscription, tuple(self._gop)

    def gop(self) -> tuple[Packet, ...]:
        """The running group of pictures, key frame first; empty if none is usable."""
        with self._lock:
            return tuple(self._gop)

    @property
    def subscriber_count(self) -> int:
        """How many are listening."""
        return len(self._subscriptions)

    def remove(self, subscription: Subscription) -> None:
        """Forgets a subscription; unknown ones are ignored."""
        with self._lock:
            self._subscriptions = tuple(known for known in self._subscriptions if known is not subscription)

    def _remember(self, packet: Packet) -> None:
        if packet.is_keyframe or packet.epoch != self._epoch:
            self._forget_gop()
        self._epoch = packet.epoch
        if not packet.is_keyframe and not self._gop:
            return
        self._gop.append(packet)
        self._gop_bytes += len(packet.data)
        length_s = packet.received_monotonic_s - self._gop[0].received_monotonic_s
        if self._gop_bytes > self._max_gop_bytes or length_s > self._max_gop_s:
            self._forget_gop()

    def _forget_gop(self) -> None:
        self._gop = []
        self._gop_bytes = 0

    def _deliver(self, subscription: Subscription, packet: Packet) -> None:
        try:
            subscription.deliver(packet)
        except Exception:
            # A viewer's mistake must not cost the camera or the other viewers their stream.
            log.exception("subscriber failed and was removed", camera=packet.camera_id, role=packet.role)
            self.remove(subscription)
