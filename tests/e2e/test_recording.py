"""From a camera to the index: what is recorded is found, and a killed node leaves no silent hole."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from ingest.recording.segment_reader import SegmentReader
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite


@pytest.fixture
def camera(drawn: ClipCache) -> Iterator[VirtualCameraThread]:
    """A drawn square, key frames every second."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=20.0, walker_count=2))
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server:
        yield server


def wait_for(condition: Callable[[], bool], timeout_s: float = 30.0) -> None:
    due_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < due_s, "it did not happen in time"
        time.sleep(0.2)


def recording(site: LocalSite, camera_id: str) -> str | None:
    """What the health of the API says about recording."""
    health = site.call("GET", f"/cameras/{camera_id}/health")
    state: str | None = (health.get("recording") or {}).get("state")
    return state


def timeline(site: LocalSite, camera_id: str, start: datetime) -> Any:
    end = datetime.now(UTC)
    query = f"from={start.isoformat()}&to={end.isoformat()}".replace("+", "%2B")
    return site.call("GET", f"/cameras/{camera_id}/recordings?{query}")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_killed_node_goes_on_recording_and_says_what_is_missing(make_site, camera, tmp_path):
    """The file that was being written is mended and indexed; what is missing between the two has a reason."""
    site = make_site(detector="motion")
    started = datetime.now(UTC) - timedelta(seconds=1)
    camera_id = site.call("POST", "/cameras", {"name": "square", "address": camera.url("square")})["id"]
    wait_for(lambda: recording(site, camera_id) == "recording")
    time.sleep(4)
    node = next(p for p in psutil.Process(site.pid).children() if "vms_api.node" in " ".join(p.cmdline()))
    os.kill(node.pid, signal.SIGKILL)
    wait_for(lambda: recording(site, camera_id) != "recording")
    wait_for(lambda: recording(site, camera_id) == "recording")
    wait_for(lambda: [span["kind"] for span in timeline(site, camera_id, started)["spans"]].count("recorded") == 2)
    files = list(tmp_path.rglob("recordings/*/*/*/*.mp4"))
    assert len(files) == 1
    with SegmentReader(files[0]) as reader:
        assert (reader.damage, reader.header.camera_id) == (None, camera_id)
        assert reader.duration_s >= 2.0
    spans = timeline(site, camera_id, started)["spans"]
    kinds = [(span["kind"], span["reason"]) for span in spans]
    assert ("recorded", None) in kinds
    assert ("gap", "node-down") in kinds
