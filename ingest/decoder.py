"""The seam between encoded packets and pictures."""

from collections.abc import Sequence
from typing import Protocol

from ingest.frame import Frame
from ingest.packet import Packet


class Decoder(Protocol):
    """Turns the packets of one stream into frames."""

    def decode(self, packet: Packet) -> Sequence[Frame]:
        """The frames that this packet completes, often one, at a stream's start none.

        A packet of a new epoch resets the decoder by itself. Damaged packets give no frame and are counted.
        """
        ...

    def decode_alone(self, packet: Packet) -> Sequence[Frame]:
        """The frame of a key frame at once, also from a decoder that holds pictures back to order them.

        What follows in the stream cannot be decoded after it, from the next key frame on it can.
        """
        ...

    @property
    def failed_count(self) -> int:
        """Packets that could not be decoded so far."""
        ...

    def close(self) -> None:
        """Frees the codec."""
        ...
