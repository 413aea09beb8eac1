"""From a camera over the recorder's files to a player and to an evidence package: real processes, real RTSP."""

import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite
from vms_api.evidence.verification import verify

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
def recorded(make_site: Callable[..., LocalSite], drawn: ClipCache) -> Iterator[tuple[LocalSite, str, datetime]]:
    """A site with a camera of which at least one file is finished; its start."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0, walker_count=2))
    with VirtualCameraThread([VirtualCamera("gate", clip)]) as server:
        site = make_site(detector="motion")
        camera_id = site.call("POST", "/cameras", {"name": "Gate", "address": server.url("gate")})["id"]
        site.call("PUT", f"/cameras/{camera_id}/recording", {"mode": "continuous"})
        site.wait_live([camera_id])
        time.sleep(6)
        site.call("PUT", f"/cameras/{camera_id}/recording", {"mode": "off"})  # which finishes the file
        yield site, camera_id, wait_for(lambda: first_recorded(site, camera_id))


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
    return found


def first_recorded(site: LocalSite, camera_id: str) -> datetime | None:
    now = datetime.now(UTC)
    span = {"from": (now - timedelta(minutes=5)).isoformat(), "to": now.isoformat()}
    answer = site.client.get(f"/cameras/{camera_id}/recordings", params=span)
    answer.raise_for_status()
    found = [one["from"] for one in answer.json()["spans"] if one["kind"] == "recorded"]
    return datetime.fromisoformat(found[0]) if found else None


def test_what_the_recorder_wrote_is_played_and_exported(
    recorded: tuple[LocalSite, str, datetime], tmp_path: Path
) -> None:
    """A player decodes it, a picture of the past is shown, and a package leaves that verifies."""
    site, camera_id, start = recorded
    site.call("POST", "/purposes", {"key": "incident", "reference": "17", "camera_ids": [camera_id]})
    span = {"from": start.isoformat(), "to": (start + timedelta(seconds=4)).isoformat()}
    opened = site.call("POST", f"/cameras/{camera_id}/playback", span)
    root = site.url + opened["playlist_url"].removesuffix("index.m3u8")
    names = [
        line.split('"')[1] if line.startswith("#EXT-X-MAP") else line
        for line in site.client.get(f"{root}index.m3u8").text.splitlines()
        if line.startswith("#EXT-X-MAP") or line.endswith(".m4s")
    ]
    data = b"".join(site.client.get(root + name).raise_for_status().content for name in names)
    with av.open(io.BytesIO(data), format="mp4") as container:
        assert len(list(container.decode(video=0))) >= 4 * 10
    at = (start + timedelta(seconds=2)).isoformat()
    picture = site.client.get(f"/cameras/{camera_id}/recordings/snapshot.jpg", params={"at": at})
    assert picture.content.startswith(b"\xff\xd8\xff")
    path = exported(site, camera_id, span, tmp_path)
    verdict = verify(path)
    assert verdict.is_whole, verdict.finding
    assert verdict.manifest is not None
    (video,) = verdict.manifest.videos
    assert (video.shown_to - video.shown_from).total_seconds() == pytest.approx(4, abs=0.2)
    assert verdict.manifest.videos[0].sources[0].damaged is None


def exported(site: LocalSite, camera_id: str, span: dict[str, str], folder: Path) -> Path:
    """Asked for by one person, approved by another, fetched."""
    export_id = site.call("POST", "/exports", {"camera_ids": [camera_id], **span})["id"]
    user = site.call("POST", "/users", {"username": "li", "password": "three wet umbrellas"})
    area_id = site.call("GET", f"/cameras/{camera_id}")["area_id"]
    site.call("POST", "/grants", {"user_id": user["id"], "role": "supervisor", "area_id": area_id})
    with httpx.Client(base_url=f"{site.url}/api/v1", trust_env=False) as li:
        li.post("/login", json={"username": "li", "password": "three wet umbrellas"}).raise_for_status()
        new = {"present": "three wet umbrellas", "password": "three dry umbrellas"}
        li.post("/me/password", json=new).raise_for_status()
        li.post(f"/exports/{export_id}/approve", json={}).raise_for_status()
    wait_for(lambda: site.call("GET", f"/exports/{export_id}")["state"] == "READY")
    ticket = site.call("POST", f"/exports/{export_id}/download-ticket", {})
    path = folder / "package.zip"
    path.write_bytes(site.client.get(site.url + ticket["url"]).raise_for_status().content)
    assert site.call("GET", f"/exports/{export_id}")["state"] == "DOWNLOADED"
    return path
