"""Servers that end and come back, ours and somebody else's."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from ingest.lifecycle import StreamState
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.conftest import MakeClip
from tests.fakes.rtsp_server import RtspServerThread
from tests.faults.conftest import Watch, eventually


class Start(Protocol):
    """Starts a server on a port (0: any); the stream's address comes out."""

    def __call__(self, port: int) -> AbstractContextManager[str]: ...


class OurServer:
    """A virtual camera."""

    def __init__(self, clip: Clip, port: int) -> None:
        self._thread = VirtualCameraThread([VirtualCamera("gate", clip)], port=port)

    def __enter__(self) -> str:
        self._thread.__enter__()
        return self._thread.url("gate")

    def __exit__(self, *error: object) -> None:
        self._thread.__exit__(None, None, None)


class TheirServer:
    """aio-rtsp-toolkit, which plays a file to its end."""

    def __init__(self, clip: Path, port: int) -> None:
        self._clip = clip
        self._thread = RtspServerThread(clip.parent, port)

    def __enter__(self) -> str:
        self._thread.__enter__()
        return f"{self._thread.address}/{self._clip.name}"

    def __exit__(self, *error: object) -> None:
        self._thread.__exit__(*error)


@pytest.fixture(params=["ours", "theirs"])
def start(request: pytest.FixtureRequest, clip: Clip, make_clip: MakeClip) -> Start:
    """Each server in turn."""
    if request.param == "ours":
        return lambda port: OurServer(clip, port)
    file = make_clip(size=(320, 180), fps=10, seconds=60.0, gop=5)
    return lambda port: TheirServer(file, port)


def port_of(address: str) -> int:
    """The port in an address."""
    return urlsplit(address).port or 0


def test_a_camera_comes_back_after_its_server_was_restarted(start: Start) -> None:
    """While it is away the camera is WAITING with a reason; back, it plays on in a new epoch."""
    with start(0) as address:
        port, watch = port_of(address), Watch({"gate": address})
        watch.__enter__()
        eventually(lambda: watch.is_live(["gate"]))
    diary = watch.diaries["gate"]
    eventually(lambda: "host-refused" in diary.codes())
    assert StreamState.WAITING in diary.states()
    with start(port):
        eventually(lambda: watch.is_live(["gate"]))
        watch.fleet.close()
    assert diary.epochs()[-1] > 1


def test_a_camera_that_is_not_there_yet_is_an_ordinary_state(start: Start) -> None:
    """A first connection that fails is tried again like any other."""
    with start(0) as address:
        port = port_of(address)
    watch = Watch({"gate": address})
    watch.__enter__()
    eventually(lambda: StreamState.WAITING in watch.diaries["gate"].states())
    assert watch.health("gate").retry_at is not None
    with start(port):
        eventually(lambda: watch.is_live(["gate"]))
        watch.fleet.close()
    assert watch.diaries["gate"].codes() == {"host-refused"}
