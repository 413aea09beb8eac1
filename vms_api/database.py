"""SQLite through SQLAlchemy: one writing connection, many reading ones, migrated at start.

`synchronous=FULL`, because with WAL and NORMAL a power cut takes back committed rows. One process and one connection
write and checkpoint: SQLite 3.7.0 to 3.51.2 can damage a database when a second one checkpoints beside it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from vms_api.errors import DatabaseNewer, DataFolderUnwritable
from vms_api.group_commit import GroupCommit, Ledger, Transaction

__all__ = ["Connection", "Database", "RowRefused", "Transaction", "from_us", "metadata", "migrate", "to_us"]

Connection = AsyncConnection
"""What the stores read with. Other modules name it by this alias, so that SQLAlchemy stays in stores and here."""

RowRefused = IntegrityError
"""A row that the tables' constraints do not take, such as a name that is there already."""

metadata = sa.MetaData()
"""The tables of all domains; each is declared in the store.py of its folder."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_TIMEOUT_MS = 5000


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
    async def open(cls, path: Path) -> "Database":
        """Migrates the file (making it if it is not there) and opens it.

        Raises:
            DatabaseNewer: a later version has written it.
            DataFolderUnwritable: it cannot be written.

        """
        await asyncio.to_thread(migrate, path)
        # hide_parameters: an error must not carry a password hash or an address into the log.
        url = f"sqlite+aiosqlite:///{path}"
        writer = create_async_engine(url, pool_size=1, max_overflow=0, hide_parameters=True)
        reader = create_async_engine(url, pool_size=4, max_overflow=4, hide_parameters=True)
        _configure(writer.sync_engine, "BEGIN IMMEDIATE")
        _configure(reader.sync_engine, "BEGIN", query_only=True)
        return cls(writer, reader)

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
        """One consistent view of the rows; writing through it is refused by SQLite itself."""
        async with self._reader.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Closes the readers first, so that the last checkpoint belongs to the writer."""
        await self._writes.idle()
        await self._reader.dispose()
        await self._writer.dispose()


def migrate(path: Path) -> None:
    """Brings the schema up to this version, one committed step at a time, so that a killed start goes on later.

    Raises:
        DatabaseNewer: the file's revision is not one of ours.
        DataFolderUnwritable: it cannot be written.

    """
    engine = sa.create_engine(f"sqlite:///{path}")
    _configure(engine, "BEGIN IMMEDIATE")
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    try:
        with engine.connect() as connection:
            _refuse_newer(connection, ScriptDirectory.from_config(config), path)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        path.chmod(0o600)
    except (OperationalError, OSError) as error:
        raise DataFolderUnwritable(path, str(getattr(error, "orig", error))) from error
    finally:
        engine.dispose()


def _refuse_newer(connection: sa.Connection, scripts: ScriptDirectory, path: Path) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if "alembic_version" in sa.inspect(connection).get_table_names():
        for (revision,) in connection.execute(sa.text("SELECT version_num FROM alembic_version")):
            if revision not in known:
                raise DatabaseNewer(path, revision)
    connection.rollback()


def _configure(engine: sa.Engine, begin: Literal["BEGIN", "BEGIN IMMEDIATE"], *, query_only: bool = False) -> None:
    """Sets up each connection and takes BEGIN away from the driver, which would begin too late and not immediately."""
    pragmas = (
        f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA query_only={int(query_only)}",
    )

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)
