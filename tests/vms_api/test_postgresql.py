"""What PostgreSQL does its own way, and that it comes to the same."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from tests.fakes.clock import ManualClock
from tests.fakes.postgresql import PostgresServer
from vms_api.accounts.store import find_user
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.audit.signer import HeadSigner, load_key
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.cameras.mask import Masks
from vms_api.cameras.mask_store import insert_version
from vms_api.commands.audit import audit_app
from vms_api.database import Database, metadata
from vms_api.database_place import URL_VARIABLE, DatabaseServer, database_place
from vms_api.errors import AuditUnreadable, DatabaseInUse, DatabaseNewer, DatabaseUnreachable, SettingsRefused
from vms_api.schema import in_postgresql
from vms_api.settings_file import load_settings, parse_settings

pytestmark = pytest.mark.anyio

CANARY = "canary-of-the-url"


@pytest.fixture
def server(postgresql: PostgresServer) -> DatabaseServer:
    return postgresql.new_database()


@pytest.fixture
async def database(server: DatabaseServer) -> AsyncIterator[Database]:
    opened = await Database.open(server)
    yield opened
    await opened.close()


async def test_schema_is_that_of_the_tables(database: Database) -> None:
    """The steps, put into its words, lead to exactly what the code declares."""
    async with database.read() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), metadata)
        )
    assert differences == []


async def test_sessions_are_durable_and_readers_cannot_write(database: Database) -> None:
    """A commit waits for the disk whatever the server's default is; the server refuses a reader's write."""
    async with database.write() as transaction:
        found = await transaction.connection.exec_driver_sql("SHOW synchronous_commit")
        assert found.scalar_one() == "on"
    with pytest.raises(DBAPIError, match="read-only transaction"):
        async with database.read() as connection:
            await connection.exec_driver_sql("UPDATE desired_state SET version = 99")


async def test_reader_sees_one_moment(database: Database) -> None:
    """What is committed while a reader reads is not half seen by it."""
    query = "SELECT version FROM desired_state"
    async with database.read() as connection:
        before = (await connection.exec_driver_sql(query)).scalar_one()
        async with database.write() as transaction:
            await transaction.connection.exec_driver_sql("UPDATE desired_state SET version = version + 1")
        assert (await connection.exec_driver_sql(query)).scalar_one() == before


async def test_database_has_one_control_process(server: DatabaseServer, database: Database) -> None:
    """A second one is refused by name, without the password; the lock ends with its holder."""
    with pytest.raises(DatabaseInUse, match="another xueliang works on this database") as refusal:
        await Database.open(server)
    assert "canary" not in str(refusal.value)
    await database.close()
    await (await Database.open(server)).close()


async def test_writer_that_lost_its_connection_goes_on(server: DatabaseServer, database: Database) -> None:
    """The server ends all sessions, as a restart does: the next write takes the lock anew and works."""
    name = server.url.partition("@/")[2].partition("?")[0]
    other = await asyncpg.connect(server.url)
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    await other.execute(ended, name)
    await other.close()
    async with database.write() as transaction:
        await transaction.connection.exec_driver_sql("UPDATE desired_state SET version = 7")
    async with database.read() as connection:
        assert (await connection.exec_driver_sql("SELECT version FROM desired_state")).scalar_one() == 7


async def test_newer_database_is_refused_untouched(server: DatabaseServer) -> None:
    """A schema of a later version is named."""
    await (await Database.open(server)).close()
    connection = await asyncpg.connect(server.url)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(DatabaseNewer, match="database-newer: its schema is 9999"):
        await Database.open(server)


@pytest.mark.parametrize("port", ["1", "65000"])
async def test_server_that_does_not_answer_is_told_without_password(port: str) -> None:
    """The refusal names host and database."""
    gone = DatabaseServer.of(f"postgresql://xueliang:{CANARY}@127.0.0.1:{port}/site")
    with pytest.raises(DatabaseUnreachable, match=f"127.0.0.1:{port}/site: cannot be opened") as refusal:
        await Database.open(gone)
    assert CANARY not in str(refusal.value) + repr(gone)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("act", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize(("table", "change"), [("audit", "body = ''"), ("mask_versions", "changed_by = ''")])
async def test_nobody_changes_what_is_kept(
    postgresql: PostgresServer, database: Database, server: DatabaseServer, act: str, table: str, change: str
) -> None:
    """Neither the owner of the tables nor the server's administrator."""
    await AuditLog(database, ManualClock()).record_alone(AuditEntry(AuditKind.NODE_REPLACE, SYSTEM))
    async with database.write() as transaction:
        masks = Masks(version=1, polygons=[], changed_at=datetime.now(UTC), changed_by="u1")
        await insert_version(transaction, "cam1", masks)
    statement = act.format(table, change)
    with pytest.raises(DBAPIError, match=r"append-only|permission denied|kept as they are"):
        async with database.write() as transaction:
            await transaction.connection.exec_driver_sql(statement)
    name = server.url.partition("@/")[2].partition("?")[0]
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await asyncio.to_thread(postgresql.run_as_superuser, statement, name)


