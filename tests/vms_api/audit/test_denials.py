"""Refused attempts are recorded, and a flood of them is counted."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import ManualClock
from vms_api.audit.denials import MAX_KEYS, WINDOW_S, Denial, DenialCounter, DenialLog
from vms_api.audit.entry import Actor
from vms_api.audit.log import AuditLog
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.database import Database

pytestmark = pytest.mark.anyio

DENIAL = Denial(Actor(address="192.0.2.1"), "not-logged-in", "GET /api/v1/cameras")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "x.db")
    yield opened
    await opened.close()


async def test_flood_is_one_row_and_a_count(database: Database) -> None:
    """A thousand equal attempts: the first at once, the others as a number when the window is over."""
    clock = ManualClock()
    log = DenialLog(AuditLog(database, clock), clock)
    for _ in range(1000):
        await log.record(DENIAL)
    await log.flush()
    clock.advance(WINDOW_S)
    await log.flush()
    await log.flush(is_last=True)
    async with database.read() as connection:
        rows = [json.loads(row.body) for row in reversed(await list_rows(connection, AuditQuery()))]
    assert [row["detail"].get("repeats") for row in rows] == [None, 999]
    assert {row["outcome"] for row in rows} == {"denied"}


def test_window_over_begins_a_new_one() -> None:
    """After a quiet minute the same attempt is recorded by itself again."""
    counter = DenialCounter()
    assert counter.admit(DENIAL, 0)
    assert not counter.admit(DENIAL, 1)
    assert counter.take_over(WINDOW_S) == [(DENIAL, 1)]
    assert counter.admit(DENIAL, WINDOW_S)


def test_attempts_from_everywhere_do_not_fill_the_memory() -> None:
    """Beyond MAX_KEYS different attempts, those with one code share one count."""
    counter = DenialCounter()
    admitted = [counter.admit(Denial(Actor(address=str(n)), "x", "GET /"), 0) for n in range(MAX_KEYS + 100)]
    assert admitted.count(True) == MAX_KEYS + 1


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 50)), max_size=60))
def test_no_attempt_is_lost(attempts: list[Any]) -> None:
    """Rows and counts together are all attempts."""
    counter, now_s, recorded = DenialCounter(), 0.0, 0
    for address, wait_s in attempts:
        now_s += wait_s
        recorded += sum(repeats for _, repeats in counter.take_over(now_s))
        recorded += counter.admit(Denial(Actor(address=address), "x", "GET /"), now_s)
    recorded += sum(repeats for _, repeats in counter.take_over(float("inf")))
    assert recorded == len(attempts)
