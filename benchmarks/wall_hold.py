"""wall-hold: sixteen tiles for ten minutes; no picture may freeze, and the node may not grow."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page

from benchmarks.browser import WITHOUT_PICTURES, browser, log_in
from benchmarks.report import Figure, Report
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

MINUTES = float(os.environ.get("XUELIANG_WALL_MINUTES", "10"))
CAMERAS, TILES = 4, 16
SETTLED_S = 20.0
GROWTH_MIB = 8.0
"""Between the first third and the last; the allocator's arenas breathe by a few."""
SCENE = Scene(width=640, height=360, frame_rate=15, gop_s=2.0, duration_s=20.0)
_SAMPLE_S = 10.0

OPEN = """
async (cameras) => {
  const tile = async (camera) => {
    const peer = new RTCPeerConnection({iceServers: []});
    const video = document.createElement('video');
    video.muted = true; video.autoplay = true; video.playsInline = true; video.width = 160;
    document.body.appendChild(video);
    peer.addTransceiver('video', {direction: 'recvonly'});
    peer.ontrack = event => { video.srcObject = new MediaStream([event.track]); };
    await peer.setLocalDescription(await peer.createOffer());
    await new Promise(resolve => setTimeout(resolve, 150));
    const answer = await fetch(`/api/v1/cameras/${camera}/whep`, {
      method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: peer.localDescription.sdp});
    if (answer.status !== 201) throw new Error(`whep: ${answer.status} ${await answer.text()}`);
    await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
    return peer;
  };
  window.tiles = await Promise.all(cameras.map(tile));
}
"""

COUNT = """
async () => Promise.all(window.tiles.map(async peer => {
  const told = {};
  (await peer.getStats()).forEach(one => { if (one.type === 'inbound-rtp') Object.assign(told, one); });
  return {frozen: told.freezeCount ?? 0, frozen_s: told.totalFreezesDuration ?? 0,
    shown: told.framesDecoded ?? 0, lost: told.packetsLost ?? 0};
}))
"""


def measure() -> Report:
    """Chromium counts the freezes of each tile; the node is looked at from outside."""
    clip = ClipCache(default_cache_folder()).play_scene(SCENE)
    cameras = [VirtualCamera(f"tile-{index}", clip, start_s=2.5 * index) for index in range(CAMERAS)]
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread(cameras) as server,
        LocalSite(SitePlan(Path(folder), detector="motion")) as site,
        browser() as context,
    ):
        ids = [_add(site, server.url(camera.name)) for camera in cameras]
        site.wait_live(ids)
        page = log_in(context, site, WITHOUT_PICTURES)
        page.evaluate(OPEN, [ids[place % CAMERAS] for place in range(TILES)])
        time.sleep(SETTLED_S)
        before, memory = _counts(page), _memory(site)
        after = _counts(page)
    return _report(before, after, memory)


def _add(site: LocalSite, address: str) -> str:
    return str(site.call("POST", "/cameras", {"name": address, "address": address, "analysed": False})["id"])


def _counts(page: Page) -> list[dict[str, Any]]:
    counted: list[dict[str, Any]] = page.evaluate(COUNT)
    return counted


def _memory(site: LocalSite) -> list[float]:
    """The node's resident memory, MiB, every few seconds for as long as the wall is held."""
    node = next(p for p in psutil.Process(site.pid).children() if "vms_api.node" in " ".join(p.cmdline()))
    samples, ends_s = [], time.monotonic() + 60 * MINUTES
    while time.monotonic() < ends_s:
        samples.append(node.memory_info().rss / 2**20)
        time.sleep(_SAMPLE_S)
    return samples


def _report(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]], memory: Sequence[float]) -> Report:
    def grown(name: str) -> list[float]:
        return [late[name] - early[name] for early, late in zip(before, after, strict=True)]

    third = max(1, len(memory) // 3)
    growth = sum(memory[-third:]) / third - sum(memory[:third]) / third
    expected = 60 * MINUTES * SCENE.frame_rate
    return Report(
        "wall-hold",
        [
            Figure(f"freezes of {TILES} tiles", sum(grown("frozen")), "freezes", 0),
            Figure("time frozen", sum(grown("frozen_s")), "s"),
            Figure("pictures not shown, worst tile", 100 * (1 - min(grown("shown")) / expected), "%", 1.0),
            Figure("packets lost", sum(grown("lost")), "packets"),
            Figure("growth of the node", growth, "MiB", GROWTH_MIB),
            Figure("memory of the node", memory[-1], "MiB"),
        ],
        [
            f"{TILES} tiles of {CAMERAS} cameras, {SCENE.width}x{SCENE.height} at {SCENE.frame_rate} fps",
            f"{MINUTES:g} minutes (XUELIANG_WALL_MINUTES)",
            "a freeze is what Chromium counts as one (freezeCount, W3C webrtc-stats)",
            "everything is on loopback and Chromium decodes in software on the same cores as the site",
        ],
    )
