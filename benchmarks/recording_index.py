"""recording-index: what the timeline and a seek cost with 30 days of 24 cameras, a row a minute, in the index."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.report import Figure, Report, percentile
from vms_api.database import Connection, Database, to_us
from vms_api.recordings import gap_store, store
from vms_api.recordings.gap import Gap
from vms_api.recordings.segment import Segment
from vms_api.recordings.store import segments
from vms_api.recordings.timeline import TimelineQuery, read_timeline

LIMIT_MS = 300.0
AIM_MS = 50.0
"""What the month's timeline of a camera is to take; the figure that a page may wait for is LIMIT_MS."""
CAMERAS, DAYS = 24, 30
START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=DAYS)
MINUTE_US = 60_000_000
ROUNDS = 30
_ROWS_AT_ONCE = 36_000
_COLUMNS = [column.name for column in segments.c]
_INSERT = f"INSERT INTO segments ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608


def measure() -> Report:
    """Fills an index and asks it as routes do; each question goes to another camera, at another time."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "xueliang.db"
        times, rows = asyncio.run(_measured(path))
        size_mb = path.stat().st_size / 1e6
    return Report(
        "recording-index",
        [
            Figure("timeline of 30 days, one camera, p95", percentile(times["month"], 0.95), "ms CPU", AIM_MS),
            Figure(
                "the same, recorded in events (1 min in 6), p95", percentile(times["events"], 0.95), "ms CPU", LIMIT_MS
            ),
            Figure("timeline of a day, p95", percentile(times["day"], 0.95), "ms CPU", AIM_MS),
            Figure("seek: the segments of 6 hours, p95", percentile(times["seek"], 0.95), "ms CPU", LIMIT_MS),
            Figure("the segment at an instant, p95", percentile(times["instant"], 0.95), "ms CPU", LIMIT_MS),
            Figure("timeline of 30 days, by the clock, p50", percentile(times["month wall"], 0.5), "ms"),
            Figure("a segment taken into the index, by the clock, p50", percentile(times["insert"], 0.5), "ms"),
            Figure("bytes of the index for each segment", size_mb * 1e6 / rows, "B"),
        ],
        [
            f"{rows} rows: {CAMERAS} cameras, {DAYS} days, a segment a minute, a gap every few hours with its row",
            "one camera more is recorded in events; the database is in the current folder, cold after the filling",
        ],
    )


async def _measured(path: Path) -> tuple[dict[str, list[float]], int]:
    database = await Database.open(path)
    random = Random(7)
    rows = await fill_index(database, random)
    await database.close()
    database = await Database.open(path)

    async def month(connection: Connection) -> None:
        await read_timeline(connection, _asked(camera_id(random.randrange(CAMERAS)), START, END))

    async def events(connection: Connection) -> None:
        await read_timeline(connection, _asked(camera_id(CAMERAS), START, END))

    async def day(connection: Connection) -> None:
        start = START + timedelta(hours=random.randrange(24 * (DAYS - 1)))
        await read_timeline(connection, _asked(camera_id(random.randrange(CAMERAS)), start, start + timedelta(days=1)))

    async def seek(connection: Connection) -> None:
        start = START + timedelta(minutes=random.randrange(1440 * (DAYS - 1)))
        await store.segments_between(
            connection, camera_id(random.randrange(CAMERAS)), start, start + timedelta(hours=6)
        )

    async def instant(connection: Connection) -> None:
        at = START + timedelta(seconds=random.randrange(86400 * DAYS))
        await store.segment_at(connection, camera_id(random.randrange(CAMERAS)), at)

    asks = {"month": month, "events": events, "day": day, "seek": seek, "instant": instant}
    times = {name: await _timed_ms(database, ask, time.process_time) for name, ask in asks.items()}
    times["month wall"] = await _timed_ms(database, month, time.perf_counter)
    times["insert"] = await _insert_ms(database)
    await database.close()
    return times, rows


async def _timed_ms(
    database: Database, ask: Callable[[Connection], Awaitable[None]], now_s: Callable[[], float]
) -> list[float]:
    """Milliseconds of each round. CPU time is what is judged: it does not depend on who else uses the machine."""
    times = []
    for _ in range(ROUNDS):
        started_s = now_s()
        async with database.read() as connection:
            await ask(connection)
        times.append((now_s() - started_s) * 1000)
    return times


async def _insert_ms(database: Database) -> list[float]:
    times = []
    for number in range(ROUNDS):
        row = _row(camera_id(number % CAMERAS), DAYS * 1440 + number)
        own = {key: row[key] for key in Segment.model_fields if key in row}
        own |= {"started_at": END + timedelta(minutes=number), "duration_s": 60.0, "sha256": "ab" * 32}
        segment = Segment.model_validate(own)
        started_s = time.perf_counter()
        async with database.write() as transaction:
            await store.insert_segment(transaction, segment)
        times.append((time.perf_counter() - started_s) * 1000)
    return times


async def fill_index(database: Database, random: Random) -> int:
    """A month of the cameras; the number of rows."""
    count = 0
    batch: list[dict[str, Any]] = []
    for row in _rows(random):
        batch.append(row)
        count += 1
        if len(batch) == _ROWS_AT_ONCE:
            await _write(database, batch)
            batch = []
    await _write(database, batch)
    return count


async def _write(database: Database, batch: list[dict[str, Any]]) -> None:
    """Rows, and a gap before each that does not follow the one before."""
    async with database.write() as transaction:
        await transaction.connection.exec_driver_sql(_INSERT, [tuple(row.values()) for row in batch])
        for row in (row for row in batch if row["hole_us"] is None and row["reason"] != "event"):
            ended_at = START + timedelta(microseconds=row["started_at"] - to_us(START))
            gap = Gap(
                id=row["recording_id"],
                camera_id=row["camera_id"],
                started_at=ended_at - timedelta(minutes=1),
                ended_at=ended_at,
                reason="camera-offline",
            )
            await gap_store.put_gap(transaction, gap)


def _rows(random: Random) -> Iterator[dict[str, Any]]:
    """As they come: all cameras minute by minute, one minute in 400 missing."""
    follows = [False] * CAMERAS
    for minute in range(DAYS * 1440):
        for camera in range(CAMERAS):
            if random.random() < 1 / 400:
                follows[camera] = False
                continue
            yield _row(camera_id(camera), minute, hole_us=1000 if follows[camera] else None)
            follows[camera] = True
        if minute % 6 == 0:
            yield _row(camera_id(CAMERAS), minute, reason="event")


def _row(camera_id: str, minute: int, **changes: Any) -> dict[str, Any]:
    started_at = to_us(START) + minute * MINUTE_US
    recording_id = f"0192f0c1-{minute:012x}-{camera_id[-4:]}-4bcd-0123456789"
    return {
        "recording_id": recording_id,
        "camera_id": camera_id,
        "role": "main",
        "volume_id": "0192f0c1-7d3a-7aaa-eeee-000000000001",
        "path": f"{camera_id}/2026-01-01/00/{recording_id}.mp4",
        "started_at": started_at,
        "ended_at": started_at + MINUTE_US - 1000,
        "hole_us": None,
        "size_bytes": 15_000_000,
        "sha256": b"\xab" * 32,
        "epoch": 1,
        "node_epoch": 1,
        "clock_offset_s": 0.25,
        "mask_version": 0,
        "codec": "h264",
        "width": 1920,
        "height": 1080,
        "profile": "High",
        "audio_codec": None,
        "keyframe_count": 60,
        "recovered": False,
        "damaged": False,
        "reason": "continuous",
        **changes,
    }


def camera_id(number: int) -> str:
    """The id of a camera in the index; the last one is recorded in events."""
    return f"0192f0c1-7d3a-7aaa-dddd-{number:012d}"


def _asked(camera_id: str, start: datetime, end: datetime) -> TimelineQuery:
    resolution_s = (end - start).total_seconds() / 1500
    return TimelineQuery(camera_id, start, end, lambda _version: False, resolution_s)
