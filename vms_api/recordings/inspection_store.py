"""The index as a check reads it: read-only and in one view, also while a server works on the database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from vms_api.errors import IndexUnreadable
from vms_api.recordings.segment import Segment
from vms_api.recordings.store import garbage, segment_of, segments
from vms_api.recordings.volume_store import volumes

TOLERATED_OVERLAP = timedelta(seconds=1)
_ROWS_AT_ONCE = 5000


class IndexFile:
    """The index in a database file."""

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


@contextmanager
def open_index(database: Path) -> Iterator[IndexFile]:
    """Opens the index; nothing is written, no checkpoint is made.

    Raises:
        IndexUnreadable: not a database, or one without an index.

    """
    engine = sa.create_engine(f"sqlite:///{database.resolve().as_uri()}?mode=ro&uri=true", poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield IndexFile(connection)
    except DatabaseError as error:
        raise IndexUnreadable(database, str(error.orig)) from error
    finally:
        engine.dispose()
