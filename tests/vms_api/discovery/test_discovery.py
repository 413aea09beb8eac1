"""From scan to cameras over the API, with real devices on real sockets."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.camera import Credential
from ingest.jpeg import jpeg_size
from ingest.settings import IngestSettings
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.server import OnvifServer
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.server import VirtualCameraServer
from tests.ingest.onvif.test_discovery import responders
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site, running_site
from vms_api.discovery.scan_desk import ScanDesk

pytestmark = pytest.mark.anyio

LOGIN = Credential("admin", "p@ss:w/1")
MAIN = Scene(width=320, height=180, frame_rate=10, duration_s=2.0, gop_s=1.0)
SUB = Scene(width=160, height=96, frame_rate=10, duration_s=2.0, gop_s=1.0)


@dataclass
class Street:
    """A running site and devices near it."""

    site: Site
    devices: dict[str, OnvifServer]

    async def examine(self, *names: str, **fields: Any) -> list[dict[str, Any]]:
        addresses = [self.devices[name].address for name in names]
        body = {"addresses": addresses, "username": LOGIN.username, "password": LOGIN.password, **fields}
        answer = await self.site.http.post("/api/v1/discovery/examine", json=body, timeout=40)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> ClipCache:
    return ClipCache(tmp_path_factory.mktemp("clips"))


@pytest.fixture
async def street(tmp_path: Path, clips: ClipCache) -> AsyncIterator[Street]:
    """A good device and one with a clock two hours off, Digest only, that names a placeholder for its streams."""
    main, sub = clips.play_scene(MAIN), clips.play_scene(SUB)
    cameras = [VirtualCamera(name, main, sub, credential=LOGIN) for name in ("good", "odd")]
    odd = Manners(frozenset({Quirk.DIGEST_ONLY, Quirk.STREAM_PLACEHOLDER}), clock_offset_s=7200)
    async with AsyncExitStack() as stack:
        rtsp = VirtualCameraServer("127.0.0.1", 0, cameras)
        port = await rtsp.start()
        stack.push_async_callback(rtsp.close)
        devices = {}
        for camera, manners in zip(cameras, (Manners(), odd), strict=True):
            devices[camera.name] = OnvifServer(camera, port, manners)
            await devices[camera.name].start()
            stack.push_async_callback(devices[camera.name].close)
        ingest = IngestSettings(allow_loopback=True)
        site = await stack.enter_async_context(running_site(tmp_path, ingest=ingest))
        yield Street(site, devices)


async def test_devices_are_examined_and_adopted(street: Street):
    """Streams as they really are, cautions with their figures, the login tried once; then both are cameras."""
    good, odd = await street.examine("good", "odd")
    assert (good["model"], good["fault"], good["cautions"], good["login"]) == ("XV-1", None, [], "digest")
    main, sub = good["streams"]
    assert (main["codec"], main["width"], main["gop_s"], sub["width"]) == ("h264", 320, 1.0, 160)
    assert good["has_ptz"]
    assert good["has_events"]
    cautions = {caution["code"]: caution["value"] for caution in odd["cautions"]}
    assert set(cautions) == {"clock-off", "host-replaced"}
    assert cautions["clock-off"] == pytest.approx(7200, abs=3)
    assert [server.gate.refusals for server in street.devices.values()] == [0, 0]

    area = street.site.control.rights.index.tree.root.id
    rows = [
        {"name": name, "address": item["streams"][0]["address"], "sub_address": item["streams"][1]["address"]}
        for name, item in (("Gate", good), ("Gate", odd), ("Yard", odd))
    ]
    body = {"area_id": area, "username": LOGIN.username, "password": LOGIN.password, "cameras": rows}
    adopted = (await street.site.http.post("/api/v1/discovery/adopt", json=body)).json()["items"]
    assert [row["fault"] and row["fault"]["code"] for row in adopted] == [None, "name-taken", None]
    assert adopted[0]["camera"]["has_password"]
    (again,) = await street.examine("good")
    assert again["known_as"] == "Gate"
    kinds = [row["kind"] for row in await trail(street.site)]
    assert kinds.count("device.examine") == 2
    assert kinds.count("camera.add") == 2
    assert LOGIN.password not in str(await trail(street.site))


async def test_pictures_are_shown_where_they_were_asked_for(street: Street):
    """A small JPEG of the smallest stream, with a row that says so; none of what is a camera of the site already."""
    (plain,) = await street.examine("good")
    assert plain["picture"] is None
    good, odd = await street.examine("good", "odd", with_pictures=True)
    for item in (good, odd):
        assert jpeg_size(base64.b64decode(item["picture"])) == (160, 96)
    rows = [row for row in await trail(street.site) if row["kind"] == "device.examine"]
    assert [row["detail"]["with_pictures"] for row in rows] == [False, True]
    login = {"username": LOGIN.username, "password": LOGIN.password}
    await street.site.add_camera("Gate", address="rtsp://192.0.2.7/main", sub_address=good["streams"][1]["address"])
    again, odd = await street.examine("good", "odd", with_pictures=True, **login)
    assert (again["known_as"], again["picture"]) == ("Gate", None)
    assert odd["picture"]


async def test_what_cannot_be_examined_spoils_no_other_row(street: Street):
    """A wrong password, a host that is not allowed, one that is not there: each a row with its reason."""
    addresses = [street.devices["good"].address, "169.254.169.254", "http://127.0.0.1:1/onvif/device_service"]
    body = {"addresses": addresses, "username": "admin", "password": "wrong"}
    answer = await street.site.http.post("/api/v1/discovery/examine", json=body, timeout=40)
    faults = [row["fault"]["code"] for row in answer.json()["items"]]
    assert faults == ["credentials-refused", "address-refused", "host-refused"]
    assert street.devices["good"].gate.refusals == 1
    assert "wrong" not in answer.text


async def test_a_scan_is_planned_run_and_shown(street: Street):
    """The plan sends nothing; one scan at a time; what is found is a proposal and no camera."""
    site = street.site
    plan = (await site.http.post("/api/v1/discovery/plan", json={"networks": ["127.0.82.0/29"]})).json()
    assert (plan["hosts"], plan["in_flight"]) == (6, 64)
    async with responders(["127.0.82.3"]) as port:
        site.control.devices.scans._port = port
        started = await site.http.post("/api/v1/discovery/scan", json={"networks": ["127.0.82.0/29"]})
        assert (started.status_code, started.json()["state"]) == (202, "running")
        second = await site.http.post("/api/v1/discovery/scan", json={"networks": ["127.0.82.0/29"]})
        assert (second.status_code, second.json()["code"]) == (409, "scan-running")
        shown = await finished(site.http)
    assert (shown["state"], shown["done"], shown["total"], shown["started_by"]) == ("done", 6, 6, "admin")
    assert [(found["ip"], found["name"]) for found in shown["found"]] == [("127.0.82.3", "村口")]
    assert (await site.http.get("/api/v1/cameras")).json()["items"] == []
    assert [row["kind"] for row in await trail(site)].count("discovery.scan") == 1


async def test_a_scan_is_cancelled(street: Street):
    """It ends at once, keeps what it has, and the next one may start."""
    scans: ScanDesk = street.site.control.devices.scans
    http = street.site.http
    for _ in range(2):
        assert (await http.post("/api/v1/discovery/scan", json={"networks": ["127.0.84.0/22"]})).status_code == 202
        assert (await http.delete("/api/v1/discovery/scan")).status_code == 204
        assert scans.latest().state == "cancelled"


@pytest.mark.parametrize("networks", [["169.254.0.0/24"], ["10.0.0.0/8"], ["house"]])
async def test_networks_that_are_not_scanned(street: Street, networks: list[str]):
    """Said at the plan already, and at the scan again."""
    for path in ("plan", "scan"):
        answer = await street.site.http.post(f"/api/v1/discovery/{path}", json={"networks": networks})
        assert (answer.status_code, answer.json()["code"]) == (422, "network-refused")


async def test_networks_are_proposed(street: Street):
    """This machine's own, and multicast only on addresses that are its own."""
    listed = (await street.site.http.get("/api/v1/discovery/interfaces")).json()["items"]
    assert ("127.0.0.1", "127.0.0.0/24") in [(each["address"], each["network"]) for each in listed]
    for path in ("plan", "scan"):
        answer = await street.site.http.post(f"/api/v1/discovery/{path}", json={"interfaces": ["192.0.2.99"]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "interfaces")
    plan = (await street.site.http.post("/api/v1/discovery/plan", json={"interfaces": ["127.0.0.1"]})).json()
    assert (plan["hosts"], plan["interfaces"], plan["seconds"]) == (0, ["127.0.0.1"], 3.0)


async def finished(http: httpx.AsyncClient) -> dict[str, Any]:
    while True:
        shown = (await http.get("/api/v1/discovery/scan")).json()
        if shown["state"] != "running":
            return shown
        await asyncio.sleep(0.05)
