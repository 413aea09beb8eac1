"""audit: what an audited act costs on SQLite with synchronous=FULL, and how fast the chain is verified."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Figure, Report
from ingest.clock import SystemClock
from vms_api.audit.chain import verify
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.audit.store import open_audit_file
from vms_api.cameras.store import bump_version
from vms_api.database import Database

ACT_LIMIT_MS = 1.0
"""1,000 audited acts a second."""
ROW_LIMIT_US = 10.0
"""100,000 verified rows a second."""
PEOPLE = 64
ACTS_OF_EACH = 150
LOOKS = 200_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one act: how long it took, and how long the processor worked for it."""

    wall_ms: float
    cpu_ms: float


def measure() -> Report:
    """Acts of many people at once, each answered after its commit; then of one alone; then the verification of all."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "xueliang.db"
        together, alone, look = asyncio.run(_act(path))
        with open_audit_file(path) as file:
            started_s = time.perf_counter()
            verdict = verify(file.rows())
            row_us = (time.perf_counter() - started_s) / verdict.head.seq * 1e6
    if not verdict.is_whole:
        row_us = float("nan")
    return Report(
        "audit",
        [
            Figure(f"audited act, {PEOPLE} people at once", together.wall_ms, "ms", ACT_LIMIT_MS),
            Figure(f"processor time of an act, {PEOPLE} people at once", together.cpu_ms, "ms"),
            Figure("audited act, one person", alone.wall_ms, "ms"),
            Figure(f"audited look, {PEOPLE} people at once", look.wall_ms, "ms", ACT_LIMIT_MS),
            Figure("verification of a row", row_us, "µs", ROW_LIMIT_US),
            Figure("acts at once", 1000 / together.wall_ms, "acts/s"),
            Figure("verification", 1e6 / row_us, "rows/s"),
        ],
        [
            "an act is an UPDATE and its audit row, a look the row alone: answered when flushed (synchronous=FULL)",
            f"{verdict.head.seq} rows verified, read from the file by a second connection",
            "the database is in the current folder: run it where the data folder is to be",
        ],
    )


async def _act(path: Path) -> tuple[Cost, Cost, Cost]:
    """What each act of many at once costs, of one, and each look of many at once."""
    database = await Database.open(path)
    log = AuditLog(database, SystemClock())

    async def act(number: int) -> None:
        async with database.write() as transaction:
            await bump_version(transaction)
            await log.record(transaction, _entry(number))

    async def look(number: int) -> None:
        await log.record_alone(_entry(number))

    together, alone = await _timed(act, PEOPLE), await _timed(act, 1)
    looked = await _timed(look, PEOPLE)
    await _fill(database, log)
    await database.close()
    return together, alone, looked


async def _timed(act: Callable[[int], Awaitable[None]], people: int) -> Cost:
    async def person(number: int) -> None:
        for _ in range(ACTS_OF_EACH):
            await act(number)

    wall_s, cpu_s = time.perf_counter(), time.process_time()
    await asyncio.gather(*(person(number) for number in range(people)))
    count = people * ACTS_OF_EACH
    return Cost((time.perf_counter() - wall_s) / count * 1000, (time.process_time() - cpu_s) / count * 1000)


async def _fill(database: Database, log: AuditLog) -> None:
    """Rows to verify, a thousand in each transaction."""
    for start in range(0, LOOKS, 1000):
        async with database.write() as transaction:
            for number in range(start, start + 1000):
                await log.record(transaction, _entry(number))


def _entry(number: int) -> AuditEntry:
    actor = Actor(f"0192f0c1-7d3a-7aaa-bbbb-{number:012d}", f"person{number}", "192.0.2.17", "9f86d081884c7d65")
    place = Place("0192f0c1-7d3a-7aaa-cccc-000000000001", f"0192f0c1-7d3a-7aaa-dddd-{number % 64:012d}")
    return AuditEntry(AuditKind.SNAPSHOT, actor, place, detail={"stream": "main"})
