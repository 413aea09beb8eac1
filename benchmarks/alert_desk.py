"""alert-desk: the lists of the desk with a million alerts, and how soon a stored alert is on every page."""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from benchmarks.report import Figure, Report, percentile
from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from vms_api.accounts import grant_store, store
from vms_api.accounts.account import Session, User
from vms_api.accounts.current_user import COOKIE
from vms_api.accounts.one_time import new_token, token_key
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.settings import AlertSettings
from vms_api.app import create_app
from vms_api.areas import store as area_store
from vms_api.areas.area import Area, AreaTree
from vms_api.commands.serve import ControlServer, listening_socket
from vms_api.control import Control
from vms_api.database import Database, Transaction, migrate, to_us
from vms_api.database_place import DATABASE_FILE
from vms_api.nodes.delivery import AlertPayload
from vms_api.recordings.settings import RecordingSettings
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

ALERTS, OPEN, REPEATS = 1_000_000, 10_000, 100_000
TOWNSHIPS, VILLAGES, CAMERAS_EACH = 25, 20, 20
LIST_LIMIT_MS, TOLD_LIMIT_MS = 100.0, 200.0
REQUESTS = 40
LISTENERS, PER_SECOND, SECONDS = 20, 50, 8
EVIDENCE = b"\xff\xd8\xff\xe0" + bytes(60_000) + b"\xff\xd9"

_OPEN_STATES = ("NEW", "ACKNOWLEDGED", "ASSIGNED", "IN_PROGRESS", "REOPENED")
_OPEN = "&".join(f"state={state}" for state in _OPEN_STATES)
_DONE = "state=RESOLVED&state=CLOSED"
LISTS = {
    "folded, whole site, all": ("admin", "folded=true"),
    "folded, whole site, open": ("admin", f"folded=true&{_OPEN}"),
    "folded, whole site, closed": ("admin", f"folded=true&{_DONE}"),
    "folded, 5 townships (105 areas), open": ("county", f"folded=true&{_OPEN}"),
    "folded, 5 townships (105 areas), closed": ("county", f"folded=true&{_DONE}"),
    "folded, a township (21 areas), open": ("township", f"folded=true&{_OPEN}"),
    "folded, a township (21 areas), closed": ("township", f"folded=true&{_DONE}"),
    "folded, a township (21 areas), all": ("township", "folded=true"),
    "folded, a village, open": ("village", f"folded=true&{_OPEN}"),
    "folded, a village, all": ("village", "folded=true"),
    "folded, a village without alerts for long, all": ("quiet", "folded=true"),
    "folded, a village without alerts for long, open": ("quiet", f"folded=true&{_OPEN}"),
    "folded, a village without alerts for long, closed": ("quiet", f"folded=true&{_DONE}"),
    "mine, open, of one who handled 100,000": ("village", f"folded=true&owner=me&{_OPEN}"),
    "mine, closed": ("village", f"folded=true&owner=me&{_DONE}"),
    "each alert, whole site, all": ("admin", ""),
    "each alert, a village, open": ("village", _OPEN),
    "each alert, 5 townships, all": ("county", ""),
}
"""Who asks for which list; every page of it is 50 alerts."""

_LISTENER = """
import asyncio, json, sys, time
from datetime import datetime
async def listen(host, port, cookie, count, delays, seen):
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 22)
    writer.write(f"GET /api/v1/events HTTP/1.1\\r\\nHost: {host}:{port}\\r\\nCookie: {cookie}\\r\\n\\r\\n".encode())
    own, kind = set(), b""
    try:
        async with asyncio.timeout(90):
            while len(own) < count:
                line = await reader.readline()
                if line.startswith(b"event:"):
                    kind = line[6:].strip()
                if line.startswith(b"data:") and kind == b"alert.raised":
                    now = time.time()
                    alert = json.loads(line[5:])
                    seen.append(alert["id"])
                    own.add(alert["id"])
                    delays.append(now - datetime.fromisoformat(alert["stored_at"]).timestamp())
                elif line.startswith(b"data:") and kind == b"hello":
                    print("listening", flush=True)
    except TimeoutError:
        pass
    writer.close()
async def main(host, port, cookie, listeners, count):
    delays, seen = [], []
    await asyncio.gather(*(listen(host, int(port), cookie, int(count), delays, seen) for _ in range(int(listeners))))
    print(json.dumps({"delays": delays, "seen": seen}), flush=True)
asyncio.run(main(*sys.argv[1:]))
"""
"""The pages, in a process of their own: what they take of a processor is not the server's."""


@dataclass(frozen=True, slots=True)
class _Town:
    """Session tokens by who they belong to, and a camera with its area."""

    tokens: dict[str, str]
    camera_ids: list[str]


def measure() -> Report:
    """Fills a database, starts the control process on it and asks as people of several levels."""
    return asyncio.run(_measured())


