"""Acts and their audit rows are one transaction, chained in commit order."""

import asyncio
import json
from contextlib import suppress

import pytest
from sqlalchemy.exc import DBAPIError

from tests.fakes.clock import ManualClock
from vms_api.audit.chain import Verdict, verify
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind, Place
from vms_api.audit.log import AuditLog
from vms_api.audit.store import AuditQuery, SignedHead, insert_signed, list_rows, open_audit_rows
from vms_api.cameras.store import bump_version, desired_version
from vms_api.database import Database
from vms_api.database_place import DatabasePlace

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]

LOOK = AuditEntry(AuditKind.SNAPSHOT, Actor("u1", "chief", "192.0.2.1"), Place(None, "cam1"))


@pytest.fixture
def log(database: Database) -> AuditLog:
    return AuditLog(database, ManualClock())


def verdict_on(place: DatabasePlace) -> Verdict:
    with open_audit_rows(place) as kept:
        return verify(kept.rows())


async def test_acts_of_many_at_once_are_one_whole_chain(
    database: Database, log: AuditLog, database_place: DatabasePlace
) -> None:
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
    verdict = await asyncio.to_thread(verdict_on, database_place)
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
        await insert_signed(transaction, SignedHead(1, b"hash", "", "", b"signature"))
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        async with database.write() as transaction:
            await transaction.connection.exec_driver_sql(statement)
