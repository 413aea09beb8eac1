"""Headless Chromium for benchmarks and end-to-end tests: Debian's own, driven by Playwright."""

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from vms_api.demo.site import LocalSite

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
)
"""Nothing but the site is asked for anything, and WebRTC may use the loopback interface."""


def chromium_path() -> str | None:
    """Where Chromium is, None where it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextlib.contextmanager
def browser(locale: str = "zh-CN", width: int = 1366, height: int = 768) -> Iterator[BrowserContext]:
    """A browser context; everything is gone when the block ends."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), headless=True, args=list(FLAGS))
        try:
            yield chromium.new_context(locale=locale, viewport={"width": width, "height": height})
        finally:
            chromium.close()


WITHOUT_PICTURES = "/me"
"""A page that opens no view of its own, for those who count what they open."""


def log_in(context: BrowserContext, site: LocalSite, path: str = "") -> Page:
    """A page of the site, logged in as the site's client is."""
    cookies = [{"name": c.name, "value": c.value or "", "url": site.url} for c in site.client.cookies.jar]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site.url + path)
    return page


JOIN = """
async ([cameraId, stream]) => {
  const peer = new RTCPeerConnection({iceServers: []});
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true; video.playsInline = true;
  document.body.appendChild(video);
  peer.addTransceiver('video', {direction: 'recvonly'});
  peer.ontrack = event => { video.srcObject = event.streams[0] ?? new MediaStream([event.track]); };
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise(resolve => {
    if (peer.iceGatheringState === 'complete') return resolve();
    peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve());
    setTimeout(resolve, 150);
  });
  const frame = new Promise((resolve, reject) => {
    video.requestVideoFrameCallback(resolve);
    setTimeout(() => reject(new Error('no picture within 15 s')), 15000);
  });
  const asked = performance.now();
  const answer = await fetch(`/api/v1/cameras/${cameraId}/whep?stream=${stream}`, {
    method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: peer.localDescription.sdp});
  if (answer.status !== 201) throw new Error(`whep: ${answer.status} ${await answer.text()}`);
  const answered = performance.now();
  const sdp = await answer.text();
  const addresses = [...sdp.matchAll(/^a=candidate:(?:\\S+ ){4}(\\S+)/gm)].map(found => found[1]);
  let shown, size;
  try {
    await peer.setRemoteDescription({type: 'answer', sdp});
    await frame;
    shown = performance.now();
    size = [video.videoWidth, video.videoHeight];
  } finally {
    await fetch(answer.headers.get('Location'), {method: 'DELETE'});
    peer.close(); video.remove();
  }
  return {answer_ms: answered - asked, picture_ms: shown - asked, size, addresses};
}
"""
"""A WHEP client of a few lines: milliseconds from the POST to the answer and to the first decoded frame.

With them come the picture's size and the addresses that the node has told."""


def join(page: Page, camera_id: str, stream: str = "main") -> dict[str, Any]:
    """Opens one view, waits for its first decoded frame and closes it."""
    result: dict[str, Any] = page.evaluate(JOIN, [camera_id, stream])
    return result