async def _measured() -> Report:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        town = await _filled(folder)
        settings = SiteFile(
            server=ServerSettings(port=0),
            storage=StorageSettings(data_dir=folder),
            recording=RecordingSettings(enabled=False),
            alerts=AlertSettings(storm_per_minute=10_000),
        )
        app = create_app(settings, environ={}, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        async with app.router.lifespan_context(app):
            listed = {name: await _times_ms(app, town.tokens[who], query) for name, (who, query) in LISTS.items()}
            stored_ms, told_ms, lost, twice = await _told(app, settings.server, town)
    slowest = max(listed, key=lambda name: percentile(listed[name][0], 0.95))
    each = [Figure(name, percentile(times[0], 0.95), "ms CPU", LIST_LIMIT_MS) for name, times in listed.items()]
    return Report(
        "alert-desk",
        [
            *each,
            Figure("the slowest of them by the clock, p50", percentile(listed[slowest][1], 0.5), "ms"),
            Figure("the slowest of them by the clock, p95", percentile(listed[slowest][1], 0.95), "ms"),
            Figure("stored to page, 20 pages, 50 alerts/s, p99", percentile(told_ms, 0.99), "ms", TOLD_LIMIT_MS),
            Figure("stored to page, p95", percentile(told_ms, 0.95), "ms"),
            Figure("stored to page, p50", percentile(told_ms, 0.5), "ms"),
            Figure("an alert taken in, by the clock, p50", percentile(stored_ms, 0.5), "ms"),
            Figure("alerts that a page did not hear of", float(lost), "alerts", 0),
            Figure("alerts that a page heard of twice", float(twice), "alerts", 0),
        ],
        [
            f"{ALERTS:,} alerts, {OPEN:,} of them open, {REPEATS:,} folded; {TOWNSHIPS * (VILLAGES + 1)} areas; SQLite",
            "lists are whole requests through the app in this process, p95 of what they take of the processor",
            "stored to page: from the moment the row is made, so with its commit; alerts carry 60 kB of picture",
        ],
    )


async def _times_ms(app: FastAPI, token: str, query: str) -> tuple[list[float], list[float]]:
    """Milliseconds of each request: of the processor, and by the clock."""
    processor, clock = [], []
    async with _client(app, token) as http:
        for _ in range(REQUESTS):
            began = time.process_time(), time.perf_counter()
            answer = (await http.get(f"/api/v1/alerts?{query}")).raise_for_status()
            processor.append((time.process_time() - began[0]) * 1e3)
            clock.append((time.perf_counter() - began[1]) * 1e3)
        if "next_cursor" not in answer.json():
            raise RuntimeError("that was no list")
    return processor[1:], clock[1:]


@asynccontextmanager
async def _client(app: FastAPI, token: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies={COOKIE: token}) as http:
        yield http


async def _told(app: FastAPI, server: ServerSettings, town: _Town) -> tuple[list[float], list[float], int, int]:
    """How long storing took, how long until each page knew, and what a page missed or heard twice."""
    control: Control = app.state.control
    count = PER_SECOND * SECONDS
    with listening_socket(server) as listener:
        port = listener.getsockname()[1]
        served = ControlServer(app, server, _nothing)
        serving = asyncio.create_task(served.serve(sockets=[listener]))
        cookie = f"{COOKIE}={town.tokens['admin']}"
        wanted = (sys.executable, "-c", _LISTENER, "127.0.0.1", str(port), cookie, str(LISTENERS), str(count))
        pages = await asyncio.create_subprocess_exec(*wanted, stdout=asyncio.subprocess.PIPE, limit=1 << 26)
        if pages.stdout is None:
            raise RuntimeError("the pages have no output")
        for _ in range(LISTENERS):
            await pages.stdout.readline()
        stored_ms = await _deliver(control, town, count)
        told = json.loads((await pages.stdout.readline()).decode())
        await pages.wait()
        served.stop()
        await serving
    seen = told["seen"]
    twice = len(seen) - len(set(seen)) * LISTENERS if len(seen) > count * LISTENERS else 0
    return stored_ms, [delay * 1e3 for delay in told["delays"]], count * LISTENERS - len(seen) + twice, twice


async def _nothing() -> None:
    """Nobody waits for the start: the socket takes connections already."""


async def _deliver(control: Control, town: _Town, count: int) -> list[float]:
    times, began = [], time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        payload = _payload(town.camera_ids[number % len(town.camera_ids)], f"bench {number}")
        started = time.perf_counter()
        await control.alerts.deliver(payload)
        times.append((time.perf_counter() - started) * 1e3)
    return times


def _payload(camera_id: str, rule_id: str) -> AlertPayload:
    now = datetime.now(UTC)
    return AlertPayload.model_construct(
        id=new_identifier(),
        camera_id=camera_id,
        rule_id=rule_id,
        rule_name="Night",
        kind="intrusion",
        severity="high",
        label="person",
        score=0.8,
        box=(0.1, 0.1, 0.2, 0.9),
        frame_received_at=now,
        raised_at=now,
        evidence=EVIDENCE,
    )


async def _filled(folder: Path) -> _Town:
    """A city with its people, and a million alerts."""
    path = folder / DATABASE_FILE
    migrate(path)
    database, now = await Database.open(path), SystemClock().now()
    async with database.write() as transaction:
        root = (await area_store.read_tree(transaction.connection)).root
        townships, villages = await _add_areas(transaction, root)
        places = {
            "admin": [root],
            "county": townships[:5],
            "township": townships[:1],
            "village": villages[:1],
            "quiet": villages[-1:],
        }
        tokens = {name: await _add_person(transaction, name, areas, now) for name, areas in places.items()}
    await database.close()
    _fill(path, [village.id for village in villages], now)
    return _Town(tokens, [f"camera {number}" for number in range(len(villages) * CAMERAS_EACH)])


async def _add_person(transaction: Transaction, name: str, areas: list[Area], now: datetime) -> str:
    token, user = new_token(), User(f"id of {name}", name, None, "unused", now)
    await store.insert_user(transaction, user)
    role = Role.ADMIN if name == "admin" else Role.DISPATCHER
    for area in areas:
        await grant_store.insert_grant(transaction, Grant(new_identifier(), user.id, None, role, area.id, now, ""))
    key = token_key(token)
    await store.insert_session(transaction, Session(key, new_identifier(), user, now, now + timedelta(hours=1)))
    return token


async def _add_areas(transaction: Transaction, root: Area) -> tuple[list[Area], list[Area]]:
    townships = [_below(root, f"Township {number}") for number in range(TOWNSHIPS)]
    villages = [_below(above, f"Village {number}") for above in townships for number in range(VILLAGES)]
    for area in (*townships, *villages):
        await area_store.insert_area(transaction, area)
    return townships, villages


def _below(parent: Area, name: str) -> Area:
    area = Area(new_identifier(), None, name, "other", None, "", parent.created_at, parent.created_at)
    return AreaTree([]).placed(area, parent)[0]


def _fill(path: Path, village_ids: list[str], now: datetime) -> None:
    """Writes the alerts beside the program, without indices, which are made afterwards."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        named = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'alerts' AND sql IS NOT NULL"
        indices = connection.execute(named).fetchall()
        for name, _ in indices:
            connection.execute(f"DROP INDEX {name}")
        columns = [row[1] for row in connection.execute("PRAGMA table_info(alerts)")]
        sample = _sample(columns, now)
        insertion = f"INSERT INTO alerts ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        connection.executemany(insertion, _rows(columns, sample, village_ids, now))
        for _, statement in indices:
            connection.execute(statement)
        connection.commit()


def _sample(columns: list[str], now: datetime) -> dict[str, object]:
    """What all rows have in common."""
    at = to_us(now)
    common: dict[str, object] = dict.fromkeys(columns)
    return common | {
        "camera_name": "Weir",
        "rule_name": "Night",
        "kind": "intrusion",
        "severity": "medium",
        "label": "person",
        "score": 0.7,
        "box": "[0.1, 0.1, 0.3, 0.9]",
        "frame_received_at": at,
        "stored_at": at,
        "has_evidence": True,
        "instructions": "Look at the picture.\nCall the guard.",
        "checks": "{}",
        "repeats": 0,
        "level": 0,
    }


def _rows(
    columns: list[str], sample: dict[str, object], village_ids: list[str], now: datetime
) -> Iterator[tuple[object, ...]]:
    """A year's alerts, the oldest first; the newest are open, and every so often one is a storm of a thousand."""
    random, first = Random(11), ""
    step_us = 365 * 86_400_000_000 // ALERTS
    begin = to_us(now) - 365 * 86_400_000_000
    for number in range(ALERTS):
        at = begin + number * step_us
        place = random.randrange(len(village_ids) - 1) if number > ALERTS // 20 else len(village_ids) - 1
        camera = f"camera {place * CAMERAS_EACH + random.randrange(CAMERAS_EACH)}"
        identifier = f"{at // 1000:012x}-{number:012x}"
        is_repeat = number % 10_000 >= 10_000 - REPEATS * 10_000 // ALERTS
        first = first if is_repeat else identifier
        state = random.choice(_OPEN_STATES) if number >= ALERTS - OPEN else AlertState.CLOSED.value
        owner = "village" if number % 10 == 0 else random.choice(("admin", "county", "township"))
        own = {
            "id": identifier,
            "area_id": village_ids[place],
            "camera_id": camera,
            "rule_id": f"rule of {camera}",
            "state": state,
            "raised_at": at,
            "last_at": at,
            "incident_id": first,
            "owner_id": f"id of {owner}",
            "owner": owner,
            "verdict": None if state in _OPEN_STATES else random.choice(("true", "false")),
        }
        row = sample | own
        yield tuple(row[column] for column in columns)
