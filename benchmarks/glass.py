"""glass: from a picture's arrival at the node to its showing in Chromium, on each rung of live view."""

import tempfile
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from benchmarks.browser import browser, log_in
from benchmarks.glass_webrtc import by_webrtc
from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

SCENE = Scene(width=1280, height=720, frame_rate=25, gop_s=2.0, duration_s=20.0)
WATCHED_S, SETTLED_S = 20.0, 4.0
MSE_LIMIT_MS = 150.0

NO_WEBRTC = "RTCPeerConnection.prototype.setRemoteDescription = () => Promise.resolve();"
"""Nothing ever comes by WebRTC, as where a firewall lets no UDP through: the player has to find another way."""

WATCH = """
window.glass = {arrived: new Map(), delays: [], gaps: [], last: null};
window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', ({data}) => {
      const view = data instanceof ArrayBuffer ? new DataView(data) : null;
      if (view === null || view.byteLength < 32 || view.getUint32(4) !== 0x70726674) return;
      const seconds = view.getUint32(16) - 2208988800 + view.getUint32(20) / 2 ** 32;
      window.glass.arrived.set(view.getUint32(24) * 2 ** 32 + view.getUint32(28), seconds * 1000);
    });
  }
};
const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
  return ask.call(this, (now, frame) => {
    const arrived = window.glass.arrived.get(Math.round(frame.mediaTime * 90000));
    const shown = performance.timeOrigin + frame.expectedDisplayTime;
    if (arrived !== undefined) window.glass.delays.push(shown - arrived);
    if (window.glass.last !== null) window.glass.gaps.push(shown - window.glass.last);
    window.glass.last = shown;
    callback(now, frame);
  });
};
"""
"""Each fragment says when its picture arrived (`prft`), and the browser says when it showed which one."""


def measure() -> Report:
    """Watches one camera on the site's own wall."""
    clip = ClipCache(default_cache_folder()).play_scene(SCENE)
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread([VirtualCamera("glass", clip)]) as server,
        LocalSite(SitePlan(Path(folder), detector="motion")) as site,
        browser() as context,
    ):
        body = {"name": "glass", "address": server.url("glass"), "analysed": False}
        camera = str(site.call("POST", "/cameras", body)["id"])
        site.wait_live([camera])
        figures = [*by_webrtc(context, site, camera), *by_fragments(context, site)]
    return Report(
        "glass",
        figures,
        [
            f"{WATCHED_S:.0f} s of {SCENE.width}x{SCENE.height} at {SCENE.frame_rate} fps",
            "fragments as the wall page shows them, WebRTC by a view of a few lines on a page without others",
            "from the packet's arrival at the node to the display time that Chromium expects",
            "everything is on loopback and Chromium decodes in software on the same cores as the site",
        ],
    )


def by_fragments(context: BrowserContext, site: LocalSite) -> list[Figure]:
    """The MSE rung, taken because nothing comes by WebRTC."""
    context.add_init_script(NO_WEBRTC + WATCH)
    page = log_in(context, site)
    page.wait_for_selector('[data-rung="passed"]', timeout=20_000)
    time.sleep(SETTLED_S)
    page.evaluate("glass.delays = []; glass.gaps = []; glass.last = null")
    time.sleep(WATCHED_S)
    delays, gaps = _noted(page, "delays"), _noted(page, "gaps")
    return [
        Figure("MSE: node to display, p95", percentile(delays, 0.95), "ms", MSE_LIMIT_MS),
        Figure("MSE: node to display, p50", percentile(delays, 0.5), "ms"),
        Figure("MSE: pictures shown", len(delays) / (WATCHED_S * SCENE.frame_rate) * 100, "%"),
        Figure("MSE: longest time without a new picture", max(gaps), "ms"),
    ]


def _noted(page: Page, name: str) -> list[float]:
    return [float(value) for value in page.evaluate(f"glass.{name}")]
