"""ticket-watch: what a look for faults costs among ten thousand cameras, every one of them with a device and a clock.

Before each look the node reports every camera anew, the rounds have looked at some devices, and a few cameras have gone
or come. The first look reads everything, as the process does when it begins.
"""

import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.report import Figure, Report
from ingest.clock import SystemClock
from vms_api.accounts.rights import RightsIndex, RightsRecord
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas import store as area_store
from vms_api.areas.area import Area, AreaTree
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth, RecordingHealth, StreamHealth
from vms_api.cameras.health_board import HealthBoard
from vms_api.care import store as care_store
from vms_api.care.device import DeviceFacts, DeviceState, StreamSettings
from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.nodes.delivery import Registration
from vms_api.nodes.link import NodeLink
from vms_api.nodes.view_journal import ViewJournal
from vms_api.ptz import store as link_store
from vms_api.ptz.command import DeviceLink
from vms_api.recordings.problem_board import ProblemBoard
from vms_api.recordings.volume_board import VolumeBoard
from vms_api.tickets import store
from vms_api.tickets.cause import Cause
from vms_api.tickets.desk import TicketDesk, TicketGround
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.survey import WatchGround
from vms_api.tickets.ticket import Finding
from vms_api.tickets.watch import TicketWatch

CAMERAS, VILLAGES, AWAY = 10_000, 200, 100
LOOKS, DEVICES_A_LOOK, CHANGES_A_LOOK = 20, 84, 5
"""Devices are looked at hourly: of ten thousand some 84 in the 30 s between two looks."""
LIMIT_S = 0.1
WANTED = StreamSettings(codec="h264", width=1920, height=1080, fps=25)


@dataclass
class _Site:
    """The watch, and what the node reports of each camera."""

    database: Database
    health: HealthBoard
    desk: TicketDesk
    watch: TicketWatch
    clock: SystemClock = field(default_factory=SystemClock)
    healths: dict[str, CameraHealth] = field(default_factory=dict)


def measure() -> Report:
    """Looks once at everything and then again and again."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        first_s, steady_s, quiet_s, tickets = asyncio.run(_measured(Path(folder) / "xueliang.db"))
    return Report(
        "ticket-watch",
        [
            Figure(f"a look at {CAMERAS} cameras with {CHANGES_A_LOOK} changed, mean", steady_s, "s CPU", LIMIT_S),
            Figure("a look with nothing changed, mean", quiet_s, "s CPU", LIMIT_S),
            Figure("the first look", first_s, "s CPU"),
            Figure(
                "tickets in the end that differ from those of the cameras that are away",
                float(abs(tickets - AWAY)),
                "",
                0,
            ),
        ],
        [f"{AWAY} cameras are away with a ticket each; {DEVICES_A_LOOK} devices were looked at before each look"],
    )


async def _measured(path: Path) -> tuple[float, float, float, int]:
    random, site = Random(5), await _site(path)
    ids = await _fill(site)
    for camera_id in random.sample(ids, AWAY):
        site.healths[camera_id] = _health("waiting")
        async with site.database.write() as transaction:
            await site.desk.found(transaction, Finding(camera_id, Cause.OFFLINE, site.clock.now(), "medium"))
    first_s = await _look_s(site)
    steady_s = quiet_s = 0.0
    for _ in range(LOOKS):
        quiet_s += await _look_s(site)
        for camera_id in random.sample(ids, CHANGES_A_LOOK):
            site.healths[camera_id] = _health("live" if site.healths[camera_id].state != "live" else "opening")
        await _look_at_devices(site, random.sample(ids, DEVICES_A_LOOK))
        steady_s += await _look_s(site)
    async with site.database.read() as connection:
        tickets = len(await store.list_open(connection))
    await site.database.close()
    return first_s, steady_s / LOOKS, quiet_s / LOOKS, tickets


async def _look_s(site: _Site) -> float:
    """Seconds of CPU of one look, all threads together."""
    site.health.report(site.healths)
    started = time.process_time()
    await site.watch.look()
    return time.process_time() - started


async def _site(path: Path) -> _Site:
    database, clock, rights = await Database.open(path), SystemClock(), RightsBoard()
    events, audit = EventLog(database, clock), AuditLog(database, clock)
    rights.index = RightsIndex(RightsRecord(await _areas(database)))
    health = HealthBoard(events, clock)
    node = NodeLink(database, events, health, clock, 3600.0, audit, ViewJournal(database, audit, clock))
    epoch = await node.begin_epoch()
    told = {"pid": 1, "epoch": epoch, "address": "http://127.0.0.1:1", "version": "0"}
    node.register(Registration.model_validate(told))
    settings = TicketSettings()
    desk = TicketDesk(TicketGround(database, events, audit, rights, clock, settings))
    volumes, problems = VolumeBoard(database, events, []), ProblemBoard(database, events, clock, lambda _: None)
    watched = WatchGround(database, health, node, volumes, problems, rights, clock, settings)
    return _Site(database, health, desk, TicketWatch(desk, watched))


async def _areas(database: Database) -> AreaTree:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    async with database.write() as transaction:
        root = (await area_store.read_tree(transaction.connection)).root
        for number in range(VILLAGES):
            name = _village(number)
            await area_store.insert_area(
                transaction, Area(name, root.id, name, "village", None, f"{root.path}{name}/", at, at)
            )
        return await area_store.read_tree(transaction.connection)


def _village(number: int) -> str:
    return f"village-{number % VILLAGES:03}"


async def _fill(site: _Site) -> list[str]:
    """Cameras with a device each, whose settings are as they are wanted and whose clock is right."""
    ids = [f"0192f0c1-7d3a-7aaa-dddd-{number:012d}" for number in range(CAMERAS)]
    at = site.clock.now() - timedelta(days=1)
    told = {"address": "192.0.2.1", "profile_token": "1", "login": "auto", "unverified_tls": False}
    link = DeviceLink.model_validate(told)
    async with site.database.write() as transaction:
        added = [
            CameraRecord(id_, _village(n), id_, _address(n), None, "tcp", None, None, True, True, at, at)
            for n, id_ in enumerate(ids)
        ]
        await camera_store.insert_cameras(transaction, added)
        for id_ in ids:
            await link_store.set_link(transaction, id_, link)
            await link_store.decide(transaction, id_, expected={"main": WANTED.model_dump()})
    await _look_at_devices(site, ids)
    site.healths = dict.fromkeys(ids, _health("live"))
    return ids


def _address(number: int) -> str:
    return f"rtsp://10.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}/main"


async def _look_at_devices(site: _Site, ids: list[str]) -> None:
    facts = DeviceFacts(manufacturer="m", model="x", streams={"main": WANTED})
    async with site.database.write() as transaction:
        for camera_id in ids:
            now = site.clock.now()
            state = DeviceState("reachable", None, now, "mark", facts, 0.4, now)
            await care_store.put_state(transaction, camera_id, state)


def _health(state: str) -> CameraHealth:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    streams = [StreamHealth.model_validate({"role": role, "state": state, "since": now}) for role in ("main", "sub")]
    recording = RecordingHealth(state="recording", since=now)
    return CameraHealth.model_validate({"state": state, "since": now, "streams": streams, "recording": recording})
