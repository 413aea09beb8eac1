"""A running view, seen by a real WebRTC peer, when the right to it is taken away."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

import httpx
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite

FELT_S = 5.0
SDP = {"Content-Type": "application/sdp"}


@pytest.fixture
def camera(drawn: ClipCache) -> Iterator[VirtualCameraThread]:
    """A drawn square, key frames every second."""
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server:
        yield server


class Watcher:
    """Decodes a view and remembers when the last picture came."""

    def __init__(self, track: MediaStreamTrack) -> None:
        self._track = track
        self.frame_count = 0
        self.last_s = 0.0

    async def watch(self) -> None:
        """Until the stream ends."""
        while True:
            try:
                await self._track.recv()
            except MediaStreamError:
                return
            self.frame_count += 1
            self.last_s = time.monotonic()


def add_viewer(site: LocalSite, area_id: str) -> tuple[str, httpx.Client]:
    """Somebody who may watch the area: the id of the grant and a client logged in."""
    body = {"username": "guard", "role": "viewer", "area_id": area_id}
    made = site.call("POST", "/users", body)
    client = httpx.Client(base_url=f"{site.url}/api/v1", trust_env=False)
    given, chosen = made["generated_password"], "three wet umbrellas"
    client.post("/login", json={"username": "guard", "password": given}).raise_for_status()
    client.post("/me/password", json={"present": given, "password": chosen}).raise_for_status()
    (grant,) = site.call("GET", f"/grants?user_id={made['id']}")["items"]
    return grant["id"], client


async def seconds_of_pictures_after_loss(site: LocalSite, http: httpx.Client, camera_id: str, grant_id: str) -> float:
    """Watches, has the grant removed, and says how long pictures went on coming after that."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp
    answer = await asyncio.to_thread(http.post, f"/cameras/{camera_id}/whep", content=offer, headers=SDP)
    assert answer.status_code == 201, answer.text
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    watcher = Watcher(peer.getReceivers()[0].track)
    watching = asyncio.create_task(watcher.watch())
    async with asyncio.timeout(15):
        while watcher.frame_count < 10:
            await asyncio.sleep(0.05)
    await asyncio.to_thread(site.call, "DELETE", f"/grants/{grant_id}")
    lost_s = time.monotonic()
    await asyncio.sleep(FELT_S + 2.0)
    await peer.close()
    await watching
    return watcher.last_s - lost_s


@pytest.mark.slow
def test_pictures_stop_when_the_grant_is_taken_away(make_site, camera):
    """Within five seconds nothing more comes, the camera is not there any more, and nothing can be opened again."""
    site = make_site(detector="motion")
    made = site.call("POST", "/cameras", {"name": "square", "address": camera.url("square")})
    site.wait_live([made["id"]])
    grant_id, http = add_viewer(site, made["area_id"])
    with contextlib.closing(http):
        went_on_s = asyncio.run(seconds_of_pictures_after_loss(site, http, made["id"], grant_id))
        assert went_on_s < FELT_S
        assert http.get("/cameras").json()["items"] == []
        again = http.post(f"/cameras/{made['id']}/whep", content="v=0", headers=SDP)
        assert again.status_code == 404
