"""Somebody else's WHEP players before our endpoint: two from npm in Chromium, and aiortc by HTTP with a token."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from playwright.sync_api import Page, Route

from benchmarks.browser import browser, chromium_path, log_in
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.third_party.packages import fetched_npm
from vms_api.demo.site import LocalSite, SitePlan
from vms_api.live.ice_addresses import offer_only

pytestmark = [pytest.mark.slow, pytest.mark.timeout(110)]

_LOOPBACK = '[live]\nhost_addresses = ["127.0.0.1"]\n'


@pytest.fixture(scope="module")
def watched(drawn: ClipCache, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalSite, str]]:
    """A site with a live camera, and the camera's id."""
    folder = tmp_path_factory.mktemp("whep")
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))
    (folder / "site").mkdir()
    with (
        VirtualCameraThread([VirtualCamera("gate", clip)]) as server,
        LocalSite(SitePlan(folder / "site", detector="motion", more=_LOOPBACK)) as site,
    ):
        body = {"name": "gate", "address": server.url("gate"), "analysed": False}
        camera = str(site.call("POST", "/cameras", body)["id"])
        site.wait_live([camera])
        yield site, camera


@pytest.fixture
def page(watched: tuple[LocalSite, str]) -> Iterator[Page]:
    """Logged in, on the site's own origin."""
    if chromium_path() is None:
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with browser() as context:
        page = log_in(context, watched[0])
        page.goto(f"{watched[0].url}/me")  # away from the wall, which has views of its own
        yield page


def serve(page: Page, name: str, script: str) -> None:
    """The site's page may load the script, and only from its own origin."""

    def answer(route: Route) -> None:
        route.fulfill(body=script, content_type="text/javascript")

    page.route(f"**/third-party/{name}", answer)


def commonjs(folder: Path, entry: str) -> str:
    """A package and all it requires as one script that leaves its exports in `window.thirdParty`."""
    sources: dict[str, str] = {}
    wanted = [entry]
    while wanted:
        name = wanted.pop()
        if name not in sources and (folder / name).is_dir():  # Node's own modules are not in a browser
            sources[name] = (folder / name / main_of(folder / name)).read_text(encoding="utf-8")
            wanted += re.findall(r'require\("([^"./][^"]*)"\)', sources[name])
    parts = ",".join(f"{json.dumps(name)}(module, exports, require) {{ {text}\n }}" for name, text in sources.items())
    return (
        f"const parts = {{{parts}}}; const loaded = {{}};"
        "const require = name => { if (!parts[name]) return {}; if (!loaded[name]) { loaded[name] = {exports: {}};"
        " parts[name](loaded[name], loaded[name].exports, require); } return loaded[name].exports; };"
        f"window.thirdParty = require({json.dumps(entry)});"
    )


def main_of(package: Path) -> str:
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    return str(told.get("main", "index.js"))


_SEEN = """
window.seen = (video, count) => new Promise((resolve, reject) => {
  let left = count;
  const look = () => { left -= 1; left ? video.requestVideoFrameCallback(look) : resolve(video.videoWidth); };
  video.requestVideoFrameCallback(look);
  setTimeout(() => reject(new Error('no picture')), 20000);
});
window.screen_ = () => {
  const video = document.createElement('video');
  video.muted = video.autoplay = video.playsInline = true;
  document.body.appendChild(video);
  return video;
};
"""

_WHIP_WHEP = """
async ([address]) => {
  const { WHEPClient } = await import('/third-party/whep.js');
  const peer = new RTCPeerConnection({iceServers: []});
  peer.addTransceiver('video', {direction: 'recvonly'});
  const video = window.screen_();
  peer.ontrack = event => { video.srcObject = new MediaStream([event.track]); };
  const client = new WHEPClient();
  await client.view(peer, address);
  const width = await window.seen(video, 3);
  const before = peer.remoteDescription.sdp.match(/a=ice-ufrag:(.*)/)[1];
  await client.restart();
  const after = peer.remoteDescription.sdp.match(/a=ice-ufrag:(.*)/)[1];
  const pair = async () => {
    const stats = [...(await peer.getStats()).values()];
    const transport = stats.find(one => one.type === 'transport');
    return stats.find(one => one.id === transport.selectedCandidatePairId);
  };
  const port = async () => (await peer.getStats()).get((await pair()).remoteCandidateId)?.port;
  const wanted = Number(peer.remoteDescription.sdp.match(/a=candidate:\\S+ \\d+ \\S+ \\d+ \\S+ (\\d+)/)[1]);
  for (let tries = 0; tries < 100 && await port() !== wanted; tries += 1) await new Promise(r => setTimeout(r, 50));
  const moved = await port() === wanted;
  await window.seen(video, 3);
  await client.stop();
  return {width, restarted: before !== after, moved, tag: client.etag};
}
"""

