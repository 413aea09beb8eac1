"""Real clips as frames for analysis, at the pace that the sampler of ingest would take them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import av
import numpy as np

from ingest.frame import Frame, Image
from tests.fakes.picture import CAMERA, DAWN

_TOLERANCE_S = 1e-3


class DecodedPicture:
    """A decoded frame; converted to colour only when asked."""

    def __init__(self, frame: av.VideoFrame) -> None:
        self._frame = frame
        self.width = frame.width
        self.height = frame.height

    def luma(self) -> Image:
        plane = self._frame.planes[0]
        return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: self.height, : self.width]

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        width, height = size or (None, None)
        return self._frame.reformat(width, height, format="bgr24").to_ndarray()


def read_frames(clip: Path, *, fps: float = 5.0, start_s: float = 0.0, end_s: float = 1e9) -> Iterator[Frame]:
    """The clip's frames between two media times, `fps` a second."""
    due_s = start_s
    with av.open(str(clip)) as container:
        for index, decoded in enumerate(container.decode(video=0)):
            now_s = float(decoded.time or 0.0)
            if now_s > end_s:
                return
            if now_s + _TOLERANCE_S < due_s:
                continue
            due_s = max(due_s + 1 / fps, now_s)
            at = DAWN + timedelta(seconds=now_s)
            yield Frame(CAMERA, 1, index, now_s, at, now_s, DecodedPicture(decoded))
