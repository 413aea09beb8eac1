"""The streams that all contenders look at: two real clips, encoded as a camera would, made once and kept.

Every picture is another one of the source: a camera sends none twice. At 25 a second they therefore run faster.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from ingest.frame import Image
from ingest.virtual_camera.clip_cache import default_cache_folder

LOOP_S = 60
MOTION_S = 6
"""A tenth of the time: two passages of cars, one after the other."""

_MADE = 5  # raised when the clips change
_CALM = range(12, 46)  # pictures of the empty car park
_PASSAGES: tuple[int, ...] = (*range(54, 105), *range(190, 235))  # a car; two side by side
_ENTERING = 6
"""Pictures of a passage in which the car comes into view; then a quarter of it is there."""
PASSES_S = 27


@dataclass(frozen=True, slots=True)
class Making:
    """How a stream is encoded. `size` is width, height; with a `quality` of None the bit rate is kept instead."""

    size: tuple[int, int]
    fps: int
    kbit_s: int
    quality: str | None = "24"
    noise: float = 1.0


SUB, MAIN = Making((640, 360), 15, 500), Making((1920, 1080), 25, 4000)
SUB_SQUARE = Making((480, 360), 15, 500)
SUB_CONSTANT = Making((640, 360), 15, 500, None, 1.5)


def onset_s(making: Making) -> float:
    """When in each loop a car is in view."""
    return PASSES_S + _ENTERING / making.fps


def busy_sub(media: Path) -> Path:
    """The town square, walkers all the time: 480x360, 15 pictures a second."""
    return _kept("square", SUB_SQUARE, lambda: _read(media / "town-square.mp4"), _square_index)


def calm_sub(media: Path) -> Path:
    """The car park with motion a tenth of the time: 640x360, 15 pictures a second."""
    return _kept("lane", SUB, lambda: _read(media / "car-park.mp4"), _lane_index)


def calm_sub_constant(media: Path) -> Path:
    """As `calm_sub`, noisier, by an encoder that spends the same on a still scene as on a busy one."""
    return _kept("constant", SUB_CONSTANT, lambda: _read(media / "car-park.mp4"), _lane_index)


def calm_main(media: Path) -> Path:
    """The same at 1920x1080, 25 pictures a second."""
    return _kept("lane", MAIN, lambda: _read(media / "car-park.mp4"), _lane_index)


def _square_index(number: int, total: int, _: int) -> int:
    return number % total


def _lane_index(number: int, _: int, fps: int) -> int:
    begun = number - PASSES_S * fps
    if 0 <= begun < MOTION_S * fps:
        return _PASSAGES[begun % len(_PASSAGES)]
    turn = number % (2 * len(_CALM) - 2)  # to and fro, so that nothing jumps
    return _CALM[min(turn, 2 * len(_CALM) - 2 - turn)]


def _kept(name: str, making: Making, read: Callable[[], list[Image]], index: Callable[[int, int, int], int]) -> Path:
    folder = default_cache_folder()
    kept = folder / f"peers-{_MADE}-{name}-{making.size[1]}p{making.fps}.mp4"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        pictures = read()
        fresh = kept.with_suffix(".part.mp4")
        order = (index(number, len(pictures), making.fps) for number in range(LOOP_S * making.fps))
        _encode(fresh, making, (pictures[which] for which in order))
        fresh.replace(kept)
    return kept


def _read(path: Path) -> list[Image]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


def _encode(path: Path, making: Making, pictures: Iterator[Image]) -> None:
    """As a camera does: key frames every two seconds, no B-frames, quality and highest bit rate set, little noise."""
    noise = [
        np.random.default_rng(seed).normal(0, making.noise, (making.size[1], making.size[0], 1)).astype(np.float32)
        for seed in range(6)
    ]
    control = f"keyint={2 * making.fps}:min-keyint={2 * making.fps}:scenecut=0:bframes=0:vbv-maxrate={making.kbit_s}"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=making.fps)
        stream.width, stream.height, stream.pix_fmt = *making.size, "yuv420p"
        params = f"{control}:vbv-bufsize={making.kbit_s}"
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "x264-params": params}
        if making.quality is None:
            stream.bit_rate = making.kbit_s * 1000
        else:
            stream.options = {**stream.options, "crf": making.quality}
        for number, picture in enumerate(pictures):
            scaled = cv2.resize(picture, making.size, interpolation=cv2.INTER_CUBIC)
            grain = np.roll(noise[number % 6], 37 * number, axis=1)
            noisy = np.clip(scaled + grain, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, making.fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
