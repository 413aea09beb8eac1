"""Stated purposes in the database. They are kept after they expire: audit rows refer to them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us
from vms_api.purposes.purpose import Purpose

purposes = sa.Table(
    "purposes",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("reference", sa.String, nullable=False),
    sa.Column("area_id", sa.String),
    sa.Column("camera_ids", sa.JSON, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("ix_purposes_user_id_expires_at", "user_id", "expires_at"),
)


async def insert_purpose(transaction: Transaction, purpose: Purpose) -> None:
    """A purpose was stated."""
    await transaction.connection.execute(
        purposes.insert().values(
            id=purpose.id,
            user_id=purpose.user_id,
            key=purpose.key,
            reference=purpose.reference,
            area_id=purpose.area_id,
            camera_ids=list(purpose.camera_ids),
            created_at=to_us(purpose.created_at),
            expires_at=to_us(purpose.expires_at),
        )
    )


async def list_valid(connection: Connection, user_id: str, now: datetime) -> Sequence[Purpose]:
    """What the person has stated and may still go by, the latest first."""
    query = (
        sa.select(purposes)
        .where(purposes.c.user_id == user_id, purposes.c.expires_at > to_us(now))
        .order_by(purposes.c.id.desc())
    )
    return [_purpose(row) for row in await connection.execute(query)]


def _purpose(row: sa.Row[tuple[object, ...]]) -> Purpose:
    return Purpose(
        row.id,
        row.user_id,
        row.key,
        row.reference,
        row.area_id,
        tuple(row.camera_ids),
        from_us(row.created_at),
        from_us(row.expires_at),
    )
