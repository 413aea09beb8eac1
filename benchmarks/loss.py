"""loss: how a live view in Chromium takes a line that loses and delays: freezes, repairs, longest still picture."""

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.browser import WITHOUT_PICTURES, browser, log_in
from benchmarks.lossy_line import LossyLine, Weather, node_address, redirected
from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

WEATHERS = {
    "clean": Weather(0.0, 0.0),
    "1 % loss": Weather(0.01, 0.0),
    "5 % loss": Weather(0.05, 0.0),
    "30 ms jitter": Weather(0.0, 0.030),
    "1 % loss and 30 ms jitter": Weather(0.01, 0.030),
}
WATCHED_S = 20.0
RECOVERED_MS = 1000.0
SCENE = Scene(width=960, height=540, frame_rate=25, gop_s=2.0, duration_s=20.0)
SITE = '[live]\nhost_addresses = ["127.0.0.1"]\n'

WATCH = """
async ([cameraId, seconds]) => {
  const peer = new RTCPeerConnection({iceServers: []});
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true; video.playsInline = true;
  document.body.appendChild(video);
  peer.addTransceiver('video', {direction: 'recvonly'});
  peer.ontrack = event => { video.srcObject = new MediaStream([event.track]); };
  await peer.setLocalDescription(await peer.createOffer());
  const offer = peer.localDescription.sdp.replace(/a=candidate:.*\\r\\n/g, '');
  const answer = await fetch(`/api/v1/cameras/${cameraId}/whep`, {
    method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: offer});
  if (answer.status !== 201) throw new Error(`whep: ${answer.status} ${await answer.text()}`);
  const asked = performance.now();
  await peer.setRemoteDescription({type: 'answer', sdp: await window.throughTheLine(await answer.text())});
  const shown = [];
  const note = (now) => { shown.push(now); video.requestVideoFrameCallback(note); };
  await new Promise((resolve, reject) => {
    video.requestVideoFrameCallback(now => { note(now); resolve(); });
    setTimeout(() => reject(new Error('no picture within 20 s')), 20000);
  });
  const firstMs = performance.now() - asked;
  await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  const report = [...(await peer.getStats()).values()].find(one => one.type === 'inbound-rtp' && one.kind === 'video');
  const gaps = shown.slice(1).map((at, place) => at - shown[place]);
  await fetch(answer.headers.get('Location'), {method: 'DELETE'});
  peer.close(); video.remove();
  return {...report, gaps, firstMs};
}
"""
"""A view through the line: the node is told no address of the browser, the browser only that of the line."""


def measure() -> Report:
    """One view after the other of one camera, in each weather."""
    clip = ClipCache(default_cache_folder()).play_scene(SCENE)
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread([VirtualCamera("gate", clip)]) as server,
        LocalSite(SitePlan(Path(folder), detector="motion", more=SITE)) as site,
        browser() as context,
    ):
        body = {"name": "gate", "address": server.url("gate"), "analysed": False}
        camera = str(site.call("POST", "/cameras", body)["id"])
        site.wait_live([camera])
        for seed, (name, weather) in enumerate(WEATHERS.items()):
            page = log_in(context, site, WITHOUT_PICTURES)
            figures += _watched(page, camera, name, weather, seed)
            page.close()
    return Report(
        "loss",
        figures,
        [
            f"{WATCHED_S:.0f} s each of {SCENE.width}x{SCENE.height} at {SCENE.frame_rate} fps, GOP {SCENE.gop_s:g} s",
            "a relay on 127.0.0.1 loses and holds back datagrams of both directions, handshake included",
            "delays are uniform between nothing and the jitter, so packets overtake each other",
            "a freeze is what Chromium counts as one: a gap of 3 mean frame times, or 150 ms more than the mean",
        ],
    )


def _watched(page: Page, camera: str, name: str, weather: Weather, seed: int) -> list[Figure]:
    with contextlib.ExitStack() as stack:
        lines: list[LossyLine] = []

        def through_the_line(answer: str) -> str:
            line = stack.enter_context(LossyLine(node_address(answer), weather, seed))
            lines.append(line)
            return redirected(answer, line.port)

        page.expose_function("throughTheLine", through_the_line)
        told: dict[str, Any] = page.evaluate(WATCH, [camera, WATCHED_S])
    lost = told.get("packetsLost", 0)
    return [
        Figure(f"{name}: longest time without a new picture", max(told["gaps"]), "ms", RECOVERED_MS),
        Figure(f"{name}: between pictures, p95", percentile(told["gaps"], 0.95), "ms"),
        Figure(f"{name}: freezes", told.get("freezeCount", 0) * 60 / WATCHED_S, "a minute"),
        Figure(f"{name}: datagrams lost on the line", lines[0].lost_count, "datagrams"),
        Figure(f"{name}: packets asked for again", told.get("nackCount", 0), "NACKs"),
        Figure(f"{name}: packets recovered", told.get("retransmittedPacketsReceived", 0), "packets"),
        Figure(f"{name}: packets missed at first", max(0, lost), "packets"),
        Figure(f"{name}: key frames asked for", told.get("pliCount", 0), "PLIs"),
        Figure(f"{name}: first picture", told["firstMs"], "ms"),
    ]
