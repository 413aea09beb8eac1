"""Acts and their audit rows are one transaction, chained in commit order."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.exc import IntegrityError

from tests.fakes.clock import ManualClock
from vms_api.audit.chain import verify
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.audit.store import AuditQuery, list_rows, open_audit_file
from vms_api.cameras.store import bump_version, desired_version
from vms_api.database import Database

pytestmark = pytest.mark.anyio

LOOK = AuditEntry(AuditKind.SNAPSHOT, Actor("u1", "chief", "192.0.2.1"), Place(None, "cam1"))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(tmp_path / "x.db")
    yield opened
    await opened.close()


@pytest.fixture
def log(database: Database) -> AuditLog:
    return AuditLog(database, ManualClock())


async def test_acts_of_many_at_once_are_one_whole_chain(database: Database, log: AuditLog, tmp_path: Path) -> None:
    """A hundred writers, some of which fail: the rows of the others follow each other without gap."""

    async def act(number: int) -> None:
        async with database.write() as transaction:
            await bump_version(transaction)
            await log.record(transaction, LOOK)
            await asyncio.sleep(0)
            if number % 3 == 0:
                raise LookupError

    results = await asyncio.gather(*(act(number) for number in range(100)), return_exceptions=True)
    async with database.read() as connection:
        assert await desired_version(connection) == 1 + results.count(None)
    with open_audit_file(tmp_path / "x.db") as file:
        verdict = verify(file.rows())
    assert (verdict.is_whole, verdict.head.seq) == (True, results.count(None))


async def test_rolled_back_act_leaves_no_row(database: Database, log: AuditLog) -> None:
    """What was not done was not done: neither the change nor its row is there."""
    with suppress(LookupError):
        async with database.write() as transaction:
            await bump_version(transaction)
            await log.record(transaction, LOOK)
            raise LookupError
    async with database.read() as connection:
        assert await list_rows(connection, AuditQuery()) == []
        assert await desired_version(connection) == 1


async def test_rows_say_who_where_and_when(database: Database, log: AuditLog) -> None:
    """The stored text is canonical JSON with everything in it."""
    await log.record_alone(LOOK)
    async with database.read() as connection:
        (row,) = await list_rows(connection, AuditQuery(camera_id="cam1", user_id="u1", kind="picture.snapshot"))
    document = json.loads(row.body)
    assert document["actor"] == {"id": "u1", "name": "chief", "address": "192.0.2.1", "session": None}
    assert (document["kind"], document["outcome"], document["camera_id"]) == ("picture.snapshot", "done", "cam1")
    assert row.body == json.dumps(document, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET body = '{}'",
        "DELETE FROM audit",
        "UPDATE audit_heads SET seq = 2",
        "DELETE FROM audit_heads",
    ],
)
async def test_rows_cannot_be_changed_or_removed(database: Database, log: AuditLog, statement: str) -> None:
    """The database itself refuses, whoever asks."""
    await log.record_alone(AuditEntry(AuditKind.NODE_REPLACE, SYSTEM))
    async with database.write() as transaction:
        await transaction.connection.exec_driver_sql("INSERT INTO audit_heads VALUES (1, x'00', '', '', x'00')")
    with pytest.raises(IntegrityError, match="append-only"):
        async with database.write() as transaction:
            await transaction.connection.exec_driver_sql(statement)


def test_postgresql_takes_the_rights_away() -> None:
    """There nobody may change rows, not even the role that made the table; SQLite gets triggers instead."""
    written = {dialect: _migration(dialect) for dialect in ("postgresql", "sqlite")}
    assert "REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM PUBLIC, CURRENT_USER" in written["postgresql"]
    assert "TRIGGER" not in written["postgresql"]
    assert "REVOKE" not in written["sqlite"]
    assert written["sqlite"].count("CREATE TRIGGER") == 4


def _migration(dialect: str) -> str:
    text = StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": text})
    with Operations.context(context):
        importlib.import_module("vms_api.migrations.versions.0003_audit").upgrade()
    return text.getvalue()
