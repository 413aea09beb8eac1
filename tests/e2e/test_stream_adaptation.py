"""A tile in real Chromium takes the stream that fits its size and its line, and none while nobody can see it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks.browser import browser, log_in
from benchmarks.lossy_line import LossyLine, Weather, node_address, redirected
from ingest.camera import StreamRole
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan
from vms_api.page import DIST

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not (DIST / "index.html").exists(), reason="the page is not built"),
]

MAIN = Scene(width=640, height=360, gop_s=1.0, duration_s=5.0)
SUB = Scene(width=320, height=180, gop_s=1.0, duration_s=5.0)
CLEAR, STORM = Weather(0.0, 0.0), Weather(0.25, 0.0)
PATIENCE_MS = 30_000

SOON = """
const later = window.setTimeout;
window.setTimeout = (act, ms, ...more) => later(act, ms === 60_000 ? 200 : ms, ...more);
"""
"""A tab that has been hidden for a minute has been so after a moment."""

HIDE = """
isHidden => {
  Object.defineProperty(document, 'visibilityState', {value: isHidden ? 'hidden' : 'visible', configurable: true});
  Object.defineProperty(document, 'hidden', {value: isHidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}
"""
"""What the browser tells its page when the tab goes to the back; headless Chromium keeps all tabs in front."""

SHOWS = "height => document.querySelector('article video')?.videoHeight === height"


@dataclass
class Lines:
    """Every WebRTC view of the page goes through a line of its own."""

    ends: contextlib.ExitStack
    opened: list[LossyLine] = field(default_factory=list)

    def lead(self, route: Route) -> None:
        """Keeps the browser's addresses from the node, and tells the browser only that of the line."""
        offer = str(route.request.post_data)
        hidden = "".join(line for line in offer.splitlines(keepends=True) if not line.startswith("a=candidate:"))
        answer = route.fetch(post_data=hidden)
        line = self.ends.enter_context(LossyLine(node_address(answer.text()), CLEAR, seed=len(self.opened)))
        self.opened.append(line)
        route.fulfill(response=answer, body=redirected(answer.text(), line.port))


@pytest.fixture(scope="module")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSite]:
    """One camera with a stream of 360 lines and one of 180."""
    folder = tmp_path_factory.mktemp("adaptation")
    cache = ClipCache(folder / "clips")
    camera = VirtualCamera("gate", cache.play_scene(MAIN), cache.play_scene(SUB))
    plan = SitePlan(folder, detector="motion", more='[live]\nhost_addresses = ["127.0.0.1"]\n')
    with VirtualCameraThread([camera]) as server, LocalSite(plan) as running:
        addresses = {"address": server.url("gate"), "sub_address": server.url("gate", StreamRole.SUB)}
        added = running.call("POST", "/cameras", {"name": "gate", "analysed": False, **addresses})
        running.wait_live([str(added["id"])])
        yield running


def divide(page: Page, tiles: int) -> None:
    page.locator(f".sizes button:text-is('{tiles}')").click()


def shows(page: Page, height: int) -> None:
    page.wait_for_function(SHOWS, arg=height, timeout=PATIENCE_MS)


def test_a_tile_takes_the_stream_of_its_size_and_none_unseen(site):
    """Alone the main stream, one of sixteen the sub-stream, one of four the main stream again; hidden, none."""
    with browser() as context:
        context.add_init_script(SOON)
        page = log_in(context, site)
        shows(page, 360)
        divide(page, 16)
        shows(page, 180)
        divide(page, 4)
        shows(page, 360)
        player = page.locator("article [data-player]").first
        expect(player).to_have_attribute("data-player", "playing", timeout=PATIENCE_MS)
        with page.expect_request(lambda request: request.method == "DELETE", timeout=PATIENCE_MS):
            page.evaluate(HIDE, True)
        expect(player).to_have_attribute("data-player", "idle")
        with page.expect_request(lambda request: request.method == "POST" and "whep" in request.url):
            page.evaluate(HIDE, False)
        expect(player).to_have_attribute("data-player", "playing", timeout=PATIENCE_MS)
        shows(page, 360)


def test_a_line_that_loses_much_carries_the_smaller_stream(site):
    """A quarter of all datagrams gone: within seconds the sub-stream is shown large, and the tile says so."""
    with browser(locale="en") as context, contextlib.ExitStack() as ends:
        lines = Lines(ends)
        context.route("**/whep?*", lines.lead)
        page = log_in(context, site)
        shows(page, 360)
        assert page.locator("article [data-rung]").get_attribute("data-rung") == "webrtc"
        lines.opened[-1].weather = STORM
        shows(page, 180)
        expect(page.locator("article [data-rung]")).not_to_have_class("rung plain", timeout=PATIENCE_MS)
        assert len(lines.opened) >= 2
        assert lines.opened[0].lost_count > 10
