"""notify: webhooks a second to a receiver of ours, with another receiver that answers only after a while."""

import asyncio
import tempfile
import time
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from benchmarks.report import Figure, Report
from ingest.identifier import new_identifier
from vms_api.app import create_app
from vms_api.control import Control
from vms_api.notify.settings import NotifySettings
from vms_api.recordings.settings import RecordingSettings
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

ALERTS, STORM = 1000, 50
LEAST_PER_S = 200.0
SLOW_S = 5.0
_PASSWORD = "a password of the benchmark"  # noqa: S105 - of a site that lives for a minute
_OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


class _Receiver:
    """Takes webhooks and counts them; each after `wait_s`."""

    def __init__(self, wait_s: float) -> None:
        self.count = 0
        self._arrived = asyncio.Event()
        self._wait_s = wait_s

    async def until(self, count: int) -> None:
        """Returns once it has so many."""
        while self.count < count:
            self._arrived.clear()
            await self._arrived.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                if self._wait_s:
                    await asyncio.sleep(self._wait_s)
                self.count += 1
                self._arrived.set()
                writer.write(_OK)
        writer.close()


def measure() -> Report:
    """A site with two receivers: alerts one after the other, then a storm of them."""
    return asyncio.run(_measured())


async def _measured() -> Report:
    with tempfile.TemporaryDirectory() as name:
        fast, slow = _Receiver(0.0), _Receiver(SLOW_S)
        servers = [await asyncio.start_server(one.serve, "127.0.0.1", 0) for one in (fast, slow)]
        settings = SiteFile(
            server=ServerSettings(port=0),
            storage=StorageSettings(data_dir=Path(name)),
            recording=RecordingSettings(enabled=False),
            notify=NotifySettings(allowed_networks=(ip_network("127.0.0.0/8"),)),
        )
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        app = create_app(settings, environ={"XUELIANG_ADMIN_PASSWORD": _PASSWORD}, hasher=hasher)
        async with app.router.lifespan_context(app):
            control: Control = app.state.control
            await _add_receivers(app, control, [server.sockets[0].getsockname()[1] for server in servers])
            figures = await _told(control, fast, slow)
        for server in servers:
            server.close()
    note = f"{ALERTS} alerts, {STORM} in a transaction, for each of two receivers; the slow one takes {SLOW_S:g} s each"
    return Report("notify", figures, [note, "site, receivers and benchmark share one process and loop"])


async def _told(control: Control, fast: _Receiver, slow: _Receiver) -> list[Figure]:
    alone_s = await _one_by_one(control, fast)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    for _ in range(ALERTS // STORM):
        await _raise(control, STORM)
    stored_s = time.perf_counter() - began_s
    await fast.until(STORM + ALERTS)
    seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    return [
        Figure("seconds for 200 webhooks", 200 * seconds / ALERTS, "s", 200 / LEAST_PER_S),
        Figure("webhooks a second", ALERTS / seconds, "1/s"),
        Figure("seconds to store the alerts", stored_s, "s"),
        Figure("processor for a webhook, storing included", 1000 * cpu_s / ALERTS, "ms", 5.0),
        Figure("taken by the slow receiver meanwhile", slow.count, ""),
        Figure("from storing to the receiver, median, alone", 1000 * alone_s, "ms", 1000.0),
    ]


async def _one_by_one(control: Control, fast: _Receiver) -> float:
    """The median time from the beginning of storing to the receiver, seconds."""
    taken = []
    for number in range(STORM):
        began_s = time.perf_counter()
        await _raise(control, 1)
        await fast.until(number + 1)
        taken.append(time.perf_counter() - began_s)
    return sorted(taken)[STORM // 2]


async def _raise(control: Control, count: int) -> None:
    """Events of alerts in one transaction: what is measured is the telling of them, not the storing."""
    now = control.clock.now().isoformat()
    alert = dict.fromkeys(("camera_id", "camera_name", "rule_id", "rule_name", "verdict", "acknowledged_at"), "")
    alert |= {"kind": "intrusion", "severity": "high", "state": "new", "raised_at": now, "stored_at": now}
    root_id = control.rights.index.tree.root.id
    async with control.database.write() as transaction:
        for _ in range(count):
            told = {**alert, "id": new_identifier()}
            await control.events.record(transaction, "alert.raised", told, root_id)


async def _add_receivers(app: object, control: Control, ports: list[int]) -> None:
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    root = control.rights.index.tree.root.id
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        await http.post("/api/v1/login", json={"username": "admin", "password": _PASSWORD})
        for name, port in zip(("fast", "slow"), ports, strict=True):
            target = {"kind": "webhook", "url": f"http://127.0.0.1:{port}/hook"}
            body = {"name": name, "area_id": root, "target": target}
            (await http.post("/api/v1/notify/receivers", json=body)).raise_for_status()
