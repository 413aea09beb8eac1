"""A real control process on a real port, with cheap password hashing."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from ingest.clock import Clock
from tests.fakes.node import FakeNode
from tests.fakes.site_file import lay_site_file
from vms_api.app import create_app
from vms_api.commands.serve import ControlServer, control_url, listening_socket
from vms_api.control import Control
from vms_api.database import Database
from vms_api.database_place import DATABASE_FILE, URL_VARIABLE, DatabasePlace, DatabaseServer
from vms_api.log_output import configure_logging
from vms_api.nodes.link import NODE_ID
from vms_api.nodes.placement import Launch
from vms_api.plain_http import NO_AUTHORITY
from vms_api.settings import NodeSettings, ServerSettings, SiteFile, StorageSettings

PASSWORD = "a password of the tests"
PATIENCE_S = 30.0
"""How long an answer may take: a busy machine stands still for seconds, and no test here is about how fast one is."""
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True, scope="session")
def logging_as_served() -> None:
    configure_logging()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Site:
    """A running control process; `http` is logged in as admin."""

    control: Control
    http: httpx.AsyncClient
    url: str
    server: ControlServer
    nodes: list[FakeNode] = field(default_factory=list)

    def anonymous(self) -> httpx.AsyncClient:
        return caller(self.url)

    async def start_node(self, **changes: Any) -> FakeNode:
        """A fake node of a new epoch, registered and beating."""
        launch = {"node_id": NODE_ID, "token": self.control.node.token, "control_url": self.url}
        node = FakeNode({**launch, "epoch": await self.control.node.begin_epoch(), **changes})
        await asyncio.to_thread(node.start)
        self.nodes.append(node)
        return node

    async def add_camera(self, name: str = "Gate", **fields: Any) -> dict[str, Any]:
        body = {"name": name, "address": "rtsp://192.0.2.7/main", **fields}
        answer = await self.http.post("/api/v1/cameras", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def add_zone(self, camera_id: str, kind: str = "area") -> dict[str, Any]:
        points = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]] if kind == "area" else [[0.1, 0.5], [0.9, 0.5]]
        body = {"name": f"A {kind}", "kind": kind, "points": points}
        answer = await self.http.post(f"/api/v1/cameras/{camera_id}/zones", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def add_rule(self, camera_id: str, zone_id: str, **fields: Any) -> dict[str, Any]:
        body = {"name": "Yard", "kind": "intrusion", "zone_id": zone_id, "labels": ["person"], **fields}
        answer = await self.http.post(f"/api/v1/cameras/{camera_id}/rules", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()


def caller(url: str) -> httpx.AsyncClient:
    """A patient client of a site."""
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE_S, verify=NO_AUTHORITY)


def site_settings(data_dir: Path, **sections: Any) -> SiteFile:
    server = ServerSettings(port=0)
    return SiteFile(**{"server": server, "storage": StorageSettings(data_dir=data_dir), **sections})


@asynccontextmanager
async def running_site(
    data_dir: Path,
    *,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
    node_command: Sequence[str] = (),
    **sections: Any,
) -> AsyncIterator[Site]:
    """A control process on a free port of this loop; logged in unless `environ` presets no password."""
    settings = site_settings(data_dir, **sections)
    environ = {"XUELIANG_ADMIN_PASSWORD": PASSWORD} if environ is None else environ
    if URL_VARIABLE not in environ:
        _lay_data_folder(data_dir)
    with listening_socket(settings.server) as listener:
        url = control_url(settings.server, listener.getsockname()[1])
        launch = Launch(url, settings, node_command) if node_command else None
        app = create_app(settings, launch=launch, environ=environ, clock=clock, hasher=CHEAP_HASHER)
        started = asyncio.Event()

        async def on_started() -> None:
            started.set()

        async with app.router.lifespan_context(app), caller(url) as http:
            server = ControlServer(app, settings.server, on_started)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            await started.wait()
            site = Site(app.state.control, http, url, server)
            try:
                if environ:
                    await log_in(http)
                yield site
            finally:
                for node in site.nodes:
                    await asyncio.to_thread(node.stop)
                server.stop()
                await serving


def _lay_data_folder(path: Path) -> None:
    """A first start, but for the steps of the tables, which test_database.py and test_serve.py see from nothing."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (path / DATABASE_FILE).exists():
        lay_site_file(path / DATABASE_FILE)


async def log_in(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post("/api/v1/login", json={"username": "admin", "password": PASSWORD})


async def until(condition: Any, seconds: float = PATIENCE_S) -> None:
    """Waits for a condition of the world; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def site(tmp_path: Path, database_place: DatabasePlace) -> AsyncIterator[Site]:
    environ = {"XUELIANG_ADMIN_PASSWORD": PASSWORD}
    if isinstance(database_place, DatabaseServer):
        environ[URL_VARIABLE] = database_place.url
    async with running_site(tmp_path / "data", environ=environ, node=NodeSettings(heartbeat_timeout_s=2)) as running:
        yield running


@pytest.fixture
async def database(database_place: DatabasePlace) -> AsyncIterator[Database]:
    opened = await Database.open(database_place)
    yield opened
    await opened.close()
