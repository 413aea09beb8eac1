"""desk-page: the alert desk in Chromium with 10,000 open alerts while 50 more come in each second."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from playwright.sync_api import Browser, BrowserContext, Page

from benchmarks.browser import browser
from benchmarks.report import Figure, Report, percentile

OPEN = 10_000
PER_SECOND, STILL_S, BUSY_S = 50, 12.0, 12.0
FRAME_LIMIT_MS, SLIP_LIMIT_PX, SHIFT_LIMIT, KEY_LIMIT_MS = 100.0, 0.0, 0.01, 200.0
KEY_EVERY_MS = 300
PASSWORD = "a password of the benchmark"  # noqa: S105 - of a site that lives for a minute

WATCH = """
() => {
  const seen = {frames: [], shift: 0, slip: 0};
  const top = () => document.querySelector('.queue [aria-current=true]')?.getBoundingClientRect().top ?? null;
  let last = performance.now(), held = top();
  const frame = (now) => {
    if (window.__watch !== seen) return;
    seen.frames.push(now - last);
    last = now;
    const place = top();
    if (held !== null && place !== null) seen.slip = Math.max(seen.slip, Math.abs(place - held));
    requestAnimationFrame(frame);
  };
  const shifts = new PerformanceObserver(list => list.getEntries().forEach(entry => { seen.shift += entry.value; }));
  shifts.observe({type: 'layout-shift'});
  window.__watch = seen;
  requestAnimationFrame(now => { last = now; requestAnimationFrame(frame); });
}
"""
"""From here on: the time between frames, how much moved, how far the card in hand moved."""
TAKE = "() => { const seen = window.__watch; window.__watch = null; return seen; }"

KEYS = """
async ([everyMs, forS]) => {
  const until = performance.now() + forS * 1000, delays = [];
  const id = () => document.querySelector('.queue [aria-current=true]')?.dataset.alertId;
  for (let turn = 0; performance.now() < until; turn += 1) {
    const before = id(), pressed = performance.now();
    document.body.dispatchEvent(new KeyboardEvent('keydown', {key: turn % 8 < 6 ? 'j' : 'k', bubbles: true}));
    while (id() === before && performance.now() - pressed < 2000) await new Promise(requestAnimationFrame);
    delays.push(performance.now() - pressed);
    await new Promise(done => setTimeout(done, everyMs));
  }
  return delays;
}
"""
"""Walks up and down the queue: milliseconds from each key to the frame that shows the next card as chosen."""

LOAD_ALL = """
async (wanted) => {
  const list = document.querySelector('.queue .list'), until = performance.now() + 120000;
  const count = () => Number(document.querySelector('.queue [aria-setsize]')?.getAttribute('aria-setsize') ?? 0);
  while (count() < wanted && performance.now() < until) {
    list.scrollTop = list.scrollHeight;
    await new Promise(requestAnimationFrame);
  }
  list.scrollTop = 0;
  return count();
}
"""


class Desk:
    """The child, obeying one line at a time."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child
        self._answers, self._orders = cast("IO[str]", child.stdout), cast("IO[str]", child.stdin)
        self.url = self._heard()

    def order(self, line: str) -> None:
        """Begins something; `wait` returns when it is done."""
        self._orders.write(f"{line}\n")
        self._orders.flush()

    def wait(self) -> None:
        """Until the order before was carried out."""
        self._heard()

    def _heard(self) -> str:
        while line := self._answers.readline():
            if line.startswith(("http", "done")):
                return line.strip()
        raise RuntimeError(f"the control process ended with {self._child.wait()}")


def measure() -> Report:
    """Fills the desk, then watches the page in a storm: with a card in hand, and with the keys at work."""
    with tempfile.TemporaryDirectory() as folder, _desk(Path(folder)) as desk, browser() as context:
        desk.order(f"fill {OPEN}")
        desk.wait()
        page = _entered(context, desk)
        loaded = page.evaluate(LOAD_ALL, OPEN)
        for _ in range(3):
            page.keyboard.press("j")
        still = _watched(page, desk, STILL_S, None)
        busy = _watched(page, desk, BUSY_S, KEY_EVERY_MS)
    frames, tasks = still["frames"] + busy["frames"], still["tasks"] + busy["tasks"]
    return Report(
        "desk-page",
        [
            Figure("open alerts that the page has not loaded", OPEN - loaded, "alerts", 0),
            Figure("longest task of the page, processor time", percentile(tasks, 1.0), "ms", FRAME_LIMIT_MS),
            Figure("time between frames, p99", percentile(frames, 0.99), "ms", FRAME_LIMIT_MS),
            Figure("time between frames, longest", max(frames), "ms"),
            Figure("how far the card in hand slipped", still["slip"], "px", SLIP_LIMIT_PX),
            Figure("layout shift with the card in hand", still["shift"], "", SHIFT_LIMIT),
            Figure("key to the next card, p95", percentile(busy["keys"], 0.95), "ms", KEY_LIMIT_MS),
            Figure("frames", len(frames) / (STILL_S + BUSY_S), "1/s"),
        ],
        [
            f"{OPEN} open alerts in the list, {PER_SECOND} more each second for {STILL_S:g} s and {BUSY_S:g} s",
            "four of five are incidents of their own, the others repeats; each has a picture of 640x360",
            f"the first time nobody touches anything, the second J or K goes every {KEY_EVERY_MS} ms",
            "control process and Chromium (no GPU) share the cores: what the machine is late with shows between frames",
        ],
    )


def _watched(page: Page, desk: Desk, seconds: float, key_every_ms: int | None) -> dict[str, Any]:
    desk.order(f"storm {PER_SECOND} {seconds}")
    page.wait_for_timeout(500)
    page.evaluate(WATCH)
    tracing = cast("Browser", page.context.browser)
    tracing.start_tracing(page=page, categories=["disabled-by-default-devtools.timeline", "toplevel"])
    keys: list[float] = []
    if key_every_ms is None:
        page.wait_for_timeout((seconds - 1) * 1000)
    else:
        keys = page.evaluate(KEYS, [key_every_ms, seconds - 1])
    seen: dict[str, Any] = page.evaluate(TAKE)
    tasks = _tasks_ms(tracing.stop_tracing())
    desk.wait()
    return seen | {"keys": keys, "tasks": tasks}


def _tasks_ms(trace: bytes) -> list[float]:
    """Processor time of each task of the pages' main threads: that they had to wait for a core is not theirs."""
    events = json.loads(trace)["traceEvents"]
    mains = {(one["pid"], one["tid"]) for one in events if one.get("args", {}).get("name") == "CrRendererMain"}
    return [one["tdur"] / 1000 for one in events if (one["pid"], one["tid"]) in mains and "tdur" in one]


def _entered(context: BrowserContext, desk: Desk) -> Page:
    page = context.new_page()
    page.request.post(f"{desk.url}/api/v1/login", data={"username": "admin", "password": PASSWORD})
    page.goto(f"{desk.url}/alerts")
    page.wait_for_selector(".queue [data-alert-id]")
    return page


@contextmanager
def _desk(folder: Path) -> Iterator[Desk]:
    command = [sys.executable, "-m", "benchmarks.desk_page_child", str(folder)]
    environ = os.environ | {"XUELIANG_ADMIN_PASSWORD": PASSWORD}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as child:
        try:
            yield Desk(child)
        finally:
            cast("IO[str]", child.stdin).close()
            _reap(child)


def _reap(child: "subprocess.Popen[str]", patience_s: float = 15.0) -> None:
    began = time.monotonic()
    while child.poll() is None and time.monotonic() - began < patience_s:
        time.sleep(0.1)
    child.kill()
