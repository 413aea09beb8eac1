"""Nothing that is masked is ever seen: not by a viewer, not in a snapshot, not in evidence, whatever happens."""

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.mask_watch import Sight, poll_stills, watch
from benchmarks.masks import DRAWINGS, SCENE, STRIP, draw, run
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

FRAMES = 1500
"""Enough to see changes of masks, sizes and nodes; `xueliang bench masks` looks at 10,000."""


@pytest.fixture
def camera(drawn: ClipCache) -> Iterator[VirtualCameraThread]:
    """A square with black and white blocks along the top edge of the picture."""
    clip = drawn.play_scene(SCENE)
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path) -> Iterator[LocalSite]:
    """A running site; its log is beside its data."""
    folder = tmp_path / "site"
    folder.mkdir()
    with (
        (tmp_path / "site.log").open("w", encoding="utf-8") as log,
        LocalSite(SitePlan(folder, detector="motion", log=log)) as running,
    ):
        yield running


def look(site: LocalSite, camera_id: str, seconds: float) -> Sight:
    """What a viewer and somebody who takes snapshots see in that time."""
    sight = Sight()

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(site, camera_id, sight))
            group.create_task(poll_stills(site, camera_id, sight))
            await asyncio.sleep(seconds)
            sight.is_over = True

    asyncio.run(both())
    return sight


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Waits for another process."""
    due = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < due, "it did not happen in time"
        time.sleep(0.05)


def mask_version(site: LocalSite, camera_id: str) -> int | None:
    """The version that the node has in force."""
    version = site.call("GET", f"/cameras/{camera_id}/health")["mask_version"]
    return None if version is None else int(version)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_no_masked_picture_is_seen_in_any_trouble() -> None:
    """Masks change, the node is killed, the camera changes its size; all pictures of all viewers are looked at."""
    trouble = run(FRAMES, cameras=2, kill_every_s=10.0, limit_s=180.0)
    sight = trouble.sight
    assert sight.frames >= FRAMES
    assert (sight.exposed_frames, sight.exposed_stills) == (0, 0)
    assert sight.sizes == {(320, 180), (480, 270)}
    assert trouble.mask_changes >= 4
    assert trouble.node_kills >= 1
    assert sight.stills >= 10


@pytest.mark.slow
def test_masks_hold_for_those_who_look_already_and_lift_again(site: LocalSite, camera: VirtualCameraThread) -> None:
    """What is plainly seen without masks (so this test can fail) is gone with them, and back when they are lifted."""
    camera_id = site.call("POST", "/cameras", {"name": "square", "address": camera.url("square")})["id"]
    site.wait_live([camera_id])
    bare = look(site, camera_id, 4)
    assert bare.exposed_frames == bare.frames > 20
    assert bare.exposed_stills == bare.stills > 2

    async def change_while_watched() -> tuple[Sight, Sight]:
        before, after = Sight(), Sight()
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(site, camera_id, before))
            await asyncio.sleep(3)
            await asyncio.to_thread(draw, site, camera_id, [STRIP])
            await asyncio.to_thread(wait_for, lambda: mask_version(site, camera_id) == 1)
            seen = before.exposed_frames
            group.create_task(watch(site, camera_id, after))
            await asyncio.sleep(4)
            before.is_over = after.is_over = True
        assert before.exposed_frames == seen > 0
        return before, after

    before, after = asyncio.run(change_while_watched())
    assert before.connections == 2, "the view that ran was cut and came back"
    assert before.frames - before.exposed_frames > 20
    assert (after.exposed_frames, after.frames > 20) == (0, True)
    masked = look(site, camera_id, 3)
    assert (masked.exposed_stills, masked.stills > 2) == (0, True)
    draw(site, camera_id, [])
    wait_for(lambda: mask_version(site, camera_id) == 2)
    assert look(site, camera_id, 3).exposed_frames > 20


@pytest.mark.slow
def test_without_readable_masks_there_is_no_picture(
    site: LocalSite, camera: VirtualCameraThread, tmp_path: Path
) -> None:
    """The stream is live and says why nothing of it is shown: no view, no snapshot; drawing anew repairs it."""
    camera_id = site.call("POST", "/cameras", {"name": "square", "address": camera.url("square")})["id"]
    draw(site, camera_id, DRAWINGS[0])
    os.kill(site.pid, signal.SIGKILL)
    with closing(sqlite3.connect(tmp_path / "site/data/xueliang.db")) as connection:
        connection.execute("INSERT INTO mask_versions VALUES (?, 2, 'not masks', 0, 'somebody')", (camera_id,))
        connection.commit()
    site.restart()
    site.wait_live([camera_id])
    assert mask_version(site, camera_id) is None
    health = site.call("GET", f"/cameras/{camera_id}/health")
    assert health["streams"][0]["fault"]["code"] == "masks-unavailable"
    refused = site.client.get(f"/cameras/{camera_id}/snapshot.jpg")
    assert (refused.status_code, refused.json()["code"]) == (409, "masks-unavailable")
    sight = look(site, camera_id, 3)
    assert (sight.frames, sight.stills, sight.connections) == (0, 0, 0)
    assert site.call("GET", f"/cameras/{camera_id}/health")["analysis"]["analysed_count"] == 0
    assert draw(site, camera_id, DRAWINGS[0]) == 3
    wait_for(lambda: mask_version(site, camera_id) == 3)
    sight = look(site, camera_id, 4)
    assert (sight.exposed_frames, sight.frames > 20) == (0, True)
