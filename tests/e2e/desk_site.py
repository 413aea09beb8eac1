"""One site for the tests at the page: people, areas, two cameras, a login provider, and a clock that can be behind.

The control process runs in a thread of the tests, so that they can reach its clock; the media node is a real child.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import BrowserContext, Page

from analytics.settings import AnalyticsSettings
from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from ingest.settings import IngestSettings
from tests.fakes.node import alert_payload
from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, running_provider
from tests.vms_api.conftest import PASSWORD, Site, running_site
from vms_api.accounts.oidc import SECRET_VARIABLE
from vms_api.accounts.oidc_settings import OidcSettings
from vms_api.accounts.permission import Role
from vms_api.audit.entry import SYSTEM, Actor
from vms_api.nodes.delivery import AlertPayload
from vms_api.nodes.placement import NODE_COMMAND
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_store import add_due
from vms_api.settings import ServerSettings, SiteSettings
from vms_api.tickets.cause import Cause
from vms_api.tickets.ticket import Finding

LEFT_HALF = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]

_DETAIL = """() => {
  const video = document.querySelector('.stage video');
  if (!video || video.videoWidth === 0 || video.readyState < 2) return null;
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 36;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 64, 36);
  const spread = x => {
    const green = context.getImageData(x, 2, 26, 32).data.filter((_, index) => index % 4 === 1);
    return Math.max(...green) - Math.min(...green);
  };
  return [spread(3), spread(35)];
}"""
_PATIENCE_S = 30.0


def detail(page: Page) -> tuple[int, int] | None:
    """Darkest to brightest (0..255) in the left and the right half of the stage's picture; None while there is none.

    What a mask covers is of one grey.
    """
    found = page.evaluate(_DETAIL)
    return None if found is None else tuple(found)


def wait_for_picture(page: Page, shows: Callable[[tuple[int, int]], bool] = lambda _: True) -> None:
    """Until there is a picture that shows what is wanted."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while (seen := detail(page)) is None or not shows(seen):
        assert time.monotonic() < deadline_s, f"the picture is not as it should be: {seen}"
        page.wait_for_timeout(250)


class LateClock(SystemClock):
    """The system's clock; `behind` sets its wall time back. What is granted while it is behind is over sooner."""

    def __init__(self) -> None:
        super().__init__()
        self.behind = timedelta()

    def now(self) -> datetime:
        return super().now() - self.behind


