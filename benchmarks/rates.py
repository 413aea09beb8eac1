"""rates: a month of the rates of 10,000 cameras from their daily facts, and the counting of one of its days."""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.report import Figure, Report
from ingest.clock import SystemClock
from vms_api.accounts.rights import RightsIndex, RightsRecord
from vms_api.accounts.rights_board import RightsBoard
from vms_api.areas import store as area_store
from vms_api.areas.area import Area, AreaTree
from vms_api.audit.log import AuditLog
from vms_api.database import Database
from vms_api.rates import fact_store, watch_store
from vms_api.rates.counting import count_day
from vms_api.rates.day import SiteDay
from vms_api.rates.day_histories import CountingGround
from vms_api.rates.desk import RateDesk, Window
from vms_api.rates.fact import CameraFact, DayFacts, ExcludedTime
from vms_api.rates.rate import CAMERA_RATES, Rate, Tally
from vms_api.rates.rollup import with_below
from vms_api.rates.settings import RateSettings
from vms_api.recordings.settings import RecordingSettings

_INSERT = f"INSERT INTO rate_facts VALUES ({', '.join('?' * (6 + 3 * len(CAMERA_RATES)))})"  # noqa: S608 - only marks
CAMERAS, TOWNSHIPS, VILLAGES = 10_000, 20, 10
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
LIMIT_S = 5.0
ZONE = ZoneInfo("Asia/Shanghai")
DAY_US = 86_400_000_000
SEGMENTS, CHANGES = 12, 6
"""Of each camera on the day that is counted from its histories: files of 60 s, and changes of its stream."""


