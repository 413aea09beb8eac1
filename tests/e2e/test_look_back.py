"""A camera that is just being recorded can be looked at some seconds back, whatever becomes of the node meanwhile."""

import io
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import psutil
import pytest

from benchmarks.browser import browser
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite
from vms_api.page import DIST

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

NEWEST_S = 3.0
"""What was recorded so long ago can be played."""


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
    return found


def recorded(site: LocalSite, camera_id: str) -> list[tuple[datetime, datetime]]:
    """What the timeline of the last minute says is recorded."""
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(minutes=1)).isoformat(), "to": now.isoformat()}
    answer = site.client.get(f"/cameras/{camera_id}/recordings", params=span).raise_for_status()
    spans = [span for span in answer.json()["spans"] if span["kind"] == "recorded"]
    return [(datetime.fromisoformat(span["from"]), datetime.fromisoformat(span["to"])) for span in spans]


def has_recorded(site: LocalSite, camera_id: str, seconds: float) -> bool:
    spans = recorded(site, camera_id)
    return bool(spans) and spans[-1][1] - spans[-1][0] >= timedelta(seconds=seconds)


def pictures(site: LocalSite, playlist_url: str) -> int:
    """How many a player gets."""
    lines = site.client.get(site.url + playlist_url).raise_for_status().text.splitlines()
    names = [line.split('"')[1] if line.startswith("#EXT-X-MAP") else line for line in lines]
    root = site.url + playlist_url.removesuffix("index.m3u8")
    wanted = [name for name in names if name.endswith((".mp4", ".m4s"))]
    data = b"".join(site.client.get(root + name).raise_for_status().content for name in wanted)
    with av.open(io.BytesIO(data), format="mp4") as container:
        return len(list(container.decode(video=0)))


@pytest.fixture
def recorded_site(
    make_site: Callable[..., LocalSite], tmp_path: Path, drawn: ClipCache
) -> Iterator[tuple[LocalSite, str]]:
    """A site that records a camera for ten seconds now, all in one file that is not whole."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0, walker_count=2))
    with VirtualCameraThread([VirtualCamera("gate", clip)]) as server:
        site = make_site(detector="motion")
        camera_id = site.call("POST", "/cameras", {"name": "Gate", "address": server.url("gate")})["id"]
        site.call("PUT", f"/cameras/{camera_id}/recording", {"mode": "continuous"})
        site.call("POST", "/purposes", {"key": "incident", "reference": "17", "camera_ids": [camera_id]})
        wait_for(lambda: has_recorded(site, camera_id, 10.0 - NEWEST_S))
        assert list(tmp_path.rglob("recordings/*/*/*/*.mp4")) == []
        yield site, camera_id


def test_the_last_seconds_are_played_and_outlive_the_node(recorded_site: tuple[LocalSite, str], tmp_path: Path) -> None:
    """Three seconds back there is a picture; a killed node costs no error, and the same playback goes on after it."""
    site, camera_id = recorded_site
    now = datetime.now(UTC)
    assert now - recorded(site, camera_id)[-1][1] < timedelta(seconds=NEWEST_S)
    at = (now - timedelta(seconds=NEWEST_S)).isoformat()
    picture = site.client.get(f"/cameras/{camera_id}/recordings/snapshot.jpg", params={"at": at})
    assert picture.raise_for_status().content.startswith(b"\xff\xd8\xff")
    span = {"from": (now - timedelta(seconds=6)).isoformat(), "to": now.isoformat()}
    url = site.call("POST", f"/cameras/{camera_id}/playback", span)["playlist_url"]
    shown = pictures(site, url)
    assert shown >= 3 * 10

    node = next(p for p in psutil.Process(site.pid).children() if "vms_api.node" in " ".join(p.cmdline()))
    os.kill(node.pid, signal.SIGKILL)
    recorded(site, camera_id)
    site.call("POST", f"/cameras/{camera_id}/playback", {**span, "speed_class": "keyframes"})
    wait_for(lambda: list(tmp_path.rglob("recordings/*/*/*/*.mp4")) and len(recorded(site, camera_id)) == 2)
    assert recorded(site, camera_id)[0][1] > now - timedelta(seconds=NEWEST_S)
    assert pictures(site, url) == shown


@pytest.mark.browser
def test_the_page_plays_what_was_seen_a_moment_ago(chromium: str, recorded_site: tuple[LocalSite, str]) -> None:
    """It shows a moving picture of five seconds ago, and goes on past what was recorded when it was opened."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built (make setup)")
    site, camera_id = recorded_site
    with browser("en") as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(site.login_link())
        page.wait_for_url("**/wall")
        opened = datetime.now(UTC)
        at = (opened - timedelta(seconds=5)).isoformat().replace("+00:00", "Z")
        page.goto(f"{site.url}/playback?cameras={camera_id}&at={at}")
        width = "() => document.querySelector('video')?.videoWidth ?? 0"
        wait_for(lambda: page.evaluate(width) > 0, 10)
        moment = "() => document.querySelector('[data-moment]').dateTime"
        wait_for(lambda: datetime.fromisoformat(page.evaluate(moment)) > opened, 20)
        wait_for(lambda: page.evaluate(width) > 0, 5)  # it may open the next stretch just now
        assert errors == []
