"""Moving a camera over the API: a real device, two people, every act in the audit log."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
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
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant
from vms_api.audit.entry import SYSTEM, Actor

pytestmark = pytest.mark.anyio

LOGIN = Credential("admin", "p@ss:w/1")


@dataclass
class Crossing:
    """A site with one camera that moves."""

    site: Site
    server: OnvifServer
    camera_id: str
    clock: ManualClock

    async def act(self, verb: str, http: httpx.AsyncClient | None = None, **body: Any) -> httpx.Response:
        path = f"/api/v1/cameras/{self.camera_id}/ptz/{verb}"
        return await (http or self.site.http).post(path, json=body)

    async def operator(self, stack: AsyncExitStack, name: str, role: Role) -> httpx.AsyncClient:
        control = self.site.control
        user = await control.people.add(name, f"{name} likes long walks", SYSTEM)
        root = control.rights.index.tree.root.id
        await control.rights_desk.add_grant(Grant("", user.id, None, role, root, control.clock.now(), "admin"), SYSTEM)
        token = await control.accounts.issue_login_token(Actor(user.id))
        http = await stack.enter_async_context(self.site.anonymous())
        assert (await http.post("/api/v1/login", json={"token": token})).status_code == 200
        return http


@pytest.fixture
async def crossing(tmp_path: Path) -> AsyncIterator[Crossing]:
    clock = ManualClock()
    camera = VirtualCamera("crossing", MAIN, SUB, credential=LOGIN)
    server = OnvifServer(camera, 8554, Manners(frozenset({Quirk.STOP_LOST})))
    await server.start()
    async with running_site(tmp_path, clock=clock, ingest=IngestSettings(allow_loopback=True)) as site:
        fields = {"username": LOGIN.username, "password": LOGIN.password}
        added = await site.add_camera("Crossing", address="rtsp://127.0.0.1:8554/crossing/main", **fields)
        link = {"address": server.address, "profile_token": "Profile_1", "login": "digest"}
        answer = await site.http.put(f"/api/v1/cameras/{added['id']}/device", json=link)
        assert answer.status_code == 204, answer.text
        yield Crossing(site, server, added["id"], clock)
    await server.close()


async def test_a_camera_is_moved_and_stopped(crossing: Crossing):
    """The move has its end, the lost Stop is repeated, and each act is a row."""
    assert (await crossing.act("move", pan=0.5, seconds=3.0)).status_code == 204
    moved = crossing.server.device.movement
    assert moved.speed == (0.5, 0.0, 0.0)
    assert moved.ends_s - moved.since_s == pytest.approx(3.0)
    stopped = await crossing.act("stop")
    assert stopped.json() == {"confirmed": True}
    assert crossing.server.device.stops == 2
    assert (await crossing.act("go")).status_code == 204
    rows = [row for row in await trail(crossing.site) if row["kind"] == "ptz.move"]
    assert [row["detail"] for row in rows] == [
        {"move": [0.5, 0.0, 0.0], "seconds": 3.0},
        {"stop": True},
        {"home": True},
    ]
    assert {row["camera_id"] for row in rows} == {crossing.camera_id}


async def test_two_people_do_not_fight(crossing: Crossing):
    """An equal has to wait, a higher role takes the camera, and after the lease it is anybody's."""
    async with AsyncExitStack() as stack:
        first = await crossing.operator(stack, "first", Role.PATROLLER)
        second = await crossing.operator(stack, "second", Role.PATROLLER)
        chief = await crossing.operator(stack, "chief", Role.SUPERVISOR)
        assert (await crossing.act("move", first, tilt=0.2)).status_code == 204
        refused = await crossing.act("move", second, tilt=-0.2)
        assert (refused.status_code, refused.json()["code"], refused.json()["holder"]) == (409, "ptz-taken", "first")
        assert (await crossing.act("move", chief, zoom=0.1)).status_code == 204
        state = (await second.get(f"/api/v1/cameras/{crossing.camera_id}/ptz")).json()
        assert state == {"is_available": True, "holder": "chief", "idle_return": None}
        assert (await crossing.act("stop", first)).status_code == 409
        crossing.clock.advance(16)
        assert (await crossing.act("move", second, tilt=-0.2)).status_code == 204


