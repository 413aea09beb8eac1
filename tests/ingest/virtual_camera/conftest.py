"""Clips that the tests make for themselves, once."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.clip_file import read_clip
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread

LOGIN = Credential("操作员", "p@ss:w/1")
LOOP = Scene(width=320, height=180, frame_rate=25, duration_s=1.0, gop_s=0.4, has_counter=True)
"""A loop of one second, so that a test sees its seam soon."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> ClipCache:
    return ClipCache(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="session")
def loop_clip(cache: ClipCache) -> Clip:
    return cache.play_scene(LOOP)


@pytest.fixture(scope="session")
def h265_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("h265") / "clip.mp4"
    write_noise(path, "libx265", {"x265-params": "log-level=none:bframes=0:keyint=5:min-keyint=5:scenecut=0"})
    return path


@pytest.fixture(scope="session")
def h265_clip(h265_file: Path) -> Clip:
    return read_clip(h265_file)


@pytest.fixture(scope="module")
def town(loop_clip: Clip, h265_clip: Clip) -> Iterator[VirtualCameraThread]:
    """Three cameras: `gate` with a login, `bridge` in H.265, `村口` open to all."""
    cameras = (
        VirtualCamera("gate", loop_clip, sub=h265_clip, credential=LOGIN),
        VirtualCamera("bridge", h265_clip),
        VirtualCamera("村口", loop_clip, start_s=0.5),
    )
    with VirtualCameraThread(cameras) as server:
        yield server


def write_noise(path: Path, codec: str, options: dict[str, str], container_format: str = "mp4") -> None:
    """Twenty pictures of moving noise, large enough to be sent in fragments."""
    rng = np.random.default_rng(5)
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=Fraction(20), options=options)
        stream.width, stream.height, stream.pix_fmt = 192, 128, "yuv420p"
        for _ in range(20):
            picture = rng.integers(0, 256, (128, 192, 3), dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
