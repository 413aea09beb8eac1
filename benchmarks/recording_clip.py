"""A clip for benchmarks of recording, made on the spot at a wanted bit rate."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 25


def make_clip(path: Path, bits_per_s: int = 200_000, seconds: int = 4, size: tuple[int, int] = (320, 240)) -> Path:
    """H.264, 25 pictures a second, a key frame each second; noise fills the bit rate."""
    noise = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height = size
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, RATE)
        stream.gop_size, stream.max_b_frames = RATE, 0
        kilobits = bits_per_s // 1000
        limits = f"scenecut=0:threads=1:nal-hrd=cbr:bitrate={kilobits}:vbv-maxrate={kilobits}:vbv-bufsize={kilobits}"
        stream.bit_rate = bits_per_s
        stream.options = {"preset": "ultrafast", "x264-params": limits}
        for index in range(RATE * seconds):
            image = noise.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
