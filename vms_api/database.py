"""The rows of a site through SQLAlchemy: one writing connection, many reading ones, migrated at start.

In a file of SQLite or on a PostgreSQL server. The stores write what both understand; the few words in which they differ
are here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vms_api.database_place import DatabasePlace
from vms_api.group_commit import GroupCommit, Ledger, Transaction
from vms_api.sqlite_file import migrate, open_file

__all__ = [
    "Connection",
    "Database",
    "RowNumber",
    "RowRefused",
    "Transaction",
    "from_us",
    "metadata",
    "migrate",
    "to_us",
    "upsert",
]

Connection = AsyncConnection
"""What the stores read with. Other modules name it by this alias, so that SQLAlchemy stays in stores and here."""

RowRefused = IntegrityError
"""A row that the tables' constraints do not take, such as a name that is there already."""

RowNumber = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""The type of a primary key that counts up: 64 bits in both, though SQLite wants it called INTEGER."""

metadata = sa.MetaData()
"""The tables of all domains; each is declared in the store.py of its folder."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(at: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z, as times are stored."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_us(microseconds: int) -> datetime:
    """The time that was stored, UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


class Database:
    """The database of a site. Opened by `Database.open`, which migrates it first."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self._writes = GroupCommit(writer)

    @classmethod
    async def open(cls, place: DatabasePlace) -> "Database":
        """Brings the tables up to this version (making them where there are none) and opens the database.

        Raises:
            DatabaseNewer: a later version has written it.
            DatabaseInUse: another control process works on it (a server; a file is guarded by its folder).
            DatabaseUnreachable: the server does not answer, or does not let us in.
            DataFolderUnwritable: the file cannot be written.

        """
        if isinstance(place, Path):
            return cls(*await open_file(place))
        from vms_api.postgresql_server import open_server  # noqa: PLC0415 - asyncpg is an extra

        return cls(*await open_server(place))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """One transaction: durable after the block, rolled back when it raises. Those that wait share one commit."""
        async with self._writes.turn() as transaction:
            yield transaction

    async def append(self, ledger: Ledger, item: Any) -> None:
        """A transaction of one item that `ledger` writes with those of others; returns when it is durable."""
        await self._writes.append(ledger, item)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the rows; writing through it is refused by the database itself."""
        async with self._reader.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Closes the readers first, so that the last checkpoint belongs to the writer."""
        await self._writes.idle()
        await self._reader.dispose()
        await self._writer.dispose()


def upsert(connection: Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the words of this connection."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
