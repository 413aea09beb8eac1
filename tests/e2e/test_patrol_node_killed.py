"""A media node that is killed in the middle of a round: the stop in hand waits, and the round goes on when it is back.

Nothing is counted for a picture that does not play, and what was judged before stands.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import browser
from tests.e2e.desk_site import DeskSite
from vms_api.accounts.permission import Role

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

DWELLS_S = (1, 5)
"""Of the stop that is judged before, and of the one in hand: nobody can be done with it when the node dies."""
LEAST_S = 1
"""So long the stop in hand was seen before the node dies."""
DONE = "Looked at long enough: give your verdict"
PATIENCE_MS = 40_000
WATCH_GAP = """() => {
  window.gap = { ms: 0, plays: true }
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    const plays = document.querySelector('[data-shown=true] [data-player=playing]') !== null
    if (!plays && !window.gap.plays) window.gap.ms += now - last
    window.gap.plays = plays
    last = now
  }, 50)
}"""
"""Adds up in the page for how long no picture plays: a quick node leaves a gap that asking from outside may miss."""


@pytest.fixture
def plan(desk_site: DeskSite) -> Iterator[dict[str, Any]]:
    """A plan along both cameras; it is gone after the test."""
    desk_site.add_person("ning", Role.PATROLLER, "township")
    route = zip(("township", "village"), DWELLS_S, strict=True)
    stops = [{"camera_id": desk_site.cameras[name], "dwell_s": dwell_s} for name, dwell_s in route]
    with desk_site.plan("Willow noon round", stops) as made:
        for camera_id in desk_site.cameras.values():
            _wait_live(desk_site, camera_id)
        yield made


def node_of_this_site() -> psutil.Process:
    """The media node, a child of the tests, in which the control process runs as a thread."""
    (node,) = (child for child in psutil.Process().children() if "vms_api.node" in " ".join(child.cmdline()))
    return node


def stops_of(site: DeskSite, round_id: str) -> list[dict[str, Any]]:
    """The stops as the server holds them."""
    return cast("list[dict[str, Any]]", site.call("GET", f"/patrol-rounds/{round_id}")["stops"])


def test_a_round_outlives_the_node_that_shows_it(desk_site: DeskSite, plan: dict[str, Any]) -> None:
    """Killed at the second stop: the first verdict stands, the gap is not counted, the page goes on by itself."""
    round_id = desk_site.due_now(plan)
    with browser() as context:
        chromium = cast("Browser", context.browser)
        page = desk_site.enter(chromium.new_context(locale="en", viewport={"width": 1366, "height": 768}), "ning")
        page.goto(f"{desk_site.url}/patrol/rounds/{round_id}")
        page.locator("[data-act=take]").click()
        _judged(page, desk_site, round_id, 0)
        seen = _seen_for_a_while(page, desk_site, round_id)
        node = node_of_this_site()
        outage_s = _outage(page, lambda: os.kill(node.pid, signal.SIGKILL))
        expect(page.locator("[data-task] h2")).to_contain_text("Camera of the village")
        _judged(page, desk_site, round_id, 1)
        expect(page.locator("[data-finish]")).to_be_visible(
            timeout=PATIENCE_MS
        )  # the page has heard of the verdict too
        page.keyboard.press("f")
        expect(page.get_by_role("heading", name="Completed")).to_be_visible(timeout=PATIENCE_MS)
    first, second = stops_of(desk_site, round_id)
    assert first == seen[0]
    assert (second["verdict"], second["unreachable"]) == ("normal", False)
    assert second["present_s"] >= DWELLS_S[1]
    assert second["attended_s"] - second["present_s"] >= outage_s
    assert node_of_this_site().pid != node.pid


def _wait_live(site: DeskSite, camera_id: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while site.call("GET", f"/cameras/{camera_id}/health")["state"] != "live":
        assert time.monotonic() < deadline_s, "the camera is not live"
        time.sleep(0.1)


def _judged(page: Page, site: DeskSite, round_id: str, index: int) -> None:
    """The stop in hand was looked at for long enough, and nothing is wrong there."""
    expect(page.locator("[data-presence]")).to_have_text(DONE, timeout=PATIENCE_MS)
    page.keyboard.press("1")
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while stops_of(site, round_id)[index]["verdict"] is None:
        assert time.monotonic() < deadline_s, "the verdict was not taken"
        page.wait_for_timeout(100)


def _seen_for_a_while(page: Page, site: DeskSite, round_id: str) -> list[dict[str, Any]]:
    """The stops once the second one is being looked at, and is not done with."""
    expect(page.locator("[data-task] h2")).to_contain_text("Camera of the village", timeout=PATIENCE_MS)
    expect(page.locator("[data-shown=true] [data-player=playing]")).to_be_visible(timeout=PATIENCE_MS)
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while (stops := stops_of(site, round_id))[1]["present_s"] < LEAST_S:
        assert time.monotonic() < deadline_s, "nothing was counted while the picture played"
        page.wait_for_timeout(100)
    return stops


def _outage(page: Page, kill: Callable[[], None]) -> float:
    """For how many seconds at least no picture played after that; it plays again."""
    page.evaluate(WATCH_GAP)
    kill()
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while not (gap := page.evaluate("window.gap"))["ms"] or not gap["plays"]:
        assert time.monotonic() < deadline_s, "the picture has not come back"
        page.wait_for_timeout(100)
    return float(gap["ms"]) / 1000
