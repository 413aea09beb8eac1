"""overview-map: the map of the overview in Chromium, panned by a hand on the mouse with ten thousand cameras on it."""

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from playwright.sync_api import Page

from benchmarks.browser import browser
from benchmarks.report import Figure, Report, percentile

CAMERAS = 10_000
FRAMES_PER_S, SERVER_LIMIT_MS = 30.0, 1000.0
PAN_S = 6.0
STEP_S = 0.002
NEARER = 4
"""Presses of the plus sign from the whole site to streets: a group of thousands parts into hundreds of marks."""
PASSWORD = "a password of the benchmark"  # noqa: S105 - of a site that lives for a minute

WATCH = """
() => {
  const seen = {frames: [], moved: 0};
  const canvas = document.querySelector('canvas.clusters');
  let last = null, place = null;
  const frame = (now) => {
    if (window.__watch !== seen) return;
    if (last !== null) seen.frames.push(now - last);
    last = now;
    const drawn = canvas.style.transform;
    if (drawn !== place) seen.moved += 1;
    place = drawn;
    requestAnimationFrame(frame);
  };
  window.__watch = seen;
  requestAnimationFrame(frame);
}
"""
"""From here on: the time between frames of requestAnimationFrame, and in how many of them the map had moved on."""
TAKE = "() => { const seen = window.__watch; window.__watch = null; return seen; }"
SERVED = """
async () => {
  const times = [];
  let size = 0;
  for (let turn = 0; turn < 5; turn += 1) {
    const began = performance.now();
    size = (await (await fetch('/api/v1/map/cameras', {cache: 'no-store'})).text()).length;
    times.push(performance.now() - began);
  }
  return {times, size};
}
"""


def measure() -> Report:
    """Pans from afar, where all are in groups, and from near, where hundreds stand alone."""
    with tempfile.TemporaryDirectory() as folder, _site(Path(folder)) as url, browser() as context:
        page = context.new_page()
        page.request.post(f"{url}/api/v1/login", data={"username": "admin", "password": PASSWORD}, timeout=120_000)
        page.goto(f"{url}/overview")
        page.wait_for_selector(f".map[data-cameras='{CAMERAS}']", timeout=60_000)
        page.wait_for_timeout(2000)
        served = page.evaluate(SERVED)
        far = _panned(page)
        for _ in range(NEARER):
            page.click(".leaflet-control-zoom-in")
            page.wait_for_timeout(200)
        near = _panned(page)
    return Report(
        "overview-map",
        [
            Figure("mean time between frames that moved, all in groups", _mean_ms(far), "ms", 1000 / FRAMES_PER_S),
            Figure("mean time between frames that moved, among streets", _mean_ms(near), "ms", 1000 / FRAMES_PER_S),
            Figure("frames that moved, all in groups", 1000 / _mean_ms(far), "1/s"),
            Figure("frames that moved, among streets", 1000 / _mean_ms(near), "1/s"),
            Figure("time between any frames, p99", percentile([*far["frames"], *near["frames"]], 0.99), "ms"),
            Figure("answer of /map/cameras, longest of five", max(served["times"]), "ms", SERVER_LIMIT_MS),
            Figure("size of /map/cameras", served["size"] / 1e6, "MB"),
        ],
        [
            f"{CAMERAS} cameras in 60 villages, one in ten at fault; twice {PAN_S:g} s of dragging by mouse events",
            "frames of requestAnimationFrame while the button is down; those count that show the map elsewhere",
            "control process and Chromium (no GPU, software canvas, 1366x768) share the cores",
        ],
    )


def _panned(page: Page) -> dict[str, Any]:
    """Drags to and fro, as a hand does that looks for a place."""
    box = page.locator(".map").bounding_box()
    assert box is not None  # noqa: S101 - the map was waited for
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.evaluate(WATCH)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < PAN_S:
        swing = abs((passed % 2.0) - 1.0) - 0.5
        page.mouse.move(middle[0] + swing * box["width"] * 0.6, middle[1] + swing * box["height"] * 0.4)
        time.sleep(STEP_S)
    seen: dict[str, Any] = page.evaluate(TAKE)
    page.mouse.up()
    return seen


def _mean_ms(seen: dict[str, Any]) -> float:
    """A map that is not drawn is quick, and no map: what has not moved does not count."""
    moved: int = seen["moved"]
    return sum(seen["frames"]) / moved if moved else math.nan


@contextmanager
def _site(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.overview_map_child", str(folder / "data")]
    environ = os.environ | {"XUELIANG_ADMIN_PASSWORD": PASSWORD}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as child:
        try:
            yield _address(cast("IO[str]", child.stdout))
        finally:
            cast("IO[str]", child.stdin).close()
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()


def _address(output: IO[str]) -> str:
    while line := output.readline():
        if line.startswith("http"):
            return line.strip()
    raise RuntimeError("the control process ended")
