"""A still picture of a stream, from its cached GOP, without asking the camera."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2

from ingest.decoder import Decoder
from ingest.packet import Packet
from vms_api.live.errors import NotLive

JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A JPEG and when its packet arrived."""

    jpeg: bytes
    captured_at: datetime


def take_snapshot(gop: Sequence[Packet], decoder_factory: Callable[[], Decoder]) -> Snapshot:
    """Decodes the key frame the GOP starts with. Blocks for some milliseconds: call it in a thread.

    Raises:
        NotLive: there is no key frame, or it cannot be decoded.

    """
    if not gop:
        raise NotLive("no key frame has arrived yet")
    decoder = decoder_factory()
    try:
        for packet in gop:
            for frame in decoder.decode(packet):
                ok, jpeg = cv2.imencode(".jpg", frame.picture.bgr(), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
                if ok:
                    return Snapshot(jpeg.tobytes(), frame.received_at)
    finally:
        decoder.close()
    raise NotLive("the cached pictures cannot be decoded")
