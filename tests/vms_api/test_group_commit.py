"""Writers share a commit and nothing else: what one does wrong costs the others nothing."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from vms_api.cameras.store import bump_version, desired_version
from vms_api.database import Connection, Database, RowRefused

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


async def version(database: Database) -> int:
    async with database.read() as connection:
        return await desired_version(connection)


async def test_those_who_wait_share_one_commit(database: Database) -> None:
    """Ten transactions at once reach a ledger in one call, in the order in which they began."""
    calls: list[list[int]] = []

    async def ledger(_connection: Connection, items: Sequence[Any]) -> None:
        calls.append(list(items))

    async def write(number: int) -> None:
        async with database.write() as transaction:
            await bump_version(transaction)
            transaction.append_at_commit(ledger, number)

    await asyncio.gather(*(write(number) for number in range(10)), database.append(ledger, 10))
    assert calls == [list(range(11))]
    assert await version(database) == 11


async def test_next_writer_finds_memory_in_step(database: Database) -> None:
    """What one writer keeps in memory after its commit is there when the next one begins, however many wait."""
    seen: list[int] = []
    memory = [0]

    async def write() -> None:
        async with database.write() as transaction:
            await bump_version(transaction)
            seen.append(memory[0])
            transaction.after_commit(lambda: memory.append(memory.pop() + 1))

    await asyncio.gather(*(write() for _ in range(10)))
    assert seen == list(range(10))


async def test_nothing_is_answered_before_it_is_durable(database: Database) -> None:
    """While a later writer of the group holds the connection, the earlier one is not answered and sees no row."""
    may_end = asyncio.Event()
    answered = []

    async def quick() -> None:
        async with database.write() as transaction:
            await bump_version(transaction)
        answered.append("quick")

    async def slow() -> None:
        async with database.write():
            await may_end.wait()

    tasks = [asyncio.create_task(quick()), asyncio.create_task(slow())]
    await asyncio.sleep(0.1)
    assert (answered, await version(database)) == ([], 1)
    may_end.set()
    await asyncio.gather(*tasks)
    assert (answered, await version(database)) == (["quick"], 2)


async def test_failing_and_cancelled_writers_take_nothing_along(database: Database) -> None:
    """One raises, one is refused a row, one is cancelled in its block, one while it waits: the other two are kept."""

    async def write(fault: str = "") -> None:
        async with database.write() as transaction:
            await bump_version(transaction)
            if fault == "raise":
                raise LookupError
            if fault == "row":
                await transaction.connection.exec_driver_sql("INSERT INTO desired_state VALUES (1, 1)")
            if fault == "hang":
                await asyncio.sleep(60)

    tasks = [asyncio.create_task(write(fault)) for fault in ("", "raise", "row", "hang", "wait", "")]
    await asyncio.sleep(0.1)
    tasks[4].cancel()
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [
        type(None),
        LookupError,
        RowRefused,
        asyncio.CancelledError,
        asyncio.CancelledError,
        type(None),
    ]
    assert await version(database) == 3


async def test_failed_commit_is_told_to_everybody_whose_rows_it_had(database: Database) -> None:
    """A ledger that fails fails the group; nothing was written, and the next writer finds a working connection."""

    async def ledger(_connection: Connection, _items: Sequence[Any]) -> None:
        raise OSError("disk full")

    async def write() -> None:
        async with database.write() as transaction:
            await bump_version(transaction)

    results = await asyncio.gather(write(), database.append(ledger, 1), write(), return_exceptions=True)
    assert [type(result) for result in results] == [OSError, OSError, OSError]
    assert await version(database) == 1
    await write()
    assert await version(database) == 2


async def test_statement_that_is_cancelled_leaves_a_working_database(database: Database) -> None:
    """The connection is given up, whoever was in the group is told, and the next write works."""

    async def write(*, is_cancelled: bool) -> None:
        async with database.write() as transaction:
            if is_cancelled:
                asyncio.get_running_loop().call_soon(asyncio.current_task().cancel)
            await bump_version(transaction)

    with suppress(asyncio.CancelledError):
        await asyncio.create_task(write(is_cancelled=True))
    await write(is_cancelled=False)
    assert await version(database) in (2, 3)
