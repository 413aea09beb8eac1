"""patrol-stop: from the key that judges a stop of a patrol to a new frame of the next stop, in Chromium."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import browser, log_in
from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.database import Database
from vms_api.database_place import DATABASE_FILE
from vms_api.demo.site import LocalSite, SitePlan
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_store import add_due

CHANGES = 20
CAMERAS = 4
DWELL_S = 2.0
LIMIT_MS = 300.0
SCENE = Scene(width=1280, height=720, frame_rate=15, gop_s=4.0, duration_s=20.0)
_READY_MS = 20_000

_WATCH = """
() => {
  const shown = () => document.querySelector('[data-shown=true]');
  const before = shown().dataset.stop;
  window.change = new Promise(resolve => {
    let pressed = null;
    addEventListener('keydown', () => { pressed = performance.now() }, {once: true, capture: true});
    const look = () => {
      if (pressed === null || shown() === null || shown().dataset.stop === before) return requestAnimationFrame(look);
      const turned = performance.now() - pressed;
      shown().querySelector('video').requestVideoFrameCallback(
        () => resolve({turned_ms: turned, frame_ms: performance.now() - pressed}));
    };
    look();
  });
}
"""
"""Waits for the key, for the change of the stop on the screen, and for the first frame presented after it."""


def measure() -> Report:
    """One round over a few cameras, judged as soon as each stop was looked at for long enough."""
    clip = ClipCache(default_cache_folder()).play_scene(SCENE)
    names = [f"stop{number}" for number in range(CAMERAS)]
    cameras = [VirtualCamera(name, clip, start_s=2.0 * number) for number, name in enumerate(names)]
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread(cameras) as server,
        LocalSite(SitePlan(Path(folder), detector="motion")) as site,
    ):
        area_id = site.call("GET", "/areas")["items"][0]["id"]
        ids = [_added(site, area_id, name, server.url(name)) for name in names]
        site.wait_live(ids)
        round_id = asyncio.run(_due_now(Path(folder), _planned(site, area_id, ids)))
        changes = _walked(site, round_id)
    frames, turns = ([change[name] for change in changes] for name in ("frame_ms", "turned_ms"))
    picture = f"{SCENE.width}x{SCENE.height} at {SCENE.frame_rate} fps, key frame every {SCENE.gop_s:.0f} s"
    return Report(
        "patrol-stop",
        [
            Figure("key to a new frame of the next stop, p95", percentile(frames, 0.95), "ms", LIMIT_MS),
            Figure("key to a new frame of the next stop, p50", percentile(frames, 0.5), "ms"),
            Figure("key to the next stop on the screen, p95", percentile(turns, 0.95), "ms"),
        ],
        [
            f"{CHANGES} changes over {CAMERAS} cameras, {picture}; dwell {DWELL_S:.0f} s",
            "the time has in it that the server counts, judges and writes the stop down before the page goes on",
            "everything is on loopback and Chromium decodes in software on the same cores as the site",
        ],
    )


def _added(site: LocalSite, area_id: str, name: str, address: str) -> str:
    body = {"name": name, "address": address, "area_id": area_id, "analysed": False}
    camera_id: str = site.call("POST", "/cameras", body)["id"]
    return camera_id


def _planned(site: LocalSite, area_id: str, camera_ids: list[str]) -> dict[str, Any]:
    """A plan with as many stops as there are changes, and one more."""
    stops = [{"camera_id": camera_ids[at % len(camera_ids)], "dwell_s": DWELL_S} for at in range(CHANGES + 1)]
    schedule = {"windows": [{"days": [0], "starts": "08:00", "ends": "09:00"}]}
    body = {"area_id": area_id, "name": "patrol-stop", "stops": stops, "people": {"roster": True}, "schedule": schedule}
    made: dict[str, Any] = site.call("POST", "/patrol-plans", body)
    return made


async def _due_now(folder: Path, plan: dict[str, Any]) -> str:
    """A round of the plan that is due now, whatever the plan's hours are; its id.

    Written past the schedule: by the clock the benchmark would wait up to a minute for it, and a day where the plan was
    made a moment after the minute at which its one round was to be due.
    """
    database, now = await Database.open(folder / "data" / DATABASE_FILE), datetime.now(UTC)
    due = DueRound(plan["id"], 1, plan["name"], plan["area_id"], now, now + timedelta(hours=1), len(plan["stops"]))
    async with database.write() as transaction:
        round_id = await add_due(transaction, due)
    await database.close()
    if round_id is None:
        raise RuntimeError("a round of the plan is due already")
    return round_id


def _walked(site: LocalSite, round_id: str) -> list[dict[str, float]]:
    with browser() as context:
        page = log_in(context, site)
        page.goto(f"{site.url}/patrol/rounds/{round_id}")
        page.locator("[data-act=take]").click()
        return [_changed(page) for _ in range(CHANGES)]


def _changed(page: Page) -> dict[str, float]:
    """One change: milliseconds from the key to the next stop on the screen, and to a frame of it."""
    page.locator("[data-shown=true] [data-player=playing]").wait_for(timeout=_READY_MS)
    page.locator("[data-needed='0']").wait_for(timeout=_READY_MS)
    page.evaluate(_WATCH)
    page.keyboard.press("1")
    change: dict[str, float] = page.evaluate("() => window.change")
    return change
