"""aiosqlite with one way to its thread and back for each statement.

The driver goes there for the cursor, the statement, the rows and the end of the cursor each, and a way costs more than
most statements: waking a thread, and being woken by it. Here all four are one, and a savepoint comes along with the
first statement that is written in it.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import aiosqlite

_CHUNK_ROWS = 64


class OneWayConnection(aiosqlite.Connection):
    """A connection whose cursors are `OneWayCursor`."""

    def __init__(self, path: Path) -> None:
        # SQLAlchemy's own: its statements come from the driver's thread, but it sets the isolation level from ours.
        super().__init__(lambda: sqlite3.connect(path, check_same_thread=False), _CHUNK_ROWS)
        self._thread.daemon = True  # a process that dies does not wait for it
        self._savepoint: str | None = None

    def cursor(self) -> Any:
        """A cursor that goes to the thread only to execute."""
        return OneWayCursor(self)

    def begin_savepoint(self, name: str) -> None:
        """Begins a savepoint right before the next statement, if there is one."""
        self._savepoint = name

    async def roll_back_savepoint(self, name: str) -> None:
        """Takes back what was written since; costs nothing when nothing was."""
        if self._savepoint is None:
            await self.run(sqlite3.Connection.execute, f"ROLLBACK TO {name}")
        self._savepoint = None

    def end_savepoint(self) -> None:
        """What was written stays, as far as the transaction does."""
        self._savepoint = None

    async def run(self, act: Any, *arguments: Any) -> Any:
        """Calls `act(connection, *arguments)` in the thread."""
        return await self._execute(self._run, act, arguments)  # type: ignore[no-untyped-call]

    def _run(self, act: Any, arguments: Sequence[Any]) -> Any:
        if self._savepoint is not None:
            self._conn.execute(f"SAVEPOINT {self._savepoint}")
            self._savepoint = None
        return act(self._conn, *arguments)


class OneWayCursor:
    """A statement and its rows (PEP 249 as far as SQLAlchemy asks for it)."""

    def __init__(self, connection: OneWayConnection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        """Executes, and fetches all rows."""
        await self._connection.run(self._take, sqlite3.Connection.execute, statement, parameters)

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Executes once for each set of parameters."""
        await self._connection.run(self._take, sqlite3.Connection.executemany, statement, parameters)

    async def fetchall(self) -> Sequence[Any]:
        """The rows, which are here already."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """Nothing is open."""

    def _take(self, connection: sqlite3.Connection, execute: Any, statement: str, parameters: Any) -> None:
        cursor = execute(connection, statement, parameters)
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else ()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()
