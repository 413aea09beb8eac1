"""One writing connection, shared: those who wait to write are gathered into one commit, one disk flush for all of them.

Each turn runs inside a savepoint, so one that fails takes nothing of the others back, and each is answered only when
the commit that holds its rows is on disk. A lone writer waits for nobody: a group is whoever is waiting already. Who
changes what later writers read from memory ends the group (`Transaction.after_commit`), so that the next writer finds
memory and rows in step.

A task that is cancelled in the middle of a statement loses the connection (SQLAlchemy gives it up), and with it the
group: the others get that error, nothing of theirs is written. Requests are not cancelled here, only tasks at the end.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vms_api.sqlite_driver import OneWayConnection

MAX_GROUP = 64
"""Most transactions in one commit: the first of them has waited long enough then."""

Ledger = Callable[[AsyncConnection, Sequence[Any]], Awaitable[None]]
"""Writes what the transactions of a group have for it, in their order, just before the commit."""


@dataclass(slots=True)
class Transaction:
    """An open write. What is registered with `after_commit` happens only if it is committed, in commit order."""

    connection: AsyncConnection
    _acts: list[Callable[[], None]] = field(default_factory=list)
    _items: list[tuple[Ledger, Any]] = field(default_factory=list)
    ends_group: bool = False

    def after_commit(self, act: Callable[[], None]) -> None:
        """Has `act` called once the rows are durable, and before the next writer begins."""
        self._acts.append(act)
        self.ends_group = True

    def tell_after_commit(self, act: Callable[[], None]) -> None:
        """The same for an act that no writer depends on, such as waking a listener: others may share the commit."""
        self._acts.append(act)

    def append_at_commit(self, ledger: Ledger, item: Any) -> None:
        """Has `ledger` write the item before the commit, in one go with those of the group's other transactions."""
        self._items.append((ledger, item))

    def committed(self) -> None:
        """Calls what was registered."""
        for act in self._acts:
            act()

    def items(self) -> Sequence[tuple[Ledger, Any]]:
        """What is to be appended."""
        return self._items


@dataclass(frozen=True, slots=True)
class _Turn:
    """One writer's place in the queue. `ended` is None when it raised; `ready` is an item without a block."""

    ready: tuple[Ledger, Any] | None
    begun: asyncio.Future[Transaction]
    ended: asyncio.Future[Transaction | None]
    committed: asyncio.Future[None]

    def fail(self, error: BaseException) -> None:
        """Tells the writer, wherever it waits, that nothing was written."""
        waits_for = self.committed if self.ready or self.begun.done() else self.begun
        if not waits_for.done():
            waits_for.set_exception(error)


class GroupCommit:
    """Hands out the writing connection, one turn after the other."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: deque[_Turn] = deque()
        self._running: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Transaction]:
        """One transaction: durable after the block, rolled back when the block raises."""
        turn = self._queue()
        try:
            transaction = await turn.begun
            yield transaction
        except BaseException:
            turn.ended.set_result(None)
            turn.committed.cancel()
            raise
        turn.ended.set_result(transaction)
        await turn.committed

    async def append(self, ledger: Ledger, item: Any) -> None:
        """A transaction of one item for a ledger; returns when it is durable."""
        await self._queue((ledger, item)).committed

    def _queue(self, ready: tuple[Ledger, Any] | None = None) -> _Turn:
        loop = asyncio.get_running_loop()
        turn = _Turn(ready, loop.create_future(), loop.create_future(), loop.create_future())
        self._waiting.append(turn)
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run(), name="group-commit")
        return turn

    async def idle(self) -> None:
        """Returns when nobody writes any more."""
        while self._running is not None and not self._running.done():
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        while self._waiting:
            group: list[tuple[_Turn, Transaction]] = []
            try:
                await self._commit(group)
            except Exception as error:  # noqa: BLE001 - handed on to everyone whose rows are lost by it
                for turn, _ in group:
                    turn.fail(error)
                continue
            for turn, transaction in group:
                _tell(turn, transaction)

    async def _commit(self, group: list[tuple[_Turn, Transaction]]) -> None:
        """Runs the turns that wait, and commits them; `group` fills with those that have something to commit."""
        turn = self._waiting.popleft()
        try:
            async with self._engine.begin() as connection:
                while True:
                    transaction = await _take_turn(connection, turn)
                    if transaction is not None:
                        group.append((turn, transaction))
                    is_last = transaction is not None and transaction.ends_group
                    if is_last or not self._waiting or len(group) >= MAX_GROUP:
                        break
                    turn = self._waiting.popleft()
                await _append(connection, [item for _, transaction in group for item in transaction.items()])
        except BaseException as error:
            turn.fail(error)
            raise


async def _take_turn(connection: AsyncConnection, turn: _Turn) -> Transaction | None:
    """Lets one writer write; None when it left nothing. What it wrote is released by the commit."""
    if turn.ready is not None:
        transaction = Transaction(connection)
        transaction.append_at_commit(*turn.ready)
        return transaction
    if turn.begun.cancelled():
        return None
    if connection.dialect.name == "sqlite":
        return await _sqlite_turn(connection, turn)
    await connection.exec_driver_sql("SAVEPOINT turn")
    written = None
    if not turn.begun.cancelled():
        turn.begun.set_result(Transaction(connection))
        written = await turn.ended
    if written is None:
        await connection.exec_driver_sql("ROLLBACK TO turn")
    return written


async def _sqlite_turn(connection: AsyncConnection, turn: _Turn) -> Transaction | None:
    """The same with SQLite's driver, to which the savepoint costs no way of its own."""
    driver = (await connection.get_raw_connection()).driver_connection
    if not isinstance(driver, OneWayConnection):
        raise InvalidRequestError("the writing connection was lost")
    if turn.begun.cancelled():
        return None
    driver.begin_savepoint("turn")
    turn.begun.set_result(Transaction(connection))
    written = await turn.ended
    if written is None:
        await driver.roll_back_savepoint("turn")
    driver.end_savepoint()
    return written


async def _append(connection: AsyncConnection, items: Sequence[tuple[Ledger, Any]]) -> None:
    by_ledger: dict[Ledger, list[Any]] = {}
    for ledger, item in items:
        by_ledger.setdefault(ledger, []).append(item)
    for ledger, own in by_ledger.items():
        await ledger(connection, own)


def _tell(turn: _Turn, transaction: Transaction) -> None:
    try:
        transaction.committed()
    except Exception as error:  # noqa: BLE001 - handed on to the writer whose act it was
        turn.fail(error)
    else:
        if not turn.committed.done():
            turn.committed.set_result(None)
