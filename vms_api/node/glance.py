"""One picture of a camera for the diagnosis: of its latest key frame, covered."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np

from ingest.frame import Image
from ingest.picture_feed import PictureFeed

EVIDENCE_WIDTH = 640
"""Pixels across of what is kept: as much as shows what is wrong, in some 30 kB."""
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class Glance:
    """`picture` is (height, width, 3) uint8, blue first, covered by the masks of `mask_version`.

    `place` is epoch and sequence of its packet: two glances of one place show the very same key frame.
    """

    picture: Image
    mask_version: int
    place: tuple[int, int]
    taken_at: datetime

    def jpeg(self) -> bytes | None:
        """The picture as evidence, made smaller; None where the encoder refuses it."""
        height, width = self.picture.shape[:2]
        share = min(1.0, EVIDENCE_WIDTH / width)
        size = max(1, round(width * share)), max(1, round(height * share))
        small = self.picture if share == 1.0 else cv2.resize(self.picture, size, interpolation=cv2.INTER_AREA)
        ok, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        return jpeg.tobytes() if ok else None


def take_glance(feed: PictureFeed) -> Glance | None:
    """Decodes one key frame; no decoder is left behind. None: there is none, or masks were changed meanwhile.

    Raises:
        MasksUnavailable: what must be covered is not known.

    """
    version = feed.mask_version
    frame = feed.still()
    if frame is None or version is None or feed.mask_version != version:
        return None
    return Glance(frame.picture.bgr(), version, (frame.epoch, frame.sequence), frame.received_at)


def read_evidence(jpeg: bytes, size: tuple[int, int]) -> Image | None:
    """The picture of a glance's JPEG in the size (width, height) that it was made smaller from; None where it is none.

    Pictures are compared in one size: a rounded pixel of what was kept must not look like another view.
    """
    data = np.frombuffer(jpeg, np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if picture is None else np.asarray(cv2.resize(picture, size), np.uint8)
