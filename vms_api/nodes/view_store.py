"""The live views that are open, so that none ends unrecorded, not even by the death of this process."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.audit.entry import Actor, Place, StatedPurpose
from vms_api.database import Connection, Transaction, from_us, metadata, to_us

open_views = sa.Table(
    "open_views",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("area_id", sa.String),
    sa.Column("actor", sa.JSON, nullable=False),
    sa.Column("purpose", sa.JSON(none_as_null=True)),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ViewRecord:
    """A live view that somebody has open."""

    id: str
    actor: Actor
    place: Place
    purpose: StatedPurpose | None
    opened_at: datetime


async def insert_view(transaction: Transaction, view: ViewRecord) -> None:
    """A view was opened."""
    await transaction.connection.execute(
        open_views.insert().values(
            id=view.id,
            camera_id=view.place.camera_id,
            area_id=view.place.area_id,
            actor=asdict(view.actor),
            purpose=asdict(view.purpose) if view.purpose else None,
            opened_at=to_us(view.opened_at),
        )
    )


async def delete_view(transaction: Transaction, view_id: str) -> bool:
    """The view ended; False when that was known."""
    result = await transaction.connection.execute(open_views.delete().where(open_views.c.id == view_id))
    return bool(result.rowcount)


async def list_views(connection: Connection) -> Sequence[ViewRecord]:
    """All that are open."""
    return [
        ViewRecord(
            row.id,
            Actor(**row.actor),
            Place(row.area_id, row.camera_id),
            StatedPurpose(**row.purpose) if row.purpose else None,
            from_us(row.opened_at),
        )
        for row in await connection.execute(sa.select(open_views))
    ]