_EYEVINN = """
async ([address]) => {
  await import('/third-party/eyevinn.js');
  const video = window.screen_();
  const player = new window.thirdParty.WebRTCPlayer({video, type: 'whep', iceServers: []});
  await player.load(new URL(address));
  const width = await window.seen(video, 3);
  await player.destroy();
  return {width};
}
"""


@pytest.mark.browser
def test_whip_whep_plays_and_restarts(watched: tuple[LocalSite, str], page: Page) -> None:
    """It trickles without a tag and restarts ICE with a star; the picture goes on over the new pair of addresses."""
    package = fetched_npm("whip-whep@1.2.0") / "whip-whep"
    site, camera = watched
    serve(page, "whep.js", (package / "whep.js").read_text(encoding="utf-8"))
    page.evaluate(_SEEN)
    told: dict[str, Any] = page.evaluate(_WHIP_WHEP, [f"{watched[0].url}/api/v1/cameras/{camera}/whep"])
    assert told["width"] > 0
    assert told["restarted"]
    assert told["moved"]
    assert told["tag"].startswith('"')
    deadline = time.monotonic() + 60
    while views_of(site, camera):
        assert time.monotonic() < deadline, "its DELETE did not end the view"
        time.sleep(0.2)


@pytest.mark.browser
def test_the_eyevinn_player_plays(watched: tuple[LocalSite, str], page: Page) -> None:
    """It offers picture and sound, and takes an answer with no sound in it."""
    folder = fetched_npm("@eyevinn/webrtc-player@0.13.0")
    camera = watched[1]
    serve(page, "eyevinn.js", commonjs(folder, "@eyevinn/webrtc-player"))
    page.evaluate(_SEEN)
    told: dict[str, Any] = page.evaluate(_EYEVINN, [f"{watched[0].url}/api/v1/cameras/{camera}/whep"])
    assert told["width"] > 0


def views_of(site: LocalSite, camera: str) -> list[dict[str, Any]]:
    """Views of the camera that the audit knows as begun and not as ended."""
    rows = site.call("GET", f"/audit?camera_id={camera}&limit=100")["items"]
    ended = {row["subject"] for row in rows if row["kind"] == "view.end"}
    return [row for row in rows if row["kind"] == "view.start" and row["subject"] not in ended]


def test_a_peer_that_is_no_browser_plays(watched: tuple[LocalSite, str]) -> None:
    """Aiortc with an API token: an offer without video is refused with an offer of ours, which it answers."""
    site, camera = watched
    body = {"name": "recorder", "scopes": ["live.view"]}
    token = str(site.call("POST", "/tokens", body)["token"])
    assert asyncio.run(watch(site.url, camera, token)) == [(201, True), (406, True)]


async def watch(url: str, camera: str, token: str) -> list[tuple[int, bool]]:
    """Status of each way to begin, and whether a picture came."""
    offer_only(("127.0.0.1",))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    seen = []
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        for wants_video in (True, False):
            peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            if wants_video:
                peer.addTransceiver("video", direction="recvonly")
                await peer.setLocalDescription(await peer.createOffer())
                offer = peer.localDescription.sdp
            else:
                offer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
            answer = await http.post(f"/api/v1/cameras/{camera}/whep", content=offer)
            kind = "answer" if wants_video else "offer"
            await peer.setRemoteDescription(RTCSessionDescription(answer.text, kind))
            if not wants_video:
                await peer.setLocalDescription(await peer.createAnswer())
                patch = await http.patch(answer.headers["Location"], content=peer.localDescription.sdp)
                assert patch.status_code == 204
            frame = await asyncio.wait_for(peer.getReceivers()[0].track.recv(), 15)
            seen.append((answer.status_code, frame.width > 0))
            assert (await http.delete(answer.headers["Location"])).status_code == 204
            await peer.close()
    return seen
