"""The index of segments in the database, and what is about to be deleted.

`hole_us` says how a segment follows the one before it: the microseconds missing between them, null where a run begins
because more is missing or the two are not alike. So a month of a camera's timeline is read from the few rows that
begin a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.recordings.coverage import JOIN, Run
from vms_api.recordings.hold_store import holds
from vms_api.recordings.retention import Candidate, Deletion
from vms_api.recordings.segment import LONGEST, OpenSegment, Segment

_BEGINS_A_RUN = sa.text("hole_us IS NULL")

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("recording_id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("volume_id", sa.String, nullable=False),
    sa.Column("path", sa.String, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("hole_us", sa.BigInteger),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("node_epoch", sa.Integer, nullable=False),
    sa.Column("clock_offset_s", sa.Float),
    sa.Column("mask_version", sa.Integer, nullable=False),
    sa.Column("codec", sa.String, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("profile", sa.String),
    sa.Column("audio_codec", sa.String),
    sa.Column("keyframe_count", sa.Integer, nullable=False),
    sa.Column("recovered", sa.Boolean, nullable=False),
    sa.Column("damaged", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Index("ix_segments_timeline", "camera_id", "started_at", "ended_at", "hole_us"),
    sa.Index("ix_segments_runs", "camera_id", "started_at", sqlite_where=_BEGINS_A_RUN, postgresql_where=_BEGINS_A_RUN),
    sa.Index("ix_segments_volume_id_started_at", "volume_id", "started_at"),
)

garbage = sa.Table(
    "garbage",
    metadata,
    sa.Column("recording_id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("volume_id", sa.String, nullable=False),
    sa.Column("path", sa.String, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Index("ix_garbage_since", "since"),
)

_LONGEST = LONGEST // timedelta(microseconds=1)
_KNOWN = set(Segment.model_fields)
_OWN = tuple(name for name in Segment.model_fields if name in segments.c)
_ALIKE = ("mask_version", "damaged", "reason")
_ORDER = (segments.c.started_at, segments.c.recording_id)
_CANDIDATE = tuple(segments.c[name] for name in Candidate.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file that is to be unlinked. It has no row in the index any more."""

    recording_id: str
    volume_id: str
    path: str


async def insert_segment(transaction: Transaction, segment: Segment) -> bool:
    """Adds to the index; False when it is there already, or is garbage."""
    connection = transaction.connection
    row = _columns(segment)
    is_garbage = sa.select(sa.exists().where(garbage.c.recording_id == segment.recording_id))
    if (await connection.execute(is_garbage)).scalar_one():
        return False
    place = sa.tuple_(sa.literal(row["started_at"]), sa.literal(segment.recording_id))
    beside = sa.select(segments).where(segments.c.camera_id == segment.camera_id)
    before = beside.where(sa.tuple_(*_ORDER) < place).order_by(*(column.desc() for column in _ORDER)).limit(1)
    row["hole_us"] = _hole_us((await connection.execute(before)).mappings().one_or_none(), row)
    statement = upsert(connection, segments).values(row).on_conflict_do_nothing()
    if (await connection.execute(statement)).rowcount == 0:
        return False
    after = beside.where(sa.tuple_(*_ORDER) > place).order_by(*_ORDER).limit(1)
    if (follower := (await connection.execute(after)).mappings().one_or_none()) is not None:
        await connection.execute(
            segments.update()
            .where(segments.c.recording_id == follower["recording_id"])
            .values(hole_us=_hole_us(row, follower))
        )
    return True


async def insert_first_segments(transaction: Transaction, first: Sequence[Segment]) -> None:
    """Adds the segments of a camera of which the index has none, in the order of time, all with one statement."""
    rows = [_columns(segment) for segment in first]
    for before, row in zip([None, *rows], rows, strict=False):
        row["hole_us"] = _hole_us(before, row)
    if rows:
        await transaction.connection.execute(segments.insert(), rows)


