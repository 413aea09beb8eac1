"""A site that records: what its timeline says, also when its node is killed."""

import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.e2e.test_node_killed import node_of, wait_for
from vms_api.demo.site import LocalSite

SHORT_FILES = "[recording]\nsegment_s = 5.0\n"


@pytest.fixture
def camera(drawn: ClipCache) -> Iterator[VirtualCameraThread]:
    """A drawn square, key frames every second."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server:
        yield server


def timeline(site: LocalSite, camera_id: str) -> dict[str, Any]:
    found: dict[str, Any] = site.call("GET", f"/cameras/{camera_id}/recordings")
    return found


def seconds(span: dict[str, str]) -> float:
    return (datetime.fromisoformat(span["to"]) - datetime.fromisoformat(span["from"])).total_seconds()


def recorded_s(site: LocalSite, camera_id: str) -> float:
    return float(timeline(site, camera_id)["coverage"]["recorded_s"])


@pytest.mark.slow
def test_a_killed_node_leaves_a_gap_with_its_reason_and_loses_two_seconds_at_most(make_site, camera):
    """Recorded, not recorded while there was no node, recorded again: no second is unaccounted for."""
    site = make_site(detector="motion", more=SHORT_FILES)
    camera_id = site.call("POST", "/cameras", {"name": "square", "address": camera.url("square")})["id"]
    site.wait_live([camera_id])
    wait_for(lambda: recorded_s(site, camera_id) > 4)
    before = recorded_s(site, camera_id)
    time.sleep(2)
    os.kill(node_of(site).pid, signal.SIGKILL)
    killed_at = time.time()
    wait_for(lambda: recorded_s(site, camera_id) > before + 6)
    found = timeline(site, camera_id)
    spans = found["spans"]
    first = next(number for number, span in enumerate(spans) if span["reason"] == "node-down")
    assert spans[first - 1]["kind"] == "recorded"
    assert killed_at - datetime.fromisoformat(spans[first - 1]["to"]).timestamp() <= 2.0
    # The node's own gap may follow, while it waits for the camera.
    again = next(number for number in range(first, len(spans)) if spans[number]["kind"] != "gap")
    assert spans[again]["kind"] == "recorded"
    assert sum(seconds(span) for span in spans[first:again]) < 15
    assert [span["kind"] for span in spans].count("not-planned") == 1  # before there was a camera
    (volume,) = site.call("GET", "/recordings/volumes")["volumes"]
    assert (volume["name"], volume["state"]) == ("recordings", "ok")
    assert volume["oldest_at"] == next(span["from"] for span in spans if span["kind"] == "recorded")
