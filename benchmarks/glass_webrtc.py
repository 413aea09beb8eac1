"""The WebRTC half of `bench glass`: from a picture's arrival at the node to its showing in Chromium."""

import time

from playwright.sync_api import BrowserContext

from benchmarks.browser import WITHOUT_PICTURES, log_in
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
  const taker = peer.addTransceiver('video', {direction: 'recvonly'});
  taker.receiver.jitterBufferTarget = 0;
  const isCaptureTime = ({uri}) => uri.endsWith('/abs-capture-time');
  const extensions = taker.getHeaderExtensionsToNegotiate();
  extensions.filter(isCaptureTime).forEach(one => { one.direction = 'sendrecv'; });
  taker.setHeaderExtensionsToNegotiate(extensions);
  peer.ontrack = event => { video.srcObject = new MediaStream([event.track]); };
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise(resolve => setTimeout(resolve, 150));
  const answer = await fetch(`/api/v1/cameras/${cameraId}/whep`, {
    method: 'POST', headers: {'Content-Type': 'application/sdp'}, body: peer.localDescription.sdp});
  if (answer.status !== 201) throw new Error(`whep: ${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()});
  const wait = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  const fresh = () => ({transit: [], receipt: [], gaps: []});
  let noted = fresh(), last = null;
  const note = (_, frame) => {
    const [source] = taker.receiver.getSynchronizationSources();
    if (source?.captureTimestamp && source.rtpTimestamp === frame.rtpTimestamp) {
      const arrived = source.captureTimestamp - 2208988800000;
      noted.transit.push(performance.timeOrigin + frame.expectedDisplayTime - arrived);
    }
    if (frame.receiveTime !== undefined) noted.receipt.push(frame.expectedDisplayTime - frame.receiveTime);
    if (last !== null) noted.gaps.push(frame.expectedDisplayTime - last);
    last = frame.expectedDisplayTime;
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
  await wait(settledS);
  noted = fresh();
  await wait(watchedS);
  const told = noted;
  await fetch(answer.headers.get('Location'), {method: 'DELETE'});
  peer.close(); video.remove();
  return told;
}
"""
"""Absolute capture time is asked for, which Chromium leaves out by itself; it counts milliseconds since 1900."""


def by_webrtc(context: BrowserContext, site: LocalSite, camera_id: str) -> list[Figure]:
    """A view of a few lines, without the page's player."""
    page = log_in(context, site, WITHOUT_PICTURES)
    began_s = time.monotonic()
    told: dict[str, list[float]] = page.evaluate(WATCH, [camera_id, SETTLED_S, WATCHED_S])
    page.close()
    took_s = time.monotonic() - began_s
    return [
        Figure("WebRTC: node to display, p95", percentile(told["transit"], 0.95), "ms", LIMIT_MS),
        Figure("WebRTC: node to display, p50", percentile(told["transit"], 0.5), "ms"),
        Figure("WebRTC: pictures whose times are known", len(told["transit"]) / len(told["receipt"]) * 100, "%"),
        Figure("WebRTC: last packet to display, p95", percentile(told["receipt"], 0.95), "ms"),
        Figure("WebRTC: longest time without a new picture", max(told["gaps"], default=1000 * took_s), "ms"),
    ]