async def find_segment(connection: Connection, recording_id: str) -> Segment | None:
    """The segment with that id."""
    query = sa.select(segments).where(segments.c.recording_id == recording_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return segment_of(row) if row else None


async def segments_between(connection: Connection, camera_id: str, start: datetime, end: datetime) -> Sequence[Segment]:
    """Every segment of which some part lies in [start, end), oldest first; they may overlap."""
    query = (
        sa.select(segments)
        .where(segments.c.camera_id == camera_id)
        .where(segments.c.started_at > to_us(start - LONGEST), segments.c.started_at < to_us(end))
        .where(segments.c.ended_at > to_us(start))
        .order_by(*_ORDER)
    )
    return [segment_of(row) for row in (await connection.execute(query)).mappings()]


async def not_indexed(connection: Connection, opened: Sequence[OpenSegment]) -> Sequence[OpenSegment]:
    """Those of files that are, or were, being written which the index does not know yet and nobody has deleted."""
    ids = [segment.recording_id for segment in opened]
    if not ids:
        return ()
    known = sa.union(*(sa.select(t.c.recording_id).where(t.c.recording_id.in_(ids)) for t in (segments, garbage)))
    found = set((await connection.execute(known)).scalars())
    return [segment for segment in opened if segment.recording_id not in found]


async def segment_at(connection: Connection, camera_id: str, at: datetime) -> Segment | None:
    """The last segment that began at or before that instant, however long ago."""
    query = (
        sa.select(segments)
        .where(segments.c.camera_id == camera_id, segments.c.started_at <= to_us(at))
        .order_by(*(column.desc() for column in _ORDER))
        .limit(1)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return segment_of(row) if row else None


async def runs_between(connection: Connection, camera_id: str, start: datetime, end: datetime) -> Sequence[Run]:
    """The runs of which some part lies in [start, end), oldest first."""
    own, low, high = segments.c.camera_id == camera_id, to_us(start - LONGEST), to_us(end)
    inside = sa.and_(own, segments.c.started_at > low, segments.c.started_at < high)
    columns = tuple(segments.c[name] for name in ("started_at", *_ALIKE))
    first = sa.select(*columns).where(inside).order_by(segments.c.started_at).limit(1).subquery()
    begins = sa.union(sa.select(first), sa.select(*columns).where(inside, segments.c.hole_us.is_(None))).subquery()
    until = sa.func.lead(begins.c.started_at, 1, high).over(order_by=begins.c.started_at).label("until")
    run = sa.select(begins, until).subquery()
    last_start = _in_run(sa.func.max(segments.c.started_at), own, run)
    timed = sa.select(run, last_start.label("last_start")).subquery()
    # Whatever began longer before the last one than any segment lasts has ended before it.
    near = segments.c.started_at > timed.c.last_start - _LONGEST
    last_end = _in_run(sa.func.max(segments.c.ended_at), sa.and_(own, near), timed)
    query = sa.select(timed, last_end.label("ended_at")).order_by(timed.c.started_at)
    found = [_run(row) for row in await connection.execute(query) if row.ended_at is not None]
    return [one for one in found if one.ended_at > start]


def _in_run(asked: Any, which: Any, run: sa.Subquery) -> sa.ScalarSelect[Any]:
    """An aggregate over the segments of each row of `run`."""
    of_run = (segments.c.started_at >= run.c.started_at, segments.c.started_at < run.c.until)
    return sa.select(asked).where(which, *of_run).correlate(run).scalar_subquery()


async def short_breaks_s(connection: Connection, camera_id: str, start: datetime, end: datetime) -> float:
    """What is missing inside the runs of a range, in sum: each break is too short to be a gap."""
    query = (
        sa.select(sa.func.sum(segments.c.hole_us))
        .where(segments.c.camera_id == camera_id)
        .where(segments.c.started_at > to_us(start), segments.c.started_at < to_us(end))
    )
    return int((await connection.execute(query)).scalar_one() or 0) / 1e6  # a sum of PostgreSQL is a decimal


async def last_end(connection: Connection, camera_id: str) -> datetime | None:
    """Up to when the camera is known to have been recorded."""
    query = (
        sa.select(segments.c.ended_at)
        .where(segments.c.camera_id == camera_id)
        .order_by(segments.c.started_at.desc())
        .limit(1)
    )
    found = (await connection.execute(query)).scalar_one_or_none()
    return None if found is None else from_us(found)


async def recorded_cameras(connection: Connection) -> Sequence[str]:
    """Every camera that has segments, removed ones too: hops through the index, from one camera to the next."""
    found: list[str] = []
    while True:
        query = sa.select(segments.c.camera_id).order_by(segments.c.camera_id).limit(1)
        if found:
            query = query.where(segments.c.camera_id > found[-1])
        camera_id = (await connection.execute(query)).scalar_one_or_none()
        if camera_id is None:
            return found
        found.append(camera_id)


async def oldest_at(connection: Connection, volume_id: str) -> datetime | None:
    """When the oldest recording of a volume began."""
    query = sa.select(sa.func.min(segments.c.started_at)).where(segments.c.volume_id == volume_id)
    found = (await connection.execute(query)).scalar_one()
    return None if found is None else from_us(found)


async def newest_at(connection: Connection, volume_id: str) -> datetime | None:
    """When the latest recording of a volume began."""
    query = sa.select(sa.func.max(segments.c.started_at)).where(segments.c.volume_id == volume_id)
    found = (await connection.execute(query)).scalar_one()
    return None if found is None else from_us(found)


@dataclass(frozen=True, slots=True)
class DeletableQuery:
    """Which segments are asked for: of a camera, ended by `before`, on one volume or any, not under a hold `now`."""

    camera_id: str
    before: datetime
    now: datetime
    volume_id: str | None = None
    limit: int = 500


async def deletable(connection: Connection, asked: DeletableQuery) -> Sequence[Candidate]:
    """The oldest first."""
    now = to_us(asked.now)
    held = sa.exists().where(
        holds.c.camera_id == segments.c.camera_id,
        holds.c.from_at < segments.c.ended_at,
        holds.c.to_at > segments.c.started_at,
        holds.c.lifted_at.is_(None),
        sa.or_(holds.c.expires_at.is_(None), holds.c.expires_at > now),
    )
    before = to_us(asked.before)
    query = (
        sa.select(*_CANDIDATE)
        .where(segments.c.camera_id == asked.camera_id)
        .where(segments.c.started_at < before, segments.c.ended_at <= before, ~held)
        .order_by(*_ORDER)
        .limit(asked.limit)
    )
    if asked.volume_id is not None:
        query = query.where(segments.c.volume_id == asked.volume_id)
    return [_candidate(row) for row in (await connection.execute(query)).mappings()]


async def discard(transaction: Transaction, gone: Sequence[Deletion], at: datetime) -> None:
    """Takes segments out of the index and into the garbage, in one transaction: a file is never without a row."""
    if not gone:
        return
    connection = transaction.connection
    rows = [
        {
            "recording_id": deletion.candidate.recording_id,
            "camera_id": deletion.candidate.camera_id,
            "volume_id": deletion.candidate.volume_id,
            "path": deletion.candidate.path,
            "size_bytes": deletion.candidate.size_bytes,
            "since": to_us(at),
            "rule": deletion.rule,
        }
        for deletion in gone
    ]
    await connection.execute(upsert(connection, garbage).on_conflict_do_nothing(), rows)
    await delete_segments(transaction, [deletion.candidate for deletion in gone])


async def delete_segments(transaction: Transaction, gone: Sequence[Candidate]) -> None:
    """Takes rows out of the index; whatever followed one of them begins a run."""
    connection = transaction.connection
    ids = [{"gone": candidate.recording_id} for candidate in gone]
    await connection.execute(segments.delete().where(segments.c.recording_id == sa.bindparam("gone")), ids)
    behind = segments.alias()
    follower = (
        sa.select(behind.c.recording_id)
        .where(behind.c.camera_id == sa.bindparam("of"))
        .where(sa.tuple_(behind.c.started_at, behind.c.recording_id) > sa.tuple_(_AT, sa.bindparam("gone")))
        .order_by(behind.c.started_at, behind.c.recording_id)
        .limit(1)
        .scalar_subquery()
    )
    places = [{"of": c.camera_id, "gone_at": to_us(c.started_at), "gone": c.recording_id} for c in gone]
    await connection.execute(segments.update().where(segments.c.recording_id == follower).values(hole_us=None), places)


_AT: Any = sa.bindparam("gone_at", type_=sa.BigInteger)


async def mark_damaged(transaction: Transaction, segment: Segment) -> None:
    """The file is not what was written; its hash stays that of what was. The runs around it are told apart anew."""
    await delete_segments(transaction, [Candidate.of(segment)])
    await insert_segment(transaction, segment.model_copy(update={"damaged": True}))


async def list_garbage(connection: Connection, limit: int) -> Sequence[Garbage]:
    """What is still to be unlinked, the oldest first."""
    columns = (garbage.c.recording_id, garbage.c.volume_id, garbage.c.path)
    query = sa.select(*columns).order_by(garbage.c.since, garbage.c.recording_id).limit(limit)
    return [Garbage(*row) for row in await connection.execute(query)]


async def garbage_since(connection: Connection) -> datetime | None:
    """Since when the oldest garbage waits."""
    found = (await connection.execute(sa.select(sa.func.min(garbage.c.since)))).scalar_one()
    return None if found is None else from_us(found)


async def garbage_bytes(connection: Connection) -> Mapping[str, int]:
    """What unlinking will free, by volume."""
    query = sa.select(garbage.c.volume_id, sa.func.sum(garbage.c.size_bytes)).group_by(garbage.c.volume_id)
    return {volume_id: int(size) for volume_id, size in await connection.execute(query)}


async def drop_garbage(transaction: Transaction, recording_ids: Sequence[str]) -> None:
    """The files are gone, and the folders flushed."""
    for recording_id in recording_ids:
        await transaction.connection.execute(garbage.delete().where(garbage.c.recording_id == recording_id))


def _hole_us(before: Any, after: Any) -> int | None:
    if before is None or any(before[name] != after[name] for name in _ALIKE):
        return None
    hole = after["started_at"] - before["ended_at"]
    return max(hole, 0) if hole <= JOIN // timedelta(microseconds=1) else None


def _columns(segment: Segment) -> dict[str, Any]:
    row = segment.model_dump(exclude={"duration_s"})
    return {
        **row,
        "started_at": to_us(segment.started_at),
        "ended_at": to_us(segment.ended_at),
        "sha256": bytes.fromhex(segment.sha256),
    }


def segment_of(row: sa.RowMapping) -> Segment:
    """The segment of a row. It was checked when it came in."""
    own = {name: row[name] for name in _OWN}
    own["duration_s"] = (row["ended_at"] - own["started_at"]) / 1e6
    own["started_at"], own["sha256"] = from_us(own["started_at"]), own["sha256"].hex()
    return Segment.model_construct(_KNOWN, **own)


def _candidate(row: sa.RowMapping) -> Candidate:
    times = {name: from_us(row[name]) for name in ("started_at", "ended_at")}
    return Candidate(**{**row, **times})


def _run(row: Any) -> Run:
    return Run(
        from_us(row.started_at), from_us(row.ended_at), row.mask_version, row.damaged, event=row.reason == "event"
    )
