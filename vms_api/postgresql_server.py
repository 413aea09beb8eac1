"""A PostgreSQL server as database: one writing connection that holds the site's lock, many reading ones.

The lock is an advisory one of the writing session: a second control process on the same database is refused, and one
that lost its connection cannot write before it has the lock again. `synchronous_commit=on` whatever the server's
default is, because a commit that is answered must be on disk. Readers see one state of the rows (REPEATABLE READ) and
are refused every write by the server.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from vms_api.database_place import DatabaseServer
from vms_api.errors import DatabaseInUse, DatabaseUnreachable
from vms_api.schema import upgrade

_LOCK_KEY = 0x7875656C69616E67
"""The eight letters "xueliang"; advisory locks count within one database."""
_LOCK_WAIT_MS = 2000
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A
_CONNECT_TIMEOUT_S = 10
_SESSION = {
    "application_name": "xueliang",
    "synchronous_commit": "on",
    "lock_timeout": str(_LOCK_WAIT_MS),
    # A session whose host is gone gives its lock back in half a minute, not in two hours.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}


async def open_server(server: DatabaseServer) -> tuple[AsyncEngine, AsyncEngine]:
    """The database's writer and reader; its tables are made where there are none, and brought up to this version.

    Raises:
        DatabaseNewer: a later version has written it.
        DatabaseInUse: another control process works on it.
        DatabaseUnreachable: the server does not answer, or does not let us in.

    """
    url = _driver_url(server.url)
    writer = _engine(url, _SESSION, pool_size=1, max_overflow=0)
    sa.event.listen(writer.sync_engine, "connect", lambda connection, _record: _take_lock(connection, server))
    reader = reading_engine(server)
    try:
        async with writer.connect() as connection:
            await connection.run_sync(upgrade, server.name)
    except (DBAPIError, OSError) as error:
        raise DatabaseUnreachable(server.name, str(getattr(error, "orig", error) or type(error).__name__)) from None
    except BaseException:
        await writer.dispose()
        raise
    return writer, reader


def reading_engine(server: DatabaseServer) -> AsyncEngine:
    """Connections that see one state of the rows each and cannot write; they need no lock."""
    session = {**_SESSION, "default_transaction_read_only": "on"}
    url = _driver_url(server.url)
    return _engine(url, session, pool_size=4, max_overflow=4, isolation_level="REPEATABLE READ")


def _engine(url: sa.URL, session: dict[str, str], **options: Any) -> AsyncEngine:
    # hide_parameters: an error must not carry a password hash or an address into the log.
    settings = {"server_settings": session, "timeout": _CONNECT_TIMEOUT_S}
    engine = create_async_engine(url, connect_args=settings, pool_pre_ping=True, hide_parameters=True, **options)
    sa.event.listen(engine.sync_engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def _driver_url(text: str) -> sa.URL:
    """The URL for asyncpg, which calls libpq's `sslmode` `ssl`."""
    url = sa.make_url(text).set(drivername="postgresql+asyncpg")
    mode = url.query.get("sslmode")
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode}) if mode else url


def _take_lock(connection: Any, server: DatabaseServer) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(f"SELECT pg_advisory_lock({_LOCK_KEY})")
    except connection.dbapi.Error as error:
        if getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise DatabaseInUse(server.name) from None
        raise
    finally:
        cursor.close()
    connection.commit()


def _without_nul(
    _connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, is_many: Any
) -> tuple[str, Any]:
    """A text of PostgreSQL cannot hold the NUL character; what somebody typed with one finds and stores U+FFFD."""
    return statement, [_cleaned(row) for row in parameters] if is_many else _cleaned(parameters)


def _cleaned(row: Any) -> Any:
    if not any(isinstance(value, str) and "\0" in value for value in row):
        return row
    return tuple(value.replace("\0", "\ufffd") if isinstance(value, str) else value for value in row)