def measure() -> Report:
    """Fills a database with a month of facts and one day of histories, and asks it as the page does."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "xueliang.db"
        times, numbers = asyncio.run(_measured(path))
        size_mb = path.stat().st_size / 1e6
    return Report(
        "rates",
        [
            Figure("every rate of the city, 10,000 cameras x 31 days", times["rates"], "s CPU", LIMIT_S),
            Figure("the townships ranked by one rate, against the month before", times["league"], "s CPU", LIMIT_S),
            Figure("one rate day by day", times["trend"], "s CPU", LIMIT_S),
            Figure("the cameras of one rate", times["cameras"], "s CPU", LIMIT_S),
            Figure("numbers that differ from a plain sum over the drawn facts", numbers, "", 0),
            Figure("one day of 10,000 cameras counted from its histories", times["count"], "s CPU"),
            Figure("that day stored", times["save"], "s CPU"),
            Figure("size of a month of facts", size_mb, "MB"),
        ],
        [
            f"{CAMERAS} cameras in {TOWNSHIPS} townships of {VILLAGES} villages, facts drawn with seed 7",
            f"the counted day has {CHANGES} changes and {SEGMENTS} files for each camera",
        ],
    )


async def _measured(path: Path) -> tuple[dict[str, float], float]:
    database = await Database.open(path)
    random, times = Random(7), {}
    tree, villages = await _areas(database)
    expected = await _fill_facts(database, villages, random)
    desk, window = _desk(database, tree), Window(tree.root, with_below(tree, tree.root), FIRST, LAST)
    times["rates"], values = await _cpu_s(lambda: desk.rates(window))
    times["league"], _ = await _cpu_s(lambda: desk.league(window, Rate.ONLINE))
    times["trend"], _ = await _cpu_s(lambda: desk.trend(window, Rate.ONLINE))
    times["cameras"], _ = await _cpu_s(lambda: desk.cameras(window, Rate.ONLINE))
    wrong = sum(round(v.numerator * 1e6) != expected[v.rate] for v in values if v.rate in (Rate.ONLINE, Rate.RECORDING))
    wrong += sum(v.numerator != expected[v.rate] for v in values if v.rate in (Rate.CLOCK, Rate.PURPOSED_USE))
    day = SiteDay.of(LAST + timedelta(days=1), ZONE)
    await _fill_histories(database, villages, day, random)
    ground = CountingGround(RateSettings(), RecordingSettings(), ZONE)
    times["count"], facts = await _cpu_s(lambda: count_day(database, ground, day, day.end + timedelta(minutes=20)))
    times["save"], _ = await _cpu_s(lambda: _saved(database, day, facts))
    await database.close()
    return times, float(wrong)


async def _cpu_s(act: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """Seconds of CPU, all threads together; what others do on the machine does not count."""
    started = time.process_time()
    found = await act()
    return time.process_time() - started, found


async def _saved(database: Database, day: SiteDay, facts: DayFacts) -> None:
    async with database.write() as transaction:
        await fact_store.save_day(transaction, day.day, facts, "benchmark", day.end)


def _desk(database: Database, tree: AreaTree) -> RateDesk:
    rights, clock = RightsBoard(), SystemClock()
    rights.index = RightsIndex(RightsRecord(tree))
    ground = CountingGround(RateSettings(), RecordingSettings(), ZONE)
    return RateDesk(database, ground, rights, AuditLog(database, clock), clock)


async def _areas(database: Database) -> tuple[AreaTree, Sequence[str]]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    async with database.write() as transaction:
        root = (await area_store.read_tree(transaction.connection)).root
        villages = []
        for number in range(TOWNSHIPS):
            township = f"township-{number:03}"
            path = f"{root.path}{township}/"
            added = Area(township, root.id, township, "township", None, path, at, at)
            await area_store.insert_area(transaction, added)
            for part in range(VILLAGES):
                village = f"village-{number:03}-{part:02}"
                await area_store.insert_area(
                    transaction, Area(village, township, village, "village", None, f"{path}{village}/", at, at)
                )
                villages.append(village)
        return await area_store.read_tree(transaction.connection), villages


def camera_id(number: int) -> str:
    """The id of a camera, as long as real ones are."""
    return f"0192f0c1-7d3a-7aaa-dddd-{number:012d}"


async def _fill_facts(database: Database, villages: Sequence[str], random: Random) -> dict[Rate, int]:
    """A month of drawn facts, and their plain sums; of the purposed use the distinct cameras."""
    sums = dict.fromkeys((Rate.ONLINE, Rate.RECORDING, Rate.CLOCK, Rate.PURPOSED_USE), 0)
    used: set[str] = set()
    for ahead in range((LAST - FIRST).days + 1):
        facts = list(_drawn(villages, random))
        for fact in facts:
            for rate in (Rate.ONLINE, Rate.RECORDING, Rate.CLOCK):
                sums[rate] += fact.tallies[rate].numerator
            if fact.tallies[Rate.PURPOSED_USE].numerator:
                used.add(fact.camera_id)
        day = str(FIRST + timedelta(days=ahead))
        async with database.write() as transaction:
            await transaction.connection.exec_driver_sql(_INSERT, [_fact_row(day, fact) for fact in facts])
    return {**sums, Rate.PURPOSED_USE: len(used)}


def _fact_row(day: str, fact: CameraFact) -> tuple[Any, ...]:
    counted = (count for rate in CAMERA_RATES for count in fact.tallies[rate])
    excluded = json.dumps(fact.excluded) if fact.excluded else None
    return (day, fact.camera_id, fact.part, fact.area_id, 1, excluded, *counted)


def _drawn(villages: Sequence[str], random: Random) -> Iterator[CameraFact]:
    for number in range(CAMERAS):
        up, kept = random.randrange(DAY_US), random.randrange(DAY_US)
        seconds = {
            rate: Tally(count, DAY_US, DAY_US)
            for rate, count in ((Rate.ONLINE, up), (Rate.STREAM_INTACT, up), (Rate.RECORDING, kept))
        }
        once = {
            Rate.PICTURE_INTACT: Tally(up, DAY_US, DAY_US),
            Rate.RETENTION: Tally(1, 1, 1),
            Rate.CLOCK: Tally(random.randrange(2), 1, 1),
            Rate.LEDGER: Tally(25, 30, 30),
            Rate.NETWORKING: Tally(1, 1, 1),
            Rate.PURPOSED_USE: Tally(int(not random.randrange(50)), 1, 1),
        }
        left_out = (ExcludedTime("power", "chief", 3_600_000_000),) if number % 500 == 0 else ()
        yield CameraFact(camera_id(number), 0, villages[number % len(villages)], {**seconds, **once}, left_out)


async def _fill_histories(database: Database, villages: Sequence[str], day: SiteDay, random: Random) -> None:
    """What a day is counted from, for every camera."""
    start = day.span[0]
    placed = [(camera_id(n), start - DAY_US, None, villages[n % len(villages)], True) for n in range(CAMERAS)]
    changes, files = [], []
    for number in range(CAMERAS):
        id_ = camera_id(number)
        for step in range(CHANGES):
            at = start + step * DAY_US // CHANGES + random.randrange(DAY_US // CHANGES)
            changes.append((f"{id_}-{step}", id_, "main", "waiting" if step % 2 else "live", at, None))
        for step in range(SEGMENTS):
            at = start + step * DAY_US // SEGMENTS
            row = {
                **_ROW,
                "recording_id": f"{id_}-{step}",
                "camera_id": id_,
                "started_at": at,
                "ended_at": at + 60_000_000,
            }
            files.append(tuple(row.values()))
    async with database.write() as transaction:
        await watch_store.extend_watch(transaction, day.start, day.end)
        insert = transaction.connection.exec_driver_sql
        await insert("INSERT INTO camera_placements VALUES (?, ?, ?, ?, ?)", placed)
        await insert("INSERT INTO camera_states VALUES (?, ?, ?, ?, ?, ?)", changes)
        names, marks = ", ".join(_ROW), ", ".join("?" * len(_ROW))
        await insert(f"INSERT INTO segments ({names}) VALUES ({marks})", files)  # noqa: S608 - our own names


_ROW: dict[str, Any] = {
    "recording_id": "",
    "camera_id": "",
    "started_at": 0,
    "ended_at": 0,
    "role": "main",
    "volume_id": "v",
    "path": "p",
    "size_bytes": 1,
    "sha256": b"\xab" * 32,
    "epoch": 1,
    "node_epoch": 1,
    "mask_version": 0,
    "codec": "h264",
    "width": 1920,
    "height": 1080,
    "keyframe_count": 60,
    "recovered": False,
    "damaged": False,
    "reason": "continuous",
}
