"""An ffmpeg child per camera that pipes raw pictures, five a second, into our gate and detector. Only here."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, cast

import cv2
import numpy as np

from analytics.pipeline import AnalysisPipeline
from benchmarks.peers.ours import judged_counts, new_pipeline, plans, say_elsewhere
from benchmarks.peers.protocol import addresses, answer
from ingest.camera import CameraId
from ingest.frame import Frame, Image

_WIDTH, _HEIGHT, _FPS = 640, 360, 5


@dataclass(frozen=True, slots=True)
class PlanarPicture:
    """Implements `Picture` for what comes through the pipe: (height * 3 / 2, width) uint8, yuv420p."""

    planes: Image
    width: int = _WIDTH
    height: int = _HEIGHT

    def luma(self) -> Image:
        """The first plane."""
        return self.planes[:_HEIGHT]

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        """Converted when asked."""
        image = cv2.cvtColor(self.planes, cv2.COLOR_YUV2BGR_I420)
        return cast("Image", image if size is None else cv2.resize(image, size))


def _command(ffmpeg: str, url: str) -> Sequence[str]:
    quiet = [ffmpeg, "-nostdin", "-loglevel", "error", "-threads", "1", "-rtsp_transport", "tcp", "-i", url]
    scaled = ["-an", "-vf", f"fps={_FPS},scale={_WIDTH}:{_HEIGHT}:flags=fast_bilinear", "-filter_threads", "1"]
    return [*quiet, *scaled, "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"]


def _pump(camera_id: CameraId, pipe: BinaryIO, pipeline: AnalysisPipeline) -> None:
    size, number = _WIDTH * _HEIGHT * 3 // 2, 0

    while len(raw := pipe.read(size)) == size:
        number += 1
        picture = PlanarPicture(np.frombuffer(raw, np.uint8).reshape(-1, _WIDTH))
        pipeline.offer(Frame(camera_id, 1, number, number / _FPS, datetime.now(UTC), time.monotonic(), picture))


def main() -> None:
    """One child and one reading thread per camera, one pipeline."""
    say_elsewhere()
    urls, ffmpeg = addresses(), sys.argv[2]
    pipeline = new_pipeline(lambda _: None)
    pipeline.apply(plans(urls))
    pipeline.start()
    children = []
    for number, url in enumerate(urls):
        child = subprocess.Popen(_command(ffmpeg, url), stdout=subprocess.PIPE)
        children.append(child)
        pipe = cast("BinaryIO", child.stdout)
        threading.Thread(target=_pump, args=(CameraId(str(number)), pipe, pipeline), daemon=True).start()
    try:
        answer(lambda: judged_counts(pipeline, len(urls)))
    finally:
        for child in children:
            child.kill()
            child.wait()


if __name__ == "__main__":
    main()
