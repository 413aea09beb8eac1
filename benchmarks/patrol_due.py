"""patrol-due: what it costs to know which round is due next, of 500 plans with 200 stops each, all over a year."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.report import Figure, Report, percentile
from vms_api.database import Database
from vms_api.patrols import due_store, plan_store
from vms_api.patrols.due_rounds import BATCH
from vms_api.patrols.plan import PatrolPlanContent, PatrolPlanRow, PatrolPlanVersion
from vms_api.patrols.round_calendar import foreseen
from vms_api.patrols.schedule import next_due

PLANS, STOPS, LIMIT_MS = 500, 200, 20.0
MOMENTS, REPEATS = 37, 5
ZONE = ZoneInfo("Europe/Berlin")
"""A zone that changes its clocks twice a year."""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

_EVERY_DAY = list(range(7))
_SCHEDULES: Sequence[dict[str, Any]] = (
    {"windows": [{"days": _EVERY_DAY, "starts": "08:00", "ends": "10:00"}]},
    {"windows": [{"days": _EVERY_DAY, "starts": "22:00", "ends": "06:00", "every_s": 7200, "randomised": True}]},
    {"windows": [{"days": _EVERY_DAY, "starts": "00:00", "ends": "00:00", "every_s": 1800}]},
    {"windows": [{"days": [0, 1, 2, 3, 4], "starts": f"{hour:02}:00", "ends": f"{hour:02}:50"} for hour in range(20)]},
    {"windows": [{"days": _EVERY_DAY, "month_days": [-1], "starts": "09:00", "ends": "12:00"}]},
    {"windows": [{"days": [6], "month_days": [31], "starts": "09:00", "ends": "12:00", "randomised": True}]},
)
"""From twice an hour to once in months; all kinds are there in equal numbers."""


def measure() -> Report:
    """Fills a database with plans and asks on every tenth day of a year, at another time of the day each."""
    return asyncio.run(_measured())


async def _measured() -> Report:
    with tempfile.TemporaryDirectory() as name:
        database = await Database.open(Path(name) / "xueliang.db")
        try:
            await _fill(database)
            return await _asked(database)
        finally:
            await database.close()


async def _asked(database: Database) -> Report:
    async with database.read() as connection:
        plans = await plan_store.list_plans(connection, ["area"])
    asked_ms: list[float] = []
    idle_ms: list[float] = []
    due_ms: list[float] = []
    one_us: list[float] = []
    for number in range(MOMENTS):
        now = BEGIN + timedelta(days=10 * number, minutes=137 * number % 1440)
        one_us += await _moved(database, plans, now)
        for _ in range(REPEATS):
            async with database.read() as connection:
                asked_ms.append(await _cpu_ms(plan_store.next_due_at(connection)))
                idle_ms.append(await _cpu_ms(due_store.is_any_due(connection, now)))
                due_ms.append(await _cpu_ms(plan_store.due_plans(connection, now + timedelta(days=1), BATCH)))
    began_ns = time.process_time_ns()
    week = foreseen(plans, BEGIN, BEGIN + timedelta(days=7), ZONE, 10**6)
    week_ms = (time.process_time_ns() - began_ns) / 1e6
    return Report(
        "patrol-due",
        [
            Figure(
                "when the next round of any plan is due, CPU per query, p99", percentile(asked_ms, 0.99), "ms", LIMIT_MS
            ),
            Figure("a look of the turn when nothing is due, CPU, p99", percentile(idle_ms, 0.99), "ms", LIMIT_MS),
            Figure("the longest due plans, CPU per query, p99", percentile(due_ms, 0.99), "ms", LIMIT_MS),
            Figure("the next round of one plan by its schedule, CPU, p50", percentile(one_us, 0.5), "us"),
            Figure("the next round of one plan by its schedule, CPU, p99", percentile(one_us, 0.99), "us"),
            Figure(f"a week's calendar of all plans ({len(week):,} rounds), CPU", week_ms, "ms"),
        ],
        [
            f"{PLANS} plans of {STOPS} stops, SQLite in a file",
            f"{len(_SCHEDULES)} kinds of schedule, from every half hour to a Sunday that is the 31st",
            f"{MOMENTS} moments over a year in {ZONE.key}, {REPEATS} questions each; CPU of all threads of the process",
        ],
    )


async def _cpu_ms(asked: Awaitable[object]) -> float:
    began_ns = time.process_time_ns()
    await asked
    return (time.process_time_ns() - began_ns) / 1e6


async def _moved(database: Database, plans: Sequence[PatrolPlanRow], now: datetime) -> list[float]:
    """Sets every plan to its next round after that moment; microseconds of processor time that each took to find."""
    took_us = []
    async with database.write() as transaction:
        for plan in plans:
            began_ns = time.process_time_ns()
            upcoming = next_due(plan.schedule, plan.id, now, ZONE)
            took_us.append((time.process_time_ns() - began_ns) / 1e3)
            await plan_store.set_next_due(transaction, plan.id, upcoming)
    return took_us


async def _fill(database: Database) -> None:
    stops = [{"id": f"stop-{number}", "camera_id": f"camera-{number}", "dwell_s": 10} for number in range(STOPS)]
    async with database.write() as transaction:
        for number, schedule in zip(range(PLANS), itertools.cycle(_SCHEDULES), strict=False):
            told = {"area_id": "area", "name": f"Plan {number}", "people": {"roster": True}, "schedule": schedule}
            content = PatrolPlanContent.model_validate({**told, "stops": stops})
            made = PatrolPlanVersion(
                plan_id=f"plan-{number}", version=1, content=content, at=BEGIN, user_id=None, username=None
            )
            await plan_store.insert_plan(transaction, made, BEGIN)
