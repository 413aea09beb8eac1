"""Legal holds in the database. They are kept after they were lifted."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us
from vms_api.recordings.hold import Hold

holds = sa.Table(
    "holds",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False, index=True),
    sa.Column("from_at", sa.BigInteger, nullable=False),
    sa.Column("to_at", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("lifted_at", sa.BigInteger),
    sa.Column("lifted_by", sa.String),
)


async def insert_hold(transaction: Transaction, hold: Hold) -> None:
    """A new hold."""
    await transaction.connection.execute(
        holds.insert().values(
            id=hold.id,
            camera_id=hold.camera_id,
            from_at=to_us(hold.start),
            to_at=to_us(hold.end),
            reason=hold.reason,
            created_at=to_us(hold.created_at),
            created_by=hold.created_by,
            expires_at=_us(hold.expires_at),
            lifted_at=_us(hold.lifted_at),
            lifted_by=hold.lifted_by,
        )
    )


async def find_hold(connection: Connection, hold_id: str) -> Hold | None:
    """The hold with that id, lifted or not."""
    row = (await connection.execute(sa.select(holds).where(holds.c.id == hold_id))).one_or_none()
    return _hold(row) if row else None


async def list_holds(connection: Connection, now: datetime) -> Sequence[Hold]:
    """The holds in force, the newest first."""
    active = sa.and_(holds.c.lifted_at.is_(None), sa.or_(holds.c.expires_at.is_(None), holds.c.expires_at > to_us(now)))
    query = sa.select(holds).where(active).order_by(holds.c.id.desc())
    return [_hold(row) for row in await connection.execute(query)]


async def lift_hold(transaction: Transaction, hold_id: str, at: datetime, username: str | None) -> None:
    """From now on it holds nothing."""
    lifted = holds.update().where(holds.c.id == hold_id).values(lifted_at=to_us(at), lifted_by=username)
    await transaction.connection.execute(lifted)


def _us(at: datetime | None) -> int | None:
    return None if at is None else to_us(at)


def _hold(row: sa.Row[tuple[object, ...]]) -> Hold:
    return Hold(
        id=row.id,
        camera_id=row.camera_id,
        start=from_us(row.from_at),
        end=from_us(row.to_at),
        reason=row.reason,
        created_at=from_us(row.created_at),
        created_by=row.created_by,
        expires_at=None if row.expires_at is None else from_us(row.expires_at),
        lifted_at=None if row.lifted_at is None else from_us(row.lifted_at),
        lifted_by=row.lifted_by,
    )
