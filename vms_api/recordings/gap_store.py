"""Gaps in the database."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.recordings.gap import Gap

_IS_OPEN = sa.text("ended_at IS NULL")

gaps = sa.Table(
    "gaps",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Column("reason", sa.String, nullable=False),
    sa.Index("ix_gaps_camera_id_started_at", "camera_id", "started_at"),
    sa.Index("ix_gaps_open", "started_at", sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
)


async def put_gap(transaction: Transaction, gap: Gap) -> None:
    """Adds the gap or takes over its end; told once more that it has begun, an ended one stays ended."""
    row = {
        "id": gap.id,
        "camera_id": gap.camera_id,
        "started_at": to_us(gap.started_at),
        "ended_at": None if gap.ended_at is None else to_us(gap.ended_at),
        "reason": gap.reason,
    }
    statement = upsert(transaction.connection, gaps).values(row)
    end = sa.func.coalesce(statement.excluded.ended_at, gaps.c.ended_at)
    await transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=[gaps.c.id], set_={"ended_at": end})
    )


async def gaps_between(connection: Connection, camera_id: str, start: datetime, end: datetime) -> Sequence[Gap]:
    """Every gap of which some part lies in [start, end), by its start."""
    query = (
        sa.select(gaps)
        .where(gaps.c.camera_id == camera_id, gaps.c.started_at < to_us(end))
        .where(sa.or_(gaps.c.ended_at.is_(None), gaps.c.ended_at > to_us(start)))
        .order_by(gaps.c.started_at, gaps.c.id)
    )
    return [_gap(row) for row in await connection.execute(query)]


async def open_gaps(connection: Connection) -> Sequence[Gap]:
    """Every gap that goes on."""
    return [_gap(row) for row in await connection.execute(sa.select(gaps).where(gaps.c.ended_at.is_(None)))]


async def last_gap_end(connection: Connection, camera_id: str) -> datetime | None:
    """Up to when something is known to have been missing."""
    query = sa.select(sa.func.max(gaps.c.ended_at)).where(gaps.c.camera_id == camera_id)
    found = (await connection.execute(query)).scalar_one()
    return None if found is None else from_us(found)


async def end_gap(transaction: Transaction, gap: Gap, at: datetime) -> None:
    """It has ended, if not before it began then."""
    ended_at = to_us(max(at, gap.started_at))
    await transaction.connection.execute(
        gaps.update().where(gaps.c.id == gap.id, gaps.c.ended_at.is_(None)).values(ended_at=ended_at)
    )


async def end_gaps(transaction: Transaction, camera_id: str, reason: str, at: datetime) -> None:
    """What the camera has of that reason has ended."""
    of_camera = sa.and_(gaps.c.camera_id == camera_id, gaps.c.reason == reason, gaps.c.ended_at.is_(None))
    ended_at = sa.func.max(gaps.c.started_at, to_us(at))
    await transaction.connection.execute(gaps.update().where(of_camera).values(ended_at=ended_at))


async def forget_gaps(transaction: Transaction, camera_id: str, before: datetime) -> None:
    """Gaps are kept as long as recordings would have been."""
    old = sa.and_(gaps.c.camera_id == camera_id, gaps.c.ended_at <= to_us(before))
    await transaction.connection.execute(gaps.delete().where(old))


def _gap(row: sa.Row[tuple[object, ...]]) -> Gap:
    return Gap.model_construct(
        id=row.id,
        camera_id=row.camera_id,
        started_at=from_us(row.started_at),
        ended_at=None if row.ended_at is None else from_us(row.ended_at),
        reason=row.reason,
    )