async def test_nul_is_found_nowhere_and_stored_nowhere(database: Database) -> None:
    """A text of PostgreSQL cannot hold it: a name with it is unknown, and its denial is recorded and found."""
    async with database.read() as connection:
        assert await find_user(connection, "admin\0") is None
    entry = AuditEntry(AuditKind.LOGIN, Actor("u1", "admin\0"), detail={"typed": "\0"})
    await AuditLog(database, ManualClock()).record_alone(entry)
    async with database.read() as connection:
        (row,) = await list_rows(connection, AuditQuery(user_id="u1"))
    assert "\\u0000" in row.body


async def test_log_is_verified_on_the_server(server: DatabaseServer, database: Database, tmp_path: Path) -> None:
    """`audit verify` reads where the site file, or the environment, says; a row put in behind our back is named."""
    (tmp_path / "data").mkdir()
    (tmp_path / "site.toml").write_text("[storage]\ndata_dir = 'data'\n")
    environ = {URL_VARIABLE: server.url}
    command = ["verify", "--config", str(tmp_path / "site.toml")]
    log = AuditLog(database, ManualClock())
    for _ in range(3):
        await log.record_alone(AuditEntry(AuditKind.NODE_REPLACE, SYSTEM))
    await HeadSigner(database, load_key(tmp_path / "data"), ManualClock(), 60).sign()
    sound = await asyncio.to_thread(CliRunner(env=environ).invoke, audit_app, command)
    assert sound.output.startswith("OK 3 rows, 1 signed heads")
    async with database.write() as transaction:
        await transaction.connection.exec_driver_sql("INSERT INTO audit (seq, body, hash) VALUES (4, '{}', '')")
    broken = await asyncio.to_thread(CliRunner(env=environ).invoke, audit_app, command)
    assert (broken.exit_code, broken.output[:12]) == (1, "BROKEN row 4")


async def test_log_that_cannot_be_read_is_no_verdict(tmp_path: Path) -> None:
    """Exit code 2, and no password in what is said."""
    (tmp_path / "site.toml").write_text("")
    environ = {URL_VARIABLE: f"postgresql://x:{CANARY}@127.0.0.1:1/site"}
    done = await asyncio.to_thread(
        CliRunner(env=environ).invoke, audit_app, ["verify", "--config", str(tmp_path / "site.toml")]
    )
    assert (done.exit_code, CANARY in done.output) == (2, False)
    assert AuditUnreadable.code == "audit-unreadable"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://a:canary@b/c", "must be like postgresql://"),
        ("postgresql://a:canary@b", "must be like postgresql://"),
        ("postgresql://a:canary@b:x/c", "the port is not a number"),
    ],
)
def test_wrong_url_is_refused_without_its_password(url: str, reason: str) -> None:
    """In the site file with its line, in the environment with the variable's name."""
    with pytest.raises(SettingsRefused, match=f"site.toml line 2: storage.database_url: {reason}") as in_file:
        parse_settings(f'[storage]\ndatabase_url = "{url}"\n', "site.toml")
    with pytest.raises(SettingsRefused, match=f"{URL_VARIABLE}: {reason}") as in_environment:
        database_place(None, Path(), {URL_VARIABLE: url})
    assert "canary" not in str(in_file.value) + str(in_environment.value)


def test_environment_goes_before_the_site_file(tmp_path: Path) -> None:
    """And without either the rows are in the data folder; a dump of the settings shows no password."""
    (tmp_path / "site.toml").write_text(f'[storage]\ndatabase_url = "postgres://a:{CANARY}@h:5433/site"\n')
    storage = load_settings(tmp_path / "site.toml").storage
    named = database_place(storage.database_url, tmp_path, {})
    assert isinstance(named, DatabaseServer)
    assert named.name == "postgresql://h:5433/site"
    other = database_place(storage.database_url, tmp_path, {URL_VARIABLE: "postgresql://b/other"})
    assert isinstance(other, DatabaseServer)
    assert other.name == "postgresql://b/other"
    assert database_place(None, tmp_path, {}) == tmp_path / "xueliang.db"
    assert CANARY not in repr(storage) + storage.model_dump_json() + repr(SecretStr(CANARY))


@pytest.mark.parametrize(
    ("written", "translated"),
    [
        ("a BLOB NOT NULL", "a BYTEA NOT NULL"),
        ("id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
        ("a BOOLEAN NOT NULL DEFAULT 0, n INTEGER DEFAULT 0", "a BOOLEAN NOT NULL DEFAULT FALSE, n INTEGER DEFAULT 0"),
        ("ok BOOLEAN DEFAULT 1", "ok BOOLEAN DEFAULT TRUE"),
        (
            "CREATE TRIGGER a_b BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'kept'); END",
            "CREATE TRIGGER a_b BEFORE DELETE OR TRUNCATE ON a EXECUTE FUNCTION refuse_act('kept')",
        ),
        (
            "CREATE TRIGGER a_b\n BEFORE UPDATE OF id, \"end\" ON a\n BEGIN SELECT RAISE(ABORT, 'kept'); END",
            "CREATE TRIGGER a_b\n BEFORE UPDATE OF id, \"end\" ON a EXECUTE FUNCTION refuse_act('kept')",
        ),
    ],
)
def test_steps_are_put_into_its_words(written: str, translated: str) -> None:
    """What a new step may use."""
    assert in_postgresql(written) == translated
