"""Pictures and frames for analysis, made from arrays."""

from datetime import UTC, datetime, timedelta

import numpy as np

from ingest.array_picture import ArrayPicture
from ingest.camera import CameraId
from ingest.frame import Frame, Image

CAMERA = CameraId("camera-1")
DAWN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def grey_image(level: int = 100, width: int = 320, height: int = 180) -> Image:
    return np.full((height, width, 3), level, np.uint8)


def frame_at(media_time_s: float, image: Image | None = None, *, epoch: int = 1, camera_id: CameraId = CAMERA) -> Frame:
    """A frame that arrived exactly at its media time, counted from DAWN and from monotonic zero."""
    return Frame(
        camera_id=camera_id,
        epoch=epoch,
        sequence=round(media_time_s * 1000),
        media_time_s=media_time_s,
        received_at=DAWN + timedelta(seconds=media_time_s),
        received_monotonic_s=media_time_s,
        picture=ArrayPicture(grey_image() if image is None else image),
    )
