"""A still picture of a stream, from its cached GOP, without asking the camera."""

from dataclasses import dataclass
from datetime import datetime

import cv2

from ingest.picture_feed import PictureFeed
from vms_api.live.errors import NotLive

JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A JPEG and when its packet arrived."""

    jpeg: bytes
    captured_at: datetime


def take_snapshot(feed: PictureFeed) -> Snapshot:
    """Decodes the key frame the GOP starts with. Blocks for some milliseconds: call it in a thread.

    Raises:
        NotLive: there is no key frame, or it cannot be decoded.
        MasksUnavailable: the camera's masks are not known.

    """
    frame = feed.still()
    if frame is None:
        raise NotLive("no key frame has arrived yet, or it cannot be decoded")
    ok, jpeg = cv2.imencode(".jpg", frame.picture.bgr(), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not ok:
        raise NotLive("the picture cannot be encoded")
    return Snapshot(jpeg.tobytes(), frame.received_at)
