"""One writer, durable and migrated."""

import asyncio
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import OperationalError

from vms_api.cameras.store import bump_version, desired_state, desired_version
from vms_api.data_folder import data_folder
from vms_api.database import Database, metadata, migrate
from vms_api.errors import DatabaseNewer, DataFolderInUse, DataFolderUnwritable

pytestmark = pytest.mark.anyio

LATEST = max(file.name[:4] for file in Path("vms_api/migrations/versions").glob("0*.py"))


async def test_schema_is_that_of_the_tables(tmp_path: Path) -> None:
    """The migrations lead to exactly what the code declares."""
    migrate(tmp_path / "x.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_connections_are_durable_and_checked(database: Database) -> None:
    """The writer runs WAL with synchronous=FULL and foreign keys."""
    async with database.write() as transaction:
        found = [
            (await transaction.connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 5000]


async def test_concurrent_writes_are_all_kept(database: Database) -> None:
    """Fifty tasks that read, wait and write lose nothing: transactions follow each other."""

    async def add_one() -> None:
        async with database.write() as transaction:
            value = await desired_version(transaction.connection)
            await asyncio.sleep(0)
            await transaction.connection.execute(desired_state.update().values(version=value + 1))

    await asyncio.gather(*(add_one() for _ in range(50)))
    async with database.read() as connection:
        assert await desired_version(connection) == 51


async def test_failed_write_leaves_and_tells_nothing(database: Database) -> None:
    """An exception in the block rolls back, and what waited for the commit is not called."""
    told = []

    async def fail_half_way() -> None:
        async with database.write() as transaction:
            transaction.after_commit(lambda: told.append(1))
            await bump_version(transaction)
            raise LookupError

    with pytest.raises(LookupError):
        await fail_half_way()
    async with database.read() as connection:
        assert await desired_version(connection) == 1
    assert told == []


async def test_readers_cannot_write(database: Database) -> None:
    """SQLite itself refuses."""
    with pytest.raises(OperationalError, match="readonly"):
        async with database.read() as connection:
            await connection.exec_driver_sql("UPDATE desired_state SET version = 99")


async def test_reading_goes_on_beside_a_write(database: Database) -> None:
    """An open write blocks no reader, and is not seen before its commit."""
    async with database.write() as transaction:
        await transaction.connection.exec_driver_sql("UPDATE desired_state SET version = 99")
        async with database.read() as connection:
            assert await desired_version(connection) == 1


def test_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    """A schema of a later version is named, and nothing is changed."""
    path = tmp_path / "x.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(DatabaseNewer, match=r"x\.db: database-newer: its schema is 9999"):
        migrate(path)
    assert DatabaseNewer.code == "database-newer"


def test_killed_migration_starts_again(tmp_path: Path) -> None:
    """What a start leaves behind that died before its first step does not stop the next one."""
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    migrate(path)
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(LATEST,)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    """A folder that cannot be made is told by its path."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderUnwritable, match="file/data: cannot be written"), data_folder(tmp_path / "file/data"):
        pass


@pytest.mark.skipif(not hasattr(os, "fork") or os.geteuid() != 0, reason="changes its user for the test")
def test_folder_without_permission_is_named(tmp_path: Path) -> None:
    """No write permission is a clear refusal, not a traceback of SQLite."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(DataFolderUnwritable, match="Permission denied"), data_folder(folder):
            pass
        with pytest.raises(DataFolderUnwritable, match="unable to open database file"):
            migrate(folder / "x.db")
    finally:
        os.seteuid(0)


def test_folder_has_one_process(tmp_path: Path) -> None:
    """A second control process is refused; the lock ends with its holder."""
    with data_folder(tmp_path / "data"), pytest.raises(DataFolderInUse), data_folder(tmp_path / "data"):
        pass
    with data_folder(tmp_path / "data") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
