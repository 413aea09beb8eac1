"""A decoder that makes one tiny grey frame of every packet, and fails where the data says so."""

from collections.abc import Sequence

import numpy as np

from ingest.array_picture import ArrayPicture
from ingest.encoder import Codecs
from ingest.frame import Frame, Picture
from ingest.mask import CurrentMasks
from ingest.packet import Packet

DAMAGED = b"damaged"


GREY = ArrayPicture(np.full((2, 4, 3), 128, np.uint8))


class FakeDecoder:
    """Implements `Decoder` for sequences whose bytes are no video."""

    def __init__(self, masks: CurrentMasks) -> None:
        self._masks = masks
        self.failed_count = 0
        self.is_closed = False
        self._epoch: int | None = None

    def decode(self, packet: Packet) -> Sequence[Frame]:
        """One frame per packet, from a key frame on."""
        if self._masks.now is None:
            self._epoch = None
            return ()
        if packet.data == DAMAGED:
            self.failed_count += 1
            return ()
        if packet.epoch != self._epoch and not packet.is_keyframe:
            return ()
        self._epoch = packet.epoch
        times = (packet.media_time_s, packet.received_at, packet.received_monotonic_s)
        return (Frame(packet.camera_id, packet.epoch, packet.sequence, *times, picture=GREY),)

    def decode_alone(self, packet: Packet) -> Sequence[Frame]:
        """One frame of a key frame; what follows it waits for the next one."""
        frames = self.decode(packet) if packet.is_keyframe else ()
        self._epoch = None
        return frames

    def close(self) -> None:
        """Remembers it."""
        self.is_closed = True


class FakeEncoder:
    """Implements `Encoder` with a text that says what was asked."""

    def __init__(self, width: int, height: int) -> None:
        self._size = f"{width}x{height}"

    def encode(self, picture: Picture, pts: int, *, is_keyframe: bool) -> bytes:
        """Size, time and kind."""
        return f"{type(picture).__name__} {self._size} {pts} {'key' if is_keyframe else 'delta'}".encode()

    def close(self) -> None:
        """Nothing to free."""


FAKE_CODECS = Codecs(FakeDecoder, FakeEncoder)
