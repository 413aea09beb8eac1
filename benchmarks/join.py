"""join: from `POST whep` to the first decoded frame, whatever the camera's GOP; a wall at once; nothing left."""

import asyncio
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.audience import Theatre, Viewer, theatre
from benchmarks.browser import JOIN, WITHOUT_PICTURES, browser, join, log_in
from benchmarks.report import Figure, Report, percentile
from ingest.camera import StreamRole
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan
from vms_api.live.ice_addresses import offer_only

GOPS_S = (1.0, 2.0, 4.0, 10.0)
JOINS = 10
WALLS = {16: 2000.0, 64: 6000.0}
"""Tiles that are opened at once, and milliseconds until the last of them shows a picture."""
SITE = "[live]\nmax_views = 128\n"
"""The views of a wall that was just closed may not all be over when the next one is opened."""
CHURN = 1000
LIMIT_MS = 400.0
LEFT_LIMIT_MB = 8.0
"""16 KB a visit: the allocator's arenas breathe, a peer that stays takes some 500 KB."""
GONE_LIMIT_S = 30.0
SCENE = Scene(width=960, height=540, frame_rate=15, duration_s=20.0)
SUB_SCENE = Scene(width=640, height=360, frame_rate=15, duration_s=20.0)

NO_PICTURE_MS = 15_000.0
WALL = f"""async (cameras) => Promise.all(cameras.map(camera =>
  ({JOIN})([camera, 'sub']).catch(() => ({{picture_ms: {NO_PICTURE_MS}}}))))"""
"""Tiles as small as those of a wall take sub-streams; one without a picture in 15 s counts as that late."""


def measure() -> Report:
    """Chromium joins one camera of each GOP at random places, then all of a wall at once; then peers come and go."""
    figures = asyncio.run(_churn())
    cache = ClipCache(default_cache_folder())
    cameras = [_camera(cache, gop_s) for gop_s in GOPS_S]
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread(cameras) as server,
        LocalSite(SitePlan(Path(folder), detector="motion", more=SITE)) as site,
        browser() as context,
    ):
        ids = [_add(site, server, camera.name) for camera in cameras]
        site.wait_live(ids)
        time.sleep(max(GOPS_S))  # so that a whole group of pictures has passed
        page = log_in(context, site, WITHOUT_PICTURES)
        for camera, gop_s in zip(ids, GOPS_S, strict=True):
            times = _join_often(page, camera)
            name = f"first picture at GOP {gop_s:g} s"
            figures.insert(-4, Figure(f"{name}, p95", percentile(times, 0.95), "ms", LIMIT_MS))
            figures.insert(-4, Figure(f"{name}, p50", percentile(times, 0.5), "ms"))
        for tiles, limit_ms in WALLS.items():
            walls = [_wall(page, ids, tiles) for _ in range(3)]
            figures.insert(-4, Figure(f"wall of {tiles} tiles complete", percentile(walls, 0.5), "ms", limit_ms))
    return Report(
        "join",
        figures,
        [
            f"{JOINS} joins at random places of each GOP, {SCENE.width}x{SCENE.height} at {SCENE.frame_rate} fps",
            f"a wall is the median of 3, its tiles the sub-streams of {len(GOPS_S)} cameras, opened at once,",
            f"{SUB_SCENE.width}x{SUB_SCENE.height} at {SUB_SCENE.frame_rate} fps with the GOPs of the main streams",
            "everything is on loopback and Chromium decodes in software on the same cores as the site",
            f"{CHURN} aiortc peers joined and left one after another; figures are what the last half left behind",
            "a killed tab is a peer that sends nothing more, no alert and no DELETE",
        ],
    )


def _camera(cache: ClipCache, gop_s: float) -> VirtualCamera:
    main, sub = (cache.play_scene(replace(scene, gop_s=gop_s)) for scene in (SCENE, SUB_SCENE))
    return VirtualCamera(f"gop{gop_s:g}", main, sub)


def _add(site: LocalSite, server: VirtualCameraThread, name: str) -> str:
    addresses = {"address": server.url(name), "sub_address": server.url(name, StreamRole.SUB)}
    body = {"name": name, "analysed": False, **addresses}
    return str(site.call("POST", "/cameras", body)["id"])


def _join_often(page: Page, camera: str) -> list[float]:
    places, times = random.Random(2), []
    for _ in range(JOINS):
        time.sleep(places.uniform(0.2, 1.0))
        times.append(join(page, camera)["picture_ms"])
    return times


def _wall(page: Page, cameras: list[str], tiles: int) -> float:
    time.sleep(0.5)
    shown: list[dict[str, Any]] = page.evaluate(WALL, [cameras[place % len(cameras)] for place in range(tiles)])
    return float(max(tile["picture_ms"] for tile in shown))


async def _churn() -> list[Figure]:
    """Views, descriptors and memory that remain when everybody has left again."""
    offer_only(("127.0.0.1",))
    async with theatre("own") as house:
        before = {}
        for number in range(CHURN):
            viewer = Viewer()
            reply = await house.ask(offer=await viewer.offer())
            await viewer.connect(reply["view"], reply["answer"])
            if number % 2:
                await house.ask(close=viewer.view)
            await viewer.close()
            if number == CHURN // 2:
                await asyncio.sleep(1.0)
                before = await house.ask(count=True)
        await asyncio.sleep(1.0)
        after = await house.ask(count=True)
        gone_s = await _vanish(house)
    return [
        Figure("killed tab: its view is over after", gone_s, "s", GONE_LIMIT_S),
        Figure("views left", after["views"], "views", 0),
        Figure("descriptors left", after["descriptors"] - before["descriptors"], "descriptors", 0),
        Figure("memory left", (after["rss_kb"] - before["rss_kb"]) / 1024, "MB", LEFT_LIMIT_MB),
    ]


async def _vanish(house: Theatre) -> float:
    """Seconds from a peer's last word to the end of its view."""
    viewer = Viewer()
    reply = await house.ask(offer=await viewer.offer())
    await viewer.connect(reply["view"], reply["answer"])
    viewer.fall_silent()
    began_s = time.monotonic()
    while (await house.ask(count=True))["views"]:  # noqa: ASYNC110 - another process is asked
        await asyncio.sleep(0.2)
    gone_s = time.monotonic() - began_s
    await viewer.close()
    return gone_s
