"""The playbacks that are open, so that none ends unrecorded, not even by the death of this process."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.audit.entry import Actor, Place, StatedPurpose
from vms_api.database import Connection, Transaction, from_us, metadata, to_us

open_playbacks = sa.Table(
    "open_playbacks",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("area_id", sa.String),
    sa.Column("actor", sa.JSON, nullable=False),
    sa.Column("purpose", sa.JSON(none_as_null=True)),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class PlaybackRecord:
    """A playback as the audit log tells of it: who, where, why, and which range in which speed class."""

    id: str
    actor: Actor
    place: Place
    purpose: StatedPurpose | None
    detail: Mapping[str, Any]
    opened_at: datetime


async def insert_playback(transaction: Transaction, playback: PlaybackRecord) -> None:
    """A playback was opened."""
    await transaction.connection.execute(
        open_playbacks.insert().values(
            id=playback.id,
            camera_id=playback.place.camera_id,
            area_id=playback.place.area_id,
            actor=asdict(playback.actor),
            purpose=asdict(playback.purpose) if playback.purpose else None,
            detail=dict(playback.detail),
            opened_at=to_us(playback.opened_at),
        )
    )


async def delete_playback(transaction: Transaction, playback_id: str) -> bool:
    """It ended; False when that was known."""
    result = await transaction.connection.execute(open_playbacks.delete().where(open_playbacks.c.id == playback_id))
    return bool(result.rowcount)


async def list_playbacks(connection: Connection) -> Sequence[PlaybackRecord]:
    """All that are open."""
    return [
        PlaybackRecord(
            row.id,
            Actor(**row.actor),
            Place(row.area_id, row.camera_id),
            StatedPurpose(**row.purpose) if row.purpose else None,
            row.detail,
            from_us(row.opened_at),
        )
        for row in await connection.execute(sa.select(open_playbacks))
    ]
