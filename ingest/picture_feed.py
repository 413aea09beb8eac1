"""The one way to see a stream: as the camera sends it while nothing is masked, else through the masked encode."""

from enum import Enum, auto
from typing import Protocol

from ingest.clock import Clock
from ingest.encoder import Codecs
from ingest.errors import MasksUnavailable
from ingest.fanout import Deliver, PacketFanout, Subscription
from ingest.frame import Frame
from ingest.mask import CurrentMasks
from ingest.masked_stream import MaskedStream
from ingest.packet import Packet


class Route(Enum):
    """How pictures get to viewers."""

    DIRECT = auto()
    """Nothing is masked: the camera's own packets."""
    MASKED = auto()
    """Decoded, covered and encoded again."""
    ENCODED = auto()
    """Nothing is masked, but encoded again all the same, for those who cannot play what the camera sends."""
    LIFTED = auto()
    """The camera's own packets past its masks, for a time that somebody has approved."""
    CLOSED = auto()
    """Not at all: the masks are not known, or the approved time is over."""


class ViewFeed(Protocol):
    """What a view follows. A plain fan-out of packets is none: nobody would have asked about masks."""

    @property
    def route(self) -> Route:
        """How pictures go at this moment; a view whose route has changed must end."""
        ...

    def prepare(self) -> None:
        """Somebody will subscribe in a moment."""
        ...

    def subscribe(self, deliver: Deliver) -> tuple[Subscription, tuple[Packet, ...]]:
        """The running group of pictures, and all later packets."""
        ...


class PictureFeed:
    """What viewers, snapshots and thumbnails of one stream get. Methods may be called from any thread.

    The decision is taken for every packet, not when somebody subscribes: from the moment masks are set no packet of the
    camera leaves here, whoever still listens. Those listeners hear nothing more and must subscribe again.
    """

    def __init__(self, unmasked: PacketFanout, masks: CurrentMasks, masked: MaskedStream, codecs: Codecs) -> None:
        self._unmasked = unmasked
        self._masks = masks
        self._masked = masked
        self._codecs = codecs
        self._encoded = EncodedFeed(self, masked)

    @property
    def route(self) -> Route:
        """How pictures go at this moment."""
        if self._masks.now is None:
            return Route.CLOSED
        return Route.DIRECT if self._masks.hides_nothing() else Route.MASKED

    @property
    def mask_version(self) -> int | None:
        """Version of the masks in force, None while they are not known."""
        masks = self._masks.now
        return masks.version if masks is not None else None

    def prepare(self) -> None:
        """Somebody will subscribe in a moment: starts what takes time to start.

        Raises:
            MasksUnavailable: nobody may.

        """
        self._refuse_closed()
        if self.route is Route.MASKED:
            self._masked.warm_up()

    def subscribe(self, deliver: Deliver) -> tuple[Subscription, tuple[Packet, ...]]:
        """The running group of pictures, and all later packets, as `PacketFanout.subscribe` does.

        Raises:
            MasksUnavailable: what must be covered is not known.

        """
        self._refuse_closed()
        if self._masks.hides_nothing():
            subscription, gop = self._unmasked.subscribe(lambda packet: self._pass(packet, deliver))
            if self._masks.hides_nothing():
                return subscription, gop
            subscription.close()  # masks were set meanwhile
            self._refuse_closed()
        return self._masked.subscribe(deliver)

    def still(self) -> Frame | None:
        """The latest key frame's picture, covered; None if there is none. Decodes: call it in a thread.

        Raises:
            MasksUnavailable: what must be covered is not known.

        """
        self._refuse_closed()
        decoder = self._codecs.decoder(self._masks)
        try:
            return next((frame for packet in self._unmasked.gop() for frame in decoder.decode(packet)), None)
        finally:
            decoder.close()

    def lifted(self, clock: Clock, seconds: float) -> "LiftedFeed":
        """The same stream past its masks, for so long."""
        return LiftedFeed(self._unmasked, self._masks, clock, seconds)

    def encoded(self) -> "EncodedFeed":
        """The same stream as H.264 whatever the camera sends; always the same object."""
        return self._encoded

    def close(self) -> None:
        """The stream is gone: ends the masked encode."""
        self._masked.close()

    def _pass(self, packet: Packet, deliver: Deliver) -> None:
        if self._masks.hides_nothing():
            deliver(packet)

    def _refuse_closed(self) -> None:
        if self.route is Route.CLOSED:
            raise _unavailable()


class EncodedFeed:
    """A stream by way of the one encode that masked pictures take too; masks that are set are covered by it."""

    def __init__(self, feed: PictureFeed, encode: MaskedStream) -> None:
        self._feed = feed
        self._encode = encode

    @property
    def route(self) -> Route:
        """ENCODED while nothing is masked."""
        route = self._feed.route
        return Route.ENCODED if route is Route.DIRECT else route

    def prepare(self) -> None:
        """Somebody will subscribe in a moment: starts the encode.

        Raises:
            MasksUnavailable: nobody may.

        """
        if self.route is Route.CLOSED:
            raise _unavailable()
        self._encode.warm_up()

    def subscribe(self, deliver: Deliver) -> tuple[Subscription, tuple[Packet, ...]]:
        """The group of pictures of the encode, and all later packets.

        Raises:
            MasksUnavailable: what must be covered is not known.

        """
        self.prepare()
        return self._encode.subscribe(deliver)


class LiftedFeed:
    """A stream past its masks until its time is over. It, too, shows nothing while the masks are not known."""

    def __init__(self, unmasked: PacketFanout, masks: CurrentMasks, clock: Clock, seconds: float) -> None:
        self._unmasked = unmasked
        self._masks = masks
        self._clock = clock
        self._until_s = clock.monotonic_s() + seconds

    @property
    def route(self) -> Route:
        """LIFTED, and CLOSED from the last moment on."""
        is_over = self._clock.monotonic_s() >= self._until_s
        return Route.CLOSED if is_over or self._masks.now is None else Route.LIFTED

    def prepare(self) -> None:
        """Nothing takes time to start.

        Raises:
            MasksUnavailable: what must be covered is not known.

        """
        if self.route is Route.CLOSED:
            raise _unavailable()

    def subscribe(self, deliver: Deliver) -> tuple[Subscription, tuple[Packet, ...]]:
        """The running group of pictures, and all packets until the time is over.

        Raises:
            MasksUnavailable: what must be covered is not known, or the time is over.

        """
        self.prepare()
        return self._unmasked.subscribe(lambda packet: self._pass(packet, deliver))

    def _pass(self, packet: Packet, deliver: Deliver) -> None:
        if self.route is Route.LIFTED:
            deliver(packet)


def _unavailable() -> MasksUnavailable:
    return MasksUnavailable("The privacy masks of this camera could not be loaded, so nothing of it is shown.")
