"""ledger-import: ten thousand cameras of a city's ledger, planned, committed, and exported again."""

import asyncio
import io
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from openpyxl import Workbook

from benchmarks.report import Figure, Report
from vms_api.app import create_app
from vms_api.ledger.field import COLUMNS
from vms_api.recordings.settings import RecordingSettings
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

ROWS, VILLAGES = 10_000, 100
PLAN_LIMIT_S, COMMIT_LIMIT_S = 10.0, 20.0
API = "/api/v1"
PASSWORD = "a password of the benchmark"  # noqa: S105 - of a site that lives for a minute

_CELLS = {
    "point_type": "一类",
    "place_kind": "路口",
    "purpose": "社会治安防控",
    "owner_unit": "示例县公安局",
    "owner_code": "11440106MB2C0000XY",
    "managing_unit": "示例镇综治中心",
    "administrator": "张三",
    "administrator_phone": "0755-88888888",
    "maintainer_unit": "示例维保公司",
    "vendor": "海康",
    "camera_type": "枪机",
    "codec": "H.265",
    "resolution": "1080P",
    "address": "示例镇示例村入口",
    "landmark": "村委会",
    "longitude": "113.264385",
    "latitude": "23.129112",
    "situation": "室外",
    "direction": "东",
    "access_network": "视频专网",
    "enabled_on": "2024/5/1",
    "device_status": "在用",
    "retention_days": "30",
    "sign_on": "2024-05-01",
    "sign_place": "立杆上",
    "username": "admin",
    "password": "a camera's password",
}
"""What all rows have in common; the rest of a row is its own."""


def measure() -> Report:
    """Imports a CSV into an empty site over its API, twice, and an XLSX into the full one."""
    return asyncio.run(_measured())


async def _measured() -> Report:
    with tempfile.TemporaryDirectory() as name:
        async with _site(Path(name)) as http:
            await _add_villages(http)
            table = _table()
            planned, import_id = await _planned(http, _csv(table), {"add": ROWS})
            committed, slowest_s = await _committed(http, import_id)
            again, _ = await _planned(http, _csv(table), {"same": ROWS})
            xlsx, _ = await _planned(http, _xlsx(table), {"same": ROWS})
    return Report(
        "ledger-import",
        [
            Figure("dry run, CSV, all rows new, processor", planned.processor_s, "s", PLAN_LIMIT_S),
            Figure("dry run, CSV, all rows known, processor", again.processor_s, "s", PLAN_LIMIT_S),
            Figure("dry run, XLSX, all rows known, processor", xlsx.processor_s, "s", PLAN_LIMIT_S),
            Figure("commit, all rows new, processor", committed.processor_s, "s", COMMIT_LIMIT_S),
            Figure("dry run, CSV, all rows new, by the clock", planned.clock_s, "s"),
            Figure("dry run, XLSX, all rows known, by the clock", xlsx.clock_s, "s"),
            Figure("commit, by the clock", committed.clock_s, "s"),
            Figure("longest answer to somebody else meanwhile", slowest_s, "s"),
        ],
        [
            f"{ROWS:,} rows of {len(table[0])} columns with logins, {VILLAGES} areas, SQLite, no media node",
            "processor: seconds of the whole process, all threads; by the clock it depends on what runs beside",
            "a row is a camera, its ledger, two audit rows and an event; each is judged as a single camera would be",
        ],
    )


class _Spent:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._clock_s, self._processor_s = time.perf_counter(), time.process_time()
        self.clock_s = self.processor_s = 0.0

    def end(self) -> "_Spent":
        """Stops the watch."""
        self.clock_s = time.perf_counter() - self._clock_s
        self.processor_s = time.process_time() - self._processor_s
        return self


async def _planned(http: httpx.AsyncClient, data: bytes, expected: dict[str, int]) -> tuple[_Spent, str]:
    spent, headers = _Spent(), {"Content-Type": "application/octet-stream"}
    answer = await http.post(f"{API}/cameras/imports", content=data, headers=headers)
    spent.end()
    planned = answer.raise_for_status().json()
    found = {action: count for action, count in planned["counts"].items() if count}
    if found != expected:
        raise RuntimeError(f"planned {found}, not {expected}")
    return spent, str(planned["id"])


async def _committed(http: httpx.AsyncClient, import_id: str) -> tuple[_Spent, float]:
    """The commit, and seconds of the slowest look that somebody takes meanwhile."""
    spent, slowest_s = _Spent(), 0.0
    (await http.post(f"{API}/cameras/imports/{import_id}/commit")).raise_for_status()
    while True:
        asked = time.perf_counter()
        state = (await http.get(f"{API}/cameras/imports/{import_id}")).json()
        slowest_s = max(slowest_s, time.perf_counter() - asked)
        if state["state"] != "running":
            break
        await asyncio.sleep(0.25)
    if state["state"] != "done" or state["failed"]:
        raise RuntimeError(f"the import is {state['state']}, {state['failed']} rows failed")
    return spent.end(), slowest_s


async def _add_villages(http: httpx.AsyncClient) -> None:
    root = (await http.get(f"{API}/areas")).json()["items"][0]["id"]
    for number in range(VILLAGES):
        body = {"name": f"村{number:03}", "kind": "village", "parent_id": root, "code": f"440106001{number:03}"}
        (await http.post(f"{API}/areas", json=body)).raise_for_status()


def _table() -> list[list[str]]:
    own = ("name", "area", "national_code", "division_code", "pole_number", "ipv4", "mac", "serial")
    titles = [COLUMNS[name].zh for name in (*own, *_CELLS)]
    shared = list(_CELLS.values())
    rows = [titles]
    for number in range(ROWS):
        village = number % VILLAGES
        rows.append(
            [
                f"示例路口{number:05}",
                f"村{village:03}",
                f"340200000013200{number + 1:05}",
                f"440106001{village:03}",
                f"P{number:05}",
                f"10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}",
                f"00:1A:2B:{number >> 16:02X}:{number >> 8 & 255:02X}:{number & 255:02X}",
                f"SN{number:08}",
                *shared,
            ]
        )
    return rows


def _csv(table: list[list[str]]) -> bytes:
    return "\r\n".join(",".join(row) for row in table).encode("gb18030")


def _xlsx(table: list[list[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@asynccontextmanager
async def _site(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = SiteFile(
        server=ServerSettings(port=0),
        storage=StorageSettings(data_dir=folder),
        recording=RecordingSettings(
            enabled=False
        ),  # else the absence of a node is a gap of every camera, written beside
    )
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    app = create_app(settings, environ={"XUELIANG_ADMIN_PASSWORD": PASSWORD}, hasher=hasher)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=120) as http,
    ):
        login = {"username": "admin", "password": PASSWORD}
        (await http.post(f"{API}/login", json=login)).raise_for_status()
        yield http
