"""adoption: fifty devices looked at and taken in, and a network of a thousand hosts scanned for sixty-four."""

import asyncio
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from ipaddress import IPv4Address
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
from argon2 import PasswordHasher

from benchmarks.report import Figure, Report
from ingest.address import HostPolicy
from ingest.onvif.discovery import NetworkScan
from ingest.onvif.scan_plan import IN_FLIGHT, plan_scan
from ingest.settings import IngestSettings
from ingest.virtual_camera.onvif.quirks import ReplyShape
from ingest.virtual_camera.onvif.responder import DiscoveryResponder, Presence
from vms_api.app import create_app
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

DEVICES, BATCH, RESPONDERS = 50, 16, 64
NETWORK = "127.0.80.0/22"
ADOPTED_S, CPU_S, RSS_MIB, SCANNED_S = 60.0, 0.1, 2.0, 60.0
USER, PASSWORD = "admin", "p@ss:w/1"
SITE_PASSWORD = "a password of the benchmark"  # noqa: S105 - of a site that exists for a minute
SCENE = "scene:size=640x400,fps=10,gop=1,duration=4"


def measure() -> Report:
    """Cameras in a process of their own, the control process in this one."""
    with _cameras() as addresses:
        taken_s, cpu_s, grown_mib = asyncio.run(_adopted(addresses))
    scanned_s, found, peak = asyncio.run(_scanned())
    return Report(
        "adoption",
        [
            Figure(f"{DEVICES} devices examined and adopted", taken_s, "s", ADOPTED_S),
            Figure("processor time for each, streams probed", cpu_s / DEVICES, "s", CPU_S),
            Figure("memory for each, once adopted", grown_mib / DEVICES, "MiB", RSS_MIB),
            Figure(f"{NETWORK[-3:]} scanned, {found} of {RESPONDERS} found", scanned_s, "s", SCANNED_S),
            Figure("hosts asked at the same time, most", peak, "", IN_FLIGHT),
            Figure("devices missed", RESPONDERS - found, "", 0),
        ],
        [
            "virtual cameras with two streams each, HTTP Digest, on loopback",
            "processor time is that of the control process with its client, and of the children that open streams",
            "the scan is of loopback, where a host that is not there says so at once, or not at all, as on a network",
        ],
    )


@contextmanager
def _cameras() -> Iterator[list[str]]:
    """The device addresses of running virtual cameras."""
    first = _free_ports(DEVICES)
    shows = [f"cam{number}={SCENE}" for number in range(DEVICES)]
    options = ["--port", "0", "--sub", "--onvif", str(first), "--user", USER, "--password", PASSWORD]
    command = [sys.executable, "-m", "vms_api", "virtual-camera", *shows, *options]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(first + DEVICES - 1)
        yield [f"http://127.0.0.1:{first + number}/onvif/device_service" for number in range(DEVICES)]
    finally:
        child.terminate()
        child.wait()


def _free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on now."""
    for first in range(21000, 32000, count):
        with suppress(OSError):
            for port in range(first, first + count):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", port))
            return first
    raise RuntimeError("no row of free ports")


def _wait_for(port: int, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.2)
    raise TimeoutError("the cameras did not begin")


async def _adopted(addresses: list[str]) -> tuple[float, float, float]:
    """Seconds, processor seconds, and MiB by which the control process grew."""
    with tempfile.TemporaryDirectory() as folder:
        async with _site(Path(folder)) as http:
            area = (await http.get("/api/v1/areas")).raise_for_status().json()["items"][0]["id"]
            await _take_in(http, area, addresses[:1])  # what is loaded once is not the cameras' doing
            begin, cpu, memory = time.perf_counter(), _cpu_s(), psutil.Process().memory_info().rss
            for at in range(1, len(addresses), BATCH):
                await _take_in(http, area, addresses[at : at + BATCH])
            share = DEVICES / (len(addresses) - 1)
            grown = (psutil.Process().memory_info().rss - memory) / 2**20
            return (time.perf_counter() - begin) * share, (_cpu_s() - cpu) * share, grown * share


@asynccontextmanager
async def _site(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = SiteFile(
        server=ServerSettings(port=0),
        storage=StorageSettings(data_dir=folder),
        ingest=IngestSettings(allow_loopback=True),
    )
    environ = {**os.environ, "XUELIANG_ADMIN_PASSWORD": SITE_PASSWORD}
    app = create_app(settings, environ=environ, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    async with app.router.lifespan_context(app):
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60)
        async with client as http:
            login = {"username": "admin", "password": SITE_PASSWORD}
            (await http.post("/api/v1/login", json=login)).raise_for_status()
            yield http


async def _take_in(http: httpx.AsyncClient, area_id: str, addresses: list[str]) -> None:
    """Looks at devices and takes all of them in.

    Raises:
        RuntimeError: one of them was not.

    """
    login = {"username": USER, "password": PASSWORD}
    asked = await http.post("/api/v1/discovery/examine", json={"addresses": addresses, **login})
    cameras = []
    for row in asked.raise_for_status().json()["items"]:
        main, sub = row["streams"]
        if row["fault"] or main["codec"] is None or sub["codec"] is None:
            raise RuntimeError(f"{row['address']}: {row['fault'] or main['fault'] or sub['fault']}")
        link = {"address": row["address"], "profile_token": main["profile_token"], "login": row["login"]}
        name = row["address"].rpartition(":")[2]
        cameras.append({"name": name, "address": main["address"], "sub_address": sub["address"], "device": link})
    body = {"area_id": area_id, "cameras": cameras, **login}
    done = (await http.post("/api/v1/discovery/adopt", json=body)).raise_for_status().json()
    if any(row["fault"] for row in done["items"]):
        raise RuntimeError(str(done))


def _cpu_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


async def _scanned() -> tuple[float, int, int]:
    """Seconds, devices found, and most hosts that were waited for at the same time."""
    plan = plan_scan([NETWORK], HostPolicy((), allow_loopback=True))
    step = len(plan.hosts) // RESPONDERS
    async with _responders([str(host) for host in plan.hosts[::step][:RESPONDERS]]) as port:
        begin, scan = time.perf_counter(), NetworkScan(plan, port)
        running, peak = asyncio.create_task(scan.run()), 0
        while not running.done():
            await asyncio.sleep(0.02)
            peak = max(peak, sum(_is_asking(task) for task in asyncio.all_tasks()))
        return time.perf_counter() - begin, len(await running), peak


@asynccontextmanager
async def _responders(hosts: list[str]) -> AsyncIterator[int]:
    opened, port = [], 0
    for host in hosts:
        address = f"http://{IPv4Address(host)}/onvif/device_service"
        responder = DiscoveryResponder([Presence(uuid4(), address, (), ReplyShape.CONFORMANT)])
        port = await responder.open(host, port)
        opened.append(responder)
    yield port
    for responder in opened:
        responder.close()


def _is_asking(task: asyncio.Task[object]) -> bool:
    return getattr(task.get_coro(), "__qualname__", "") == "NetworkScan._ask"
