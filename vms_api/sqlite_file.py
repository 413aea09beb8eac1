"""An SQLite file as database: one writing connection, many reading ones.

`synchronous=FULL`, because with WAL and NORMAL a power cut takes back committed rows. One process and one connection
write and checkpoint: SQLite 3.7.0 to 3.51.2 can damage a database when a second one checkpoints beside it.
"""

import asyncio
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from vms_api.errors import DataFolderUnwritable
from vms_api.schema import upgrade
from vms_api.sqlite_driver import OneWayConnection

_BUSY_TIMEOUT_MS = 5000


async def open_file(path: Path) -> tuple[AsyncEngine, AsyncEngine]:
    """The file's writer and reader; it is made where it is not there, and brought up to this version.

    Raises:
        DatabaseNewer: a later version has written it.
        DataFolderUnwritable: it cannot be written.

    """
    await asyncio.to_thread(migrate, path)
    writer = _engine(path, pool_size=1, max_overflow=0)
    reader = _engine(path, pool_size=4, max_overflow=4)
    _configure(writer.sync_engine, "BEGIN IMMEDIATE")
    _configure(reader.sync_engine, "BEGIN", query_only=True)
    return writer, reader


def migrate(path: Path) -> None:
    """Brings the file's schema up to this version.

    Raises:
        DatabaseNewer: the file's revision is not one of ours.
        DataFolderUnwritable: it cannot be written.

    """
    engine = sa.create_engine(f"sqlite:///{path}")
    _configure(engine, "BEGIN IMMEDIATE")
    try:
        with engine.connect() as connection:
            upgrade(connection, str(path))
        path.chmod(0o600)
    except (OperationalError, OSError) as error:
        raise DataFolderUnwritable(path, str(getattr(error, "orig", error))) from error
    finally:
        engine.dispose()


def _engine(path: Path, **options: Any) -> AsyncEngine:
    async def connect() -> OneWayConnection:
        connection = OneWayConnection(path)
        await connection
        return connection

    # hide_parameters: an error must not carry a password hash or an address into the log.
    return create_async_engine(f"sqlite+aiosqlite:///{path}", async_creator=connect, hide_parameters=True, **options)


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