@dataclass
class DeskSite:
    """The site while it runs; `admin` speaks its API."""

    url: str
    control: Any
    loop: asyncio.AbstractEventLoop
    provider: FakeProvider
    clock: LateClock
    admin: httpx.Client
    areas: dict[str, str] = field(default_factory=dict)
    cameras: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One API call of the administrator that must succeed."""
        answer = self.admin.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def add_person(self, username: str, role: Role, area: str) -> None:
        """Somebody with the password of the tests and a role on an area of that name."""
        first = (role, self.areas[area])
        adding = self.control.accounts.people.add(username, PASSWORD, Actor(username=SYSTEM.username), first)
        asyncio.run_coroutine_threadsafe(adding, self.loop).result(10)

    def raise_alert(self, camera: str, **changes: Any) -> str:
        """An alert of the camera of that name, as the node would deliver it; its id."""
        payload = AlertPayload.model_validate(alert_payload(new_identifier(), self.cameras[camera], **changes))
        asyncio.run_coroutine_threadsafe(self.control.alerts.deliver(payload), self.loop).result(10)
        return payload.id

    def find_fault(self, camera: str, cause: Cause) -> str:
        """A ticket for that fault of the camera of that name; its id."""

        async def find() -> str | None:
            finding = Finding(self.cameras[camera], cause, self.clock.now(), "medium", {})
            async with self.control.database.write() as transaction:
                return await self.control.tickets.desk.found(transaction, finding)

        ticket_id = asyncio.run_coroutine_threadsafe(find(), self.loop).result(10)
        assert ticket_id is not None
        return ticket_id

    @contextmanager
    def plan(self, name: str, stops: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """A patrol plan of the township along these stops, for whoever is on duty; it is gone afterwards."""
        body = {
            "name": name,
            "area_id": self.areas["township"],
            "stops": stops,
            "people": {"roster": True},
            "schedule": {"windows": [{"days": [0], "starts": "08:00", "ends": "10:00"}]},
        }
        made = self.call("POST", "/patrol-plans", body)
        try:
            yield made
        finally:
            self.call("DELETE", f"/patrol-plans/{made['id']}")

    def due_now(self, plan: dict[str, Any]) -> str:
        """A round of the plan, which was just made, that is due now whatever its hours are; its id."""

        async def write() -> str | None:
            now = self.clock.now()
            due = DueRound(
                plan["id"], 1, plan["name"], plan["area_id"], now, now + timedelta(hours=1), len(plan["stops"])
            )
            async with self.control.database.write() as transaction:
                return await add_due(transaction, due)

        round_id = asyncio.run_coroutine_threadsafe(write(), self.loop).result(10)
        assert round_id is not None
        return round_id

    def enter(self, context: BrowserContext, username: str) -> Page:
        """A page on which that person is logged in."""
        page = context.new_page()
        answer = page.request.post(f"{self.url}/api/v1/login", data={"username": username, "password": PASSWORD})
        assert answer.ok, answer.text()
        return page

    def rows(self, kind: str) -> Sequence[dict[str, Any]]:
        """Audit rows of a kind, the latest first."""
        return self.call("GET", f"/audit?kind={kind}")["items"]


@contextmanager
def running_desk_site(folder: Path, addresses: dict[str, str]) -> Iterator[DeskSite]:
    """The site with a camera in the township and one in the village below it; `addresses` are theirs, by name."""
    started: Future[DeskSite] = Future()
    stop = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(_serve(folder, started, stop),), name="desk-site")
    thread.start()
    try:
        site = started.result(40)
        _furnish(site, addresses)
        yield site
        site.admin.close()
    finally:
        stop.set()
        thread.join(30)


async def _serve(folder: Path, started: "Future[DeskSite]", stop: threading.Event) -> None:
    try:
        async with running_provider() as provider:
            await _serve_with(provider, folder, started, stop)
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve_with(provider: FakeProvider, folder: Path, started: "Future[DeskSite]", stop: threading.Event) -> None:
    clock = LateClock()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    sections = {
        "server": ServerSettings(port=port, public_origin=f"http://127.0.0.1:{port}"),
        "site": SiteSettings(name="Plum county"),
        "ingest": IngestSettings(allow_loopback=True),
        "analytics": AnalyticsSettings(detector="motion"),
        "oidc": OidcSettings(issuer=provider.issuer, client_id=CLIENT_ID, label="Town login"),
    }
    environ = {"XUELIANG_ADMIN_PASSWORD": PASSWORD, SECRET_VARIABLE: CLIENT_SECRET}
    async with running_site(folder, clock=clock, environ=environ, node_command=NODE_COMMAND, **sections) as site:
        started.set_result(_desk_site(site, provider, clock))
        await asyncio.to_thread(stop.wait)


def _desk_site(site: Site, provider: FakeProvider, clock: LateClock) -> DeskSite:
    cookies = dict(site.http.cookies)
    admin = httpx.Client(base_url=f"{site.url}/api/v1", cookies=cookies, timeout=15, trust_env=False)
    return DeskSite(site.url, site.control, asyncio.get_running_loop(), provider, clock, admin)


def _furnish(site: DeskSite, addresses: dict[str, str]) -> None:
    above = site.areas["county"] = site.call("GET", "/areas")["items"][0]["id"]
    for name, kind in (("township", "township"), ("village", "village")):
        made = site.call("POST", "/areas", {"parent_id": above, "name": f"Willow {name}", "kind": kind})
        above = site.areas[name] = made["id"]
        body = {"name": f"Camera of the {name}", "address": addresses[name], "area_id": made["id"]}
        site.cameras[name] = site.call("POST", "/cameras", body)["id"]
