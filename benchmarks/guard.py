"""guard: what it costs to decide who may do what, and to list a village's cameras, in a city's installation."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI, Request

from benchmarks.report import Figure, Report, percentile
from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from vms_api.accounts import grant_store, store
from vms_api.accounts.access import current_access
from vms_api.accounts.account import Session, User
from vms_api.accounts.current_user import COOKIE, current_caller
from vms_api.accounts.one_time import new_token, token_key
from vms_api.accounts.permission import Permission, Role
from vms_api.accounts.rights import Grant
from vms_api.app import create_app
from vms_api.areas import store as area_store
from vms_api.areas.area import Area, AreaTree
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.control import Control
from vms_api.database import Database, Transaction
from vms_api.settings import ServerSettings, SiteFile, StorageSettings

CAMERAS, AREAS, USERS, TOWNSHIPS = 10_000, 500, 1_000, 25
GUARD_LIMIT_US, LIST_LIMIT_MS = 50.0, 50.0
ROUNDS, REQUESTS, SETTLE_S = 20_000, 100, 2.0


def measure() -> Report:
    """Fills a database, starts the control process on it and asks as a viewer of one village."""
    return asyncio.run(_measured())


async def _measured() -> Report:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        token = await _filled(folder)
        settings = SiteFile(server=ServerSettings(port=0), storage=StorageSettings(data_dir=folder))
        app = create_app(settings, environ={}, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        async with app.router.lifespan_context(app):
            guard_us = await _guard_us(app, token)
            async with _client(app, token) as http:
                listed_ms = await _times_ms(http, "/api/v1/cameras?limit=200")
                areas_ms = await _times_ms(http, "/api/v1/areas")
            rebuild_ms = await _rebuild_ms(app.state.control)
    return Report(
        "guard",
        [
            Figure("guard per request: login, account, right on a camera", guard_us, "us", GUARD_LIMIT_US),
            Figure("a village's cameras among all, one page, p99", percentile(listed_ms, 0.99), "ms", LIST_LIMIT_MS),
            Figure("a village's cameras, p50", percentile(listed_ms, 0.5), "ms"),
            Figure("the areas that a villager sees, p50", percentile(areas_ms, 0.5), "ms"),
            Figure("rights rebuilt after a change", rebuild_ms, "ms"),
        ],
        [
            f"{CAMERAS:,} cameras, {AREAS} areas, {USERS:,} users with a grant and a session each, SQLite",
            "the guard is measured as the routes call it, without FastAPI's own handling of dependencies",
            "lists are whole requests through the app in this process: middleware, guard, query, JSON",
        ],
    )


async def _guard_us(app: FastAPI, token: str) -> float:
    """Processor microseconds of one decision, the mean of many on all cameras of the village in turn."""
    control: Control = app.state.control
    scope = {"type": "http", "scheme": "http", "server": ("localhost", 80), "path": "/", "app": app}
    scope["headers"] = [(b"cookie", f"{COOKIE}={token}".encode())]
    caller = await current_caller(Request(dict(scope)), control)
    cameras = [id_ for id_ in control.rights.camera_ids() if _allowed(control, caller.user.id, id_)]
    begin = time.process_time()
    for camera_id in itertools.islice(itertools.cycle(cameras), ROUNDS):
        access = await current_access(await current_caller(Request(dict(scope)), control), control)
        access.require_camera(Permission.LIVE_VIEW, camera_id)
    return (time.process_time() - begin) / ROUNDS * 1e6


def _allowed(control: Control, user_id: str, camera_id: str) -> bool:
    area_id = control.rights.area_of(camera_id)
    return area_id is not None and control.rights.index.allows(user_id, Permission.LIVE_VIEW, area_id)


async def _times_ms(http: httpx.AsyncClient, path: str) -> list[float]:
    """Of a server that has started: its first look at all cameras is over, and it has answered once."""
    await asyncio.sleep(SETTLE_S)
    (await http.get(path)).raise_for_status()
    times = []
    for _ in range(REQUESTS):
        begin = time.perf_counter()
        (await http.get(path)).raise_for_status()
        times.append((time.perf_counter() - begin) * 1e3)
    return times


async def _rebuild_ms(control: Control) -> float:
    async with control.database.write() as transaction:
        begin = time.perf_counter()
        await control.rights.record_change(transaction)
        return (time.perf_counter() - begin) * 1e3


@asynccontextmanager
async def _client(app: FastAPI, token: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies={COOKIE: token}) as http:
        yield http


async def _filled(folder: Path) -> str:
    """A city in a database; returns the session token of a village's viewer."""
    database, now = await Database.open(folder / "xueliang.db"), SystemClock().now()
    token = new_token()
    async with database.write() as transaction:
        root = (await area_store.read_tree(transaction.connection)).root
        villages = await _add_areas(transaction, root)
        for number in range(CAMERAS):
            village = villages[number % len(villages)]
            name = f"Camera {number:05}"
            address = f"rtsp://192.0.2.{number % 250}/main"
            await camera_store.insert_camera(
                transaction,
                CameraRecord(
                    new_identifier(), village.id, name, address, None, "tcp", None, None, True, True, now, now
                ),
            )
        for number in range(USERS):
            key = token_key(token) if number == USERS - 1 else f"{number:064}"
            role = Role.ADMIN if number == 0 else Role.VIEWER
            place = root if number == 0 else villages[number % len(villages)]
            user = User(new_identifier(), f"user {number}", None, "unused", now)
            await store.insert_user(transaction, user)
            await grant_store.insert_grant(transaction, Grant(new_identifier(), user.id, None, role, place.id, now, ""))
            await store.insert_session(transaction, Session(key, new_identifier(), user, now, now + timedelta(hours=1)))
    await database.close()
    return token


async def _add_areas(transaction: Transaction, root: Area) -> list[Area]:
    """Townships below the root and villages below them; the villages."""
    townships = [_below(root, f"Township {number}") for number in range(TOWNSHIPS)]
    villages = [_below(townships[number % TOWNSHIPS], f"Village {number}") for number in range(AREAS - TOWNSHIPS - 1)]
    for area in (*townships, *villages):
        await area_store.insert_area(transaction, area)
    return villages


def _below(parent: Area, name: str) -> Area:
    area = Area(new_identifier(), None, name, "other", None, "", parent.created_at, parent.created_at)
    return AreaTree([]).placed(area, parent)[0]
