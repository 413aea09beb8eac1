"""A small picture of a stream that is being looked at: whoever takes a camera in wants to know which one it is."""

import cv2

from ingest.av_decoder import AvDecoder
from ingest.frame import Picture
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Packet

WIDTH = 320
JPEG_QUALITY = 75


class Thumbnail:
    """Sees the packets of one stream and keeps its first picture. A camera that is not taken in yet has no masks."""

    def __init__(self) -> None:
        self._decoder = AvDecoder(CurrentMasks(NO_MASKS))
        self.jpeg: bytes | None = None

    def see(self, packet: Packet) -> None:
        """The next packet; nothing is decoded once there is a picture."""
        if self.jpeg is not None:
            return
        for frame in self._decoder.decode(packet):
            self.jpeg = _small(frame.picture)
            self._decoder.close()
            return


def _small(picture: Picture) -> bytes | None:
    """The picture as JPEG, at most WIDTH pixels wide."""
    width = min(WIDTH, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    ok, jpeg = cv2.imencode(".jpg", picture.bgr((width, height)), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return jpeg.tobytes() if ok else None