async def test_presets_are_listed_and_missing_ones_are_refused(crossing: Crossing):
    """What the device refuses is an answer with its code, and a failed row."""
    crossing.server.device.presets["7"] = ("村口", (0.1, 0.2, 0.3))
    listed = await crossing.site.http.get(f"/api/v1/cameras/{crossing.camera_id}/ptz/presets")
    assert listed.json()["items"] == [{"token": "7", "name": "村口"}]
    assert (await crossing.act("go", preset="7")).status_code == 204
    assert crossing.server.device.point() == (0.1, 0.2, 0.3)
    refused = await crossing.act("go", preset="8")
    assert (refused.status_code, refused.json()["device_code"]) == (503, "device-refused")
    failed = [row for row in await trail(crossing.site) if row["outcome"] == "failed" and row["kind"] == "ptz.move"]
    assert [row["detail"]["code"] for row in failed] == ["device-refused"]


async def test_presets_are_stored_replaced_and_removed(crossing: Crossing):
    """Where the camera points gets a name; each act takes the camera and is a row."""
    path = f"/api/v1/cameras/{crossing.camera_id}/ptz/presets"
    made = await crossing.site.http.post(path, json={"name": "村口 <1>"})
    assert (made.status_code, made.json()) == (201, {"token": "1", "name": "村口 <1>"})
    crossing.server.device.go_to((0.5, 0.0, 0.0))
    replaced = await crossing.site.http.put(f"{path}/1", json={"name": "Bridge"})
    assert replaced.json() == {"token": "1", "name": "Bridge"}
    assert crossing.server.device.presets == {"1": ("Bridge", (0.5, 0.0, 0.0))}
    assert (await crossing.site.http.delete(f"{path}/1")).status_code == 204
    assert crossing.server.device.presets == {}
    assert (await crossing.site.http.delete(f"{path}/1")).json()["device_code"] == "device-refused"
    assert (await crossing.site.http.post(path, json={"name": " "})).status_code == 422
    details = [row["detail"] for row in await trail(crossing.site) if row["kind"] == "ptz.move"]
    assert details == [
        {"store": "村口 <1>", "preset": None},
        {"store": "Bridge", "preset": "1"},
        {"remove": "1"},
        {"remove": "1", "code": "device-refused"},
    ]


async def test_a_camera_that_is_left_alone_turns_back(crossing: Crossing):
    """Once, after the lease and the time that was set, as the system's own act; not while somebody has it."""
    path, idle = f"/api/v1/cameras/{crossing.camera_id}/ptz", crossing.site.control.devices.idle_return
    crossing.server.device.presets["7"] = ("村口", (0.1, 0.2, 0.3))
    answer = await crossing.site.http.put(f"{path}/idle-return", json={"preset": "7", "after_s": 60})
    assert answer.json()["idle_return"] == {"preset": "7", "after_s": 60}
    await crossing.act("go")
    crossing.clock.advance(15 + 59)
    await idle.turn_back()
    assert crossing.server.device.point() == (0.0, 0.0, 0.0)
    crossing.clock.advance(2)
    await idle.turn_back()
    assert crossing.server.device.point() == (0.1, 0.2, 0.3)
    crossing.clock.advance(600)
    await idle.turn_back()
    rows = [row for row in await trail(crossing.site) if row["detail"].get("idle_return") is True]
    assert [(row["actor"]["name"], row["detail"]["preset"]) for row in rows] == [("system", "7")]
    off = await crossing.site.http.put(f"{path}/idle-return", json={"after_s": None})
    assert off.json()["idle_return"] is None


async def test_the_password_goes_to_no_other_host(crossing: Crossing):
    """A device elsewhere is refused, and a camera that moved away is not moved by its old device."""
    path = f"/api/v1/cameras/{crossing.camera_id}"
    link = {"address": "http://192.0.2.66/", "profile_token": "1"}
    refused = await crossing.site.http.put(f"{path}/device", json=link)
    assert (refused.status_code, refused.json()["code"]) == (422, "device-elsewhere")
    change = {"address": "rtsp://192.0.2.8/main", "password": "another"}
    assert (await crossing.site.http.patch(path, json=change)).status_code == 200
    asked = len(crossing.server.requests)
    assert (await crossing.act("move", pan=1.0)).json()["code"] == "ptz-missing"
    assert len(crossing.server.requests) == asked


async def test_a_wrong_password_is_tried_once(crossing: Crossing):
    """However often somebody presses the button."""
    path = f"/api/v1/cameras/{crossing.camera_id}"
    assert (await crossing.site.http.patch(path, json={"password": "wrong"})).status_code == 200
    for _ in range(3):
        answer = await crossing.act("move", pan=1.0)
        assert (answer.status_code, answer.json()["device_code"]) == (503, "credentials-refused")
    assert crossing.server.gate.refusals == 1
