"""The index as a check reads it: read-only and in one view, also while a server works on the database."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, DBAPIError

from vms_api.database_place import DatabasePlace, DatabaseServer
from vms_api.errors import IndexUnreadable
from vms_api.recordings.segment import Segment
from vms_api.recordings.store import garbage, segment_of, segments
from vms_api.recordings.volume_store import volumes

TOLERATED_OVERLAP = timedelta(seconds=1)
_ROWS_AT_ONCE = 5000
_Told = TypeVar("_Told")


class IndexFile:
    """The index in a database file or on a server, as it was at one moment."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, volume_id: str) -> Iterator[Segment]:
        """Every segment of a volume."""
        query = sa.select(segments).where(segments.c.volume_id == volume_id)
        found = self._connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
        yield from (segment_of(row) for row in found.mappings())

    def volume_ids(self) -> Mapping[str, str]:
        """The identity that is expected under each name."""
        rows = self._connection.execute(sa.select(volumes.c.name, volumes.c.volume_id))
        return {row.name: row.volume_id for row in rows}

    def garbage_ids(self) -> frozenset[str]:
        """What is about to be unlinked."""
        return frozenset(self._connection.execute(sa.select(garbage.c.recording_id)).scalars())

    def overlapping(self, volume_id: str) -> Iterator[tuple[Segment, float]]:
        """Segments that begin before the one before them has ended, with the seconds that both claim."""
        order = (segments.c.started_at, segments.c.recording_id)
        before = sa.func.lag(segments.c.ended_at).over(partition_by=segments.c.camera_id, order_by=order)
        pairs = sa.select(segments.c.recording_id, (before - segments.c.started_at).label("shared_us")).subquery()
        query = (
            sa.select(segments, pairs.c.shared_us)
            .join(pairs, pairs.c.recording_id == segments.c.recording_id)
            .where(segments.c.volume_id == volume_id)
            .where(pairs.c.shared_us > TOLERATED_OVERLAP // timedelta(microseconds=1))
        )
        for row in self._connection.execute(query).mappings():
            yield segment_of(row), row["shared_us"] / 1e6


def read_index(place: DatabasePlace, read: Callable[[IndexFile], _Told]) -> _Told:
    """What `read` makes of the index, which it has for as long as it runs; nothing is written, no checkpoint is made.

    Raises:
        IndexUnreadable: not a database, one without an index, or a server that does not answer.

    """
    if isinstance(place, DatabaseServer):
        return asyncio.run(_read_server(place, read))
    engine = sa.create_engine(f"sqlite:///{place.resolve().as_uri()}?mode=ro&uri=true", poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            return read(IndexFile(connection))
    except DatabaseError as error:
        raise IndexUnreadable(str(place), str(error.orig)) from error
    finally:
        engine.dispose()


async def _read_server(server: DatabaseServer, read: Callable[[IndexFile], _Told]) -> _Told:
    from vms_api.postgresql_server import reading_engine  # noqa: PLC0415 - asyncpg is an extra

    engine = reading_engine(server)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(lambda own: read(IndexFile(own)))
    except (DBAPIError, OSError) as error:
        raise IndexUnreadable(server.name, str(getattr(error, "orig", error) or type(error).__name__)) from None
    finally:
        await engine.dispose()
