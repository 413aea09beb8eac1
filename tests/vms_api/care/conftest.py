"""A site with one camera whose device answers on a real socket."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.camera import Credential
from ingest.settings import IngestSettings
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.server import OnvifServer
from tests.fakes.clock import ManualClock
from tests.ingest.onvif.conftest import MAIN, SUB
from tests.vms_api.conftest import Site, running_site

LOGIN = Credential("admin", "p@ss:w/1")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Post:
    """A site with one camera of which the device is known."""

    site: Site
    server: OnvifServer
    camera_id: str
    clock: ManualClock
    address: str = ""

    @property
    def path(self) -> str:
        return f"/api/v1/cameras/{self.camera_id}"

    async def read(self) -> dict[str, Any]:
        answer = await self.site.http.get(f"{self.path}/device")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def check(self) -> dict[str, Any]:
        answer = await self.site.http.post(f"{self.path}/device/check", json={})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def link(self, address: str) -> httpx.Response:
        body = {"address": address, "profile_token": "Profile_1"}
        return await self.site.http.put(f"{self.path}/device", json=body)

    def asked(self, operation: str) -> int:
        return self.server.requests.count(operation)


@asynccontextmanager
async def posted(
    folder: Path, *quirks: Quirk, tls: ssl.SSLContext | None = None, **manners: Any
) -> AsyncIterator[Post]:
    """The site; device and site have the same clock, which stands still."""
    clock = ManualClock()
    camera = VirtualCamera("crossing", MAIN, SUB, credential=LOGIN)
    server = OnvifServer(camera, 8554, Manners(frozenset(quirks), **manners), clock, tls=tls)
    await server.start()
    try:
        async with running_site(folder, clock=clock, ingest=IngestSettings(allow_loopback=True)) as site:
            addresses = {f"{role}address": f"rtsp://127.0.0.1:8554/crossing/{role}" for role in ("", "sub_")}
            fields = {"username": LOGIN.username, "password": LOGIN.password}
            added = await site.add_camera("Crossing", **addresses, **fields)
            post = Post(site, server, added["id"], clock)
            answer = await post.link(server.address)
            assert answer.status_code == 204, answer.text
            yield post
    finally:
        await server.close()


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with posted(tmp_path) as post:
        yield post
