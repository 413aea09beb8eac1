"""Somebody who watches masked cameras and looks in every picture for what must not be there."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import cast

import cv2
import httpx
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from ingest.frame import Image
from ingest.virtual_camera.stamp import strip_height
from vms_api.demo.site import LocalSite

FLAT, TOLERANCE = 130, 40
"""Luma of a covered sample after conversion to full range, and how far an encoder may be off."""
_SILENCE_S = 2.0
_RETRY_S = 0.2


def exposed_share(grey: Image) -> float:
    """How much of the strip along the top, where the camera draws black and white blocks, is not covered."""
    strip = grey[: strip_height(grey.shape[0])].astype(np.int16)
    return float((np.abs(strip - FLAT) > TOLERANCE).mean())


@dataclass
class Sight:
    """What was seen so far. `sizes` are the picture sizes, (width, height).

    `is_over` tells those who watch to stop: cancelling a peer while it binds its sockets would leave them open.
    """

    frames: int = 0
    exposed_frames: int = 0
    stills: int = 0
    exposed_stills: int = 0
    connections: int = 0
    is_over: bool = False
    sizes: set[tuple[int, int]] = field(default_factory=set)

    def take_frame(self, grey: Image) -> None:
        """One decoded picture of a view."""
        self.frames += 1
        self.exposed_frames += exposed_share(grey) > 0
        self.sizes.add((int(grey.shape[1]), int(grey.shape[0])))

    def take_still(self, jpeg: bytes) -> None:
        """A snapshot or evidence picture; what is drawn over evidence may touch the strip, but does not fill it."""
        grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        if grey is None:
            raise ValueError("this is no JPEG")
        self.stills += 1
        self.exposed_stills += exposed_share(np.asarray(grey, np.uint8)) > 1 / 3


async def watch(site: LocalSite, camera_id: str, sight: Sight) -> None:
    """Looks at a camera over WebRTC and dials again whenever the view ends."""
    async with httpx.AsyncClient(base_url=site.url, cookies=site.client.cookies, trust_env=False) as http:
        while not sight.is_over:
            with contextlib.suppress(httpx.TransportError, MediaStreamError, TimeoutError):
                await _watch_once(http, f"/api/v1/cameras/{camera_id}/whep", sight)
            await asyncio.sleep(_RETRY_S)


async def poll_stills(site: LocalSite, camera_id: str, sight: Sight) -> None:
    """Takes a snapshot twice a second."""
    async with httpx.AsyncClient(base_url=site.url, cookies=site.client.cookies, trust_env=False) as http:
        while not sight.is_over:
            with contextlib.suppress(httpx.TransportError):
                answer = await http.get(f"/api/v1/cameras/{camera_id}/snapshot.jpg")
                if answer.is_success:
                    sight.take_still(answer.content)
            await asyncio.sleep(0.5)


async def _watch_once(http: httpx.AsyncClient, path: str, sight: Sight) -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        peer.addTransceiver("video", direction="recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        offer = peer.localDescription.sdp
        answer = await http.post(path, content=offer, headers={"Content-Type": "application/sdp"})
        if answer.is_error:
            return
        await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        sight.connections += 1
        track = peer.getReceivers()[0].track
        while not sight.is_over:
            frame = await asyncio.wait_for(track.recv(), _SILENCE_S)
            sight.take_frame(np.asarray(cast("VideoFrame", frame).to_ndarray(format="gray"), np.uint8))
    finally:
        await peer.close()
