"""The audit log in the database. Rows are added and read; triggers refuse everything else (migration 0003).

A row is its canonical JSON and its hash. The columns that are searched by are generated from that JSON by the
database itself, so there is nothing beside the hashed text that could say something else.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from vms_api.audit.chain import ChainHead, ChainRow
from vms_api.database import Connection, RowNumber, Transaction, metadata
from vms_api.database_place import DatabasePlace, DatabaseServer
from vms_api.errors import AuditUnreadable


def _from_body(path: str) -> sa.Computed:
    return sa.Computed(f"json_extract(body, '$.{path}')", persisted=False)


audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", RowNumber, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.Text, _from_body("at")),
    sa.Column("kind", sa.Text, _from_body("kind")),
    sa.Column("outcome", sa.Text, _from_body("outcome")),
    sa.Column("user_id", sa.Text, _from_body("actor.id")),
    sa.Column("area_id", sa.Text, _from_body("area_id")),
    sa.Column("camera_id", sa.Text, _from_body("camera_id")),
    sa.Index("ix_audit_at", "at"),
    sa.Index("ix_audit_kind_seq", "kind", "seq"),
    sa.Index("ix_audit_user_id_seq", "user_id", "seq"),
    sa.Index("ix_audit_camera_id_seq", "camera_id", "seq"),
    sa.Index("ix_audit_area_id_seq", "area_id", "seq"),
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("seq", RowNumber, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("key_id", sa.String, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)

_INSERT = sa.insert(audit)
_FETCH_ROWS = 2000
_ROWS = "SELECT seq, body, hash FROM audit ORDER BY seq"
_HEADS = "SELECT seq, hash, at, key_id, signature FROM audit_heads ORDER BY seq"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head that was signed: whoever has the public key can tell whether the rows up to it were replaced since."""

    seq: int
    hash: bytes
    at: str
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which rows are asked for; None is any. `before` is the last row seen.

    With `area_ids` only rows of those areas are found, and none that belongs to no area, such as logins.
    """

    since: str | None = None
    until: str | None = None
    kind: str | None = None
    outcome: str | None = None
    user_id: str | None = None
    camera_id: str | None = None
    area_ids: Collection[str] | None = None
    before: int | None = None
    limit: int = 50


async def read_head(connection: Connection) -> ChainHead:
    """The last row's number and hash."""
    query = sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return ChainHead(row.seq, row.hash) if row else ChainHead()


async def insert_rows(connection: Connection, rows: Sequence[ChainRow]) -> None:
    """Adds rows; they go on where the chain ends."""
    values = [{"seq": row.seq, "body": row.body, "hash": row.hash} for row in rows]
    await connection.execute(_INSERT, values)


async def list_rows(connection: Connection, asked: AuditQuery) -> Sequence[ChainRow]:
    """The newest first."""
    query = sa.select(audit.c.seq, audit.c.body, audit.c.hash).order_by(audit.c.seq.desc()).limit(asked.limit)
    for name in ("kind", "outcome", "user_id", "camera_id"):
        if (wanted := getattr(asked, name)) is not None:
            query = query.where(audit.c[name] == wanted)
    if asked.area_ids is not None:
        query = query.where(audit.c.area_id.in_(asked.area_ids))
    if asked.since is not None:
        query = query.where(audit.c.at >= asked.since)
    if asked.until is not None:
        query = query.where(audit.c.at < asked.until)
    if asked.before is not None:
        query = query.where(audit.c.seq < asked.before)
    return [ChainRow(row.seq, row.body, row.hash) for row in await connection.execute(query)]


async def find_last_signed(connection: Connection) -> SignedHead | None:
    """The latest head that was signed."""
    row = (await connection.execute(sa.select(audit_heads).order_by(audit_heads.c.seq.desc()).limit(1))).one_or_none()
    return SignedHead(*row) if row else None


async def insert_signed(transaction: Transaction, head: SignedHead) -> None:
    """Adds a signed head."""
    await transaction.connection.execute(
        audit_heads.insert().values(
            seq=head.seq, hash=head.hash, at=head.at, key_id=head.key_id, signature=head.signature
        )
    )


class AuditRows(Protocol):
    """The audit tables of one moment, read without SQLAlchemy: a million rows are verified in seconds."""

    def rows(self) -> Iterator[ChainRow]:
        """Every row in the order of its number."""
        ...

    def signed_heads(self) -> Sequence[SignedHead]:
        """Every signed head, oldest first."""
        ...


class AuditFile:
    """The audit tables of a database file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self) -> Iterator[ChainRow]:
        """Every row in the order of its number."""
        cursor = self._connection.execute(_ROWS)
        while fetched := cursor.fetchmany(_FETCH_ROWS):
            for seq, body, digest in fetched:
                yield ChainRow(seq, body, digest)

    def signed_heads(self) -> Sequence[SignedHead]:
        """Every signed head, oldest first."""
        return [SignedHead(*row) for row in self._connection.execute(_HEADS)]


class AuditServer:
    """The audit tables of a PostgreSQL server, read by a cursor of the driver on a loop of its own."""

    def __init__(self, connection: Any, runner: asyncio.Runner) -> None:
        self._connection = connection
        self._runner = runner

    def rows(self) -> Iterator[ChainRow]:
        """Every row in the order of its number."""
        cursor = self._runner.run(self._cursor())
        while fetched := self._runner.run(cursor.fetch(_FETCH_ROWS)):
            for seq, body, digest in fetched:
                yield ChainRow(seq, body, digest)

    def signed_heads(self) -> Sequence[SignedHead]:
        """Every signed head, oldest first."""
        return [SignedHead(*row) for row in self._runner.run(self._connection.fetch(_HEADS))]

    async def _cursor(self) -> Any:
        return await self._connection.cursor(_ROWS)


@contextmanager
def open_audit_rows(place: DatabasePlace) -> Iterator[AuditRows]:
    """Opens the database read-only and in one transaction, also while a control process works on it.

    Raises:
        AuditUnreadable: not a database, or one without an audit log.

    """
    with open_audit_file(place) if isinstance(place, Path) else _open_audit_server(place) as log:
        yield log


@contextmanager
def open_audit_file(database: Path) -> Iterator[AuditFile]:
    """The same for a file."""
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            yield AuditFile(connection)
    except sqlite3.Error as error:
        raise AuditUnreadable(str(database), str(error)) from error


@contextmanager
def _open_audit_server(server: DatabaseServer) -> Iterator[AuditServer]:
    import asyncpg  # noqa: PLC0415 - an extra

    try:
        with asyncio.Runner() as runner:
            connection = runner.run(_connected(server))
            try:
                runner.run(connection.transaction(isolation="repeatable_read", readonly=True).start())
                yield AuditServer(connection, runner)
            finally:
                runner.run(connection.close())
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise AuditUnreadable(server.name, str(error) or type(error).__name__) from None


async def _connected(server: DatabaseServer) -> Any:
    import asyncpg  # noqa: PLC0415 - an extra

    return await asyncpg.connect(server.url)
