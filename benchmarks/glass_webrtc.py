"""The WebRTC half of `bench glass`: from a picture's arrival at the node to its showing in Chromium."""

import time

from playwright.sync_api import BrowserContext

from benchmarks.browser import log_in
from benchmarks.report import Figure, percentile
from vms_api.demo.site import LocalSite

WATCHED_S, SETTLED_S = 20.0, 6.0
LIMIT_MS = 60.0

WATCH = """
async ([cameraId, settledS, watchedS]) => {
  const peer = new RTCPeerConnection({iceServers: []});
  const video = document.createElement('video');
  video.muted = true; video.autoplay = true; video.playsInline = true;
  document.body.appendChild(video);
  peer.addTransceiver('video', {direction: 'recvonly'});
  peer.ontrack = event => { video.srcObject = new MediaStream([event.track]); };
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise(resolve => setTimeout(resolve, 150));
  const answer = await fetch(`/api/v1/cameras/${cameraId}/whep`, {
    method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: peer.localDescription.sdp});
  if (answer.status !== 201) throw new Error(`whep: ${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  const wait = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  let noted = {arrival: [], receipt: [], gaps: []}, last = null;
  const note = (_, frame) => {
    if (frame.captureTime !== undefined) noted.arrival.push(frame.expectedDisplayTime - frame.captureTime);
    if (frame.receiveTime !== undefined) noted.receipt.push(frame.expectedDisplayTime - frame.receiveTime);
    if (last !== null) noted.gaps.push(frame.expectedDisplayTime - last);
    last = frame.expectedDisplayTime;
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  await wait(settledS);
  noted = {arrival: [], receipt: [], gaps: []};
  await wait(watchedS);
  const told = noted;
  await fetch(answer.headers.get('Location'), {method: 'DELETE'});
  peer.close(); video.remove();
  return told;
}
"""
"""`captureTime` is the node's: its sender reports say when each picture came, in Chromium's own clock."""


def by_webrtc(context: BrowserContext, site: LocalSite, camera_id: str) -> list[Figure]:
    """A view of a few lines, without the page's player."""
    page = log_in(context, site)
    began_s = time.monotonic()
    told: dict[str, list[float]] = page.evaluate(WATCH, [camera_id, SETTLED_S, WATCHED_S])
    page.close()
    took_s = time.monotonic() - began_s
    return [
        Figure("WebRTC: node to display, p95", percentile(told["arrival"], 0.95), "ms", LIMIT_MS),
        Figure("WebRTC: node to display, p50", percentile(told["arrival"], 0.5), "ms"),
        Figure("WebRTC: last packet to display, p95", percentile(told["receipt"], 0.95), "ms"),
        Figure("WebRTC: longest time without a new picture", max(told["gaps"], default=1000 * took_s), "ms"),
    ]
