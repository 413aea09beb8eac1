"""A decoder that makes one tiny grey frame of every packet, and fails where the data says so."""

from collections.abc import Sequence

import numpy as np

from ingest.array_picture import ArrayPicture
from ingest.frame import Frame
from ingest.packet import Packet

DAMAGED = b"damaged"


GREY = ArrayPicture(np.full((2, 4, 3), 128, np.uint8))


class FakeDecoder:
    """Implements `Decoder` for sequences whose bytes are no video."""

    def __init__(self) -> None:
        self.failed_count = 0
        self.is_closed = False
        self._epoch: int | None = None

    def decode(self, packet: Packet) -> Sequence[Frame]:
        """One frame per packet, from a key frame on."""
        if packet.data == DAMAGED:
            self.failed_count += 1
            return ()
        if packet.epoch != self._epoch and not packet.is_keyframe:
            return ()
        self._epoch = packet.epoch
        times = (packet.media_time_s, packet.received_at, packet.received_monotonic_s)
        return (Frame(packet.camera_id, packet.epoch, packet.sequence, *times, picture=GREY),)

    def close(self) -> None:
        """Remembers it."""
        self.is_closed = True
