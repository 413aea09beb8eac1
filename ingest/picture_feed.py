"""The one way to see a stream: as the camera sends it while nothing is masked, else through the masked encode."""

from enum import Enum, auto

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
    CLOSED = auto()
    """The masks are not known: not at all."""


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

    @property
    def route(self) -> Route:
        """How pictures go at this moment."""
        if self._masks.now is None:
            return Route.CLOSED
        return Route.DIRECT if self._masks.hides_nothing() else Route.MASKED

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

    def close(self) -> None:
        """The stream is gone: ends the masked encode."""
        self._masked.close()

    def _pass(self, packet: Packet, deliver: Deliver) -> None:
        if self._masks.hides_nothing():
            deliver(packet)

    def _refuse_closed(self) -> None:
        if self._masks.now is None:
            raise MasksUnavailable("The privacy masks of this camera could not be loaded, so nothing of it is shown.")
