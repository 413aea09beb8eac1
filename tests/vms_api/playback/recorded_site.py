"""A site with a camera of which a minute is recorded, in real files behind a real node's routes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from ingest.recording.segment import SegmentInfo
from tests.fakes.recording import write_recording
from tests.fakes.recording_node import RecordingNode
from tests.fakes.segment import STARTED_AT, clip_packets
from tests.vms_api.conftest import Site, running_site
from vms_api.accounts.permission import Role
from vms_api.audit.entry import SYSTEM
from vms_api.nodes.link import NODE_ID
from vms_api.recordings.gap import Gap
from vms_api.recordings.gap_store import put_gap
from vms_api.recordings.segment import Segment
from vms_api.recordings.store import insert_segment
from vms_api.settings import NodeSettings

API = "/api/v1"
FPS, GOP = 10, 10
FIRST_S, HOLE_S, SECOND_S = 6.0, 20.0, 4.0
"""Six seconds are recorded in three files of one epoch, then twenty are missing, then four in two files of another."""


def at(seconds: float) -> str:
    """So many seconds after the first picture."""
    return (STARTED_AT + timedelta(seconds=seconds)).isoformat()


@dataclass
class RecordedSite:
    """The site, its node, and what is recorded of the camera."""

    site: Site
    node: RecordingNode
    camera_id: str
    clip: Path
    infos: list[SegmentInfo]

    @property
    def http(self) -> httpx.AsyncClient:
        return self.site.http

    async def index(self, infos: Sequence[SegmentInfo]) -> None:
        """Announces files."""
        async with self.site.control.database.write() as transaction:
            for info in infos:
                assert await insert_segment(transaction, Segment(**asdict(info)))

    async def state_purpose(self, http: httpx.AsyncClient | None = None) -> None:
        body = {"key": "incident", "reference": "17", "camera_ids": [self.camera_id]}
        answer = await (http or self.http).post(f"{API}/purposes", json=body)
        assert answer.status_code == 201, answer.text

    async def play(self, from_s: float, to_s: float, http: httpx.AsyncClient | None = None, **more: Any) -> Any:
        body = {"from": at(from_s), "to": at(to_s), **more}
        return await (http or self.http).post(f"{API}/cameras/{self.camera_id}/playback", json=body)

    async def media(self, playlist_url: str, http: httpx.AsyncClient | None = None) -> list[bytes]:
        """What a player would get: for each continuous run its beginning with all fragments."""
        http = http or self.http
        answer = await http.get(playlist_url)
        assert answer.status_code == 200, answer.text
        runs: list[bytes] = []
        init = b""
        is_new = True
        for line in answer.text.splitlines():
            if line == "#EXT-X-DISCONTINUITY":
                is_new = True
            if line.startswith("#EXT-X-MAP"):
                init = await self._get(http, playlist_url, line.split('"')[1])
                is_new = True
            if line.endswith(".m4s"):
                runs += [init] if is_new else []
                runs[-1] += await self._get(http, playlist_url, line)
                is_new = False
        return runs

    async def _get(self, http: httpx.AsyncClient, playlist_url: str, name: str) -> bytes:
        answer = await http.get(playlist_url.rsplit("/", 1)[0] + "/" + name)
        assert answer.status_code == 200, answer.text
        return answer.content

    @asynccontextmanager
    async def logged_in(self, name: str, role: Role) -> AsyncIterator[httpx.AsyncClient]:
        """A new person with that role on the whole site."""
        password = f"{name} likes long walks"
        await self.site.control.accounts.people.add_to_site(name, password, SYSTEM, role)
        async with self.site.anonymous() as http:
            answer = await http.post(f"{API}/login", json={"username": name, "password": password})
            assert answer.status_code == 200, answer.text
            yield http


@asynccontextmanager
async def recorded_site(folder: Path, clip: Path, **sections: Any) -> AsyncIterator[RecordedSite]:
    """`clip` has ten seconds of ten pictures, a key frame each second."""
    async with running_site(folder / "data", **{"node": NodeSettings(heartbeat_timeout_s=60), **sections}) as site:
        camera_id = (await site.add_camera("Gate 大门"))["id"]
        volume = folder / "volume"
        node = await start_recording_node(site, volume, folder / "exports")
        packets = clip_packets(clip, camera_id=camera_id)
        cut = round(FIRST_S * FPS)
        infos = write_recording(volume, packets[:cut])
        again = STARTED_AT + timedelta(seconds=FIRST_S + HOLE_S)
        later = clip_packets(clip, epoch=2, camera_id=camera_id)[cut:]
        infos += write_recording(volume, later, started_at=again)
        recorded = RecordedSite(site, node, camera_id, clip, infos)
        await recorded.index(infos)
        await add_gap(site, camera_id, STARTED_AT + timedelta(seconds=FIRST_S), again)
        yield recorded


async def start_recording_node(site: Site, volume: Path, exports: Path) -> RecordingNode:
    launch = {"node_id": NODE_ID, "token": site.control.node.token, "control_url": site.url}
    node = RecordingNode({**launch, "epoch": await site.control.node.begin_epoch()}, volume, exports)
    await asyncio.to_thread(node.start)
    site.nodes.append(node)
    return node


async def add_gap(site: Site, camera_id: str, start: datetime, end: datetime) -> None:
    gap = Gap(id=f"gap-{camera_id}", camera_id=camera_id, started_at=start, ended_at=end, reason="camera-offline")
    async with site.control.database.write() as transaction:
        await put_gap(transaction, gap)
