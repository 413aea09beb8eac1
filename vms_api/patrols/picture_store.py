"""Pictures that patrollers kept of their stops, in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us

patrol_pictures = sa.Table(
    "patrol_pictures",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("round_id", sa.ForeignKey("patrol_rounds.id", ondelete="CASCADE"), nullable=False),
    sa.Column("stop_id", sa.String, nullable=False),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("taken_at", sa.BigInteger, nullable=False),
    sa.Column("captured_at", sa.BigInteger),
    sa.Column("taken_by", sa.String),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("jpeg", sa.LargeBinary, nullable=False),
    sa.Index("ix_patrol_pictures_round_id_stop_id", "round_id", "stop_id"),
    sa.Index("ix_patrol_pictures_area_id", "area_id"),
)

_FACTS = [column for column in patrol_pictures.c if column.name != "jpeg"]


@dataclass(frozen=True, slots=True)
class PatrolPicture:
    """A picture of a stop without its bytes. `captured_at` is when the camera's picture arrived, if that is known."""

    id: str
    round_id: str
    stop_id: str
    camera_id: str
    area_id: str
    taken_at: datetime
    captured_at: datetime | None
    taken_by: str | None
    sha256: str


async def insert_picture(transaction: Transaction, picture: PatrolPicture, jpeg: bytes) -> None:
    """Keeps a picture; none is ever changed."""
    captured_us = to_us(picture.captured_at) if picture.captured_at else None
    values = {column.name: getattr(picture, column.name) for column in _FACTS}
    values |= {"taken_at": to_us(picture.taken_at), "captured_at": captured_us, "jpeg": jpeg}
    await transaction.connection.execute(patrol_pictures.insert().values(values))


async def find_picture(connection: Connection, picture_id: str) -> PatrolPicture | None:
    """What is known of a picture."""
    found = await _pictures(connection, patrol_pictures.c.id == picture_id)
    return found[0] if found else None


async def read_jpeg(connection: Connection, picture_id: str) -> bytes | None:
    """The bytes of a picture."""
    query = sa.select(patrol_pictures.c.jpeg).where(patrol_pictures.c.id == picture_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def list_pictures(connection: Connection, round_id: str) -> Sequence[PatrolPicture]:
    """The pictures of a round, the oldest first."""
    return await _pictures(connection, patrol_pictures.c.round_id == round_id)


async def count_pictures(connection: Connection, round_id: str, stop_id: str) -> int:
    """How many pictures a stop has."""
    wanted = (patrol_pictures.c.round_id == round_id, patrol_pictures.c.stop_id == stop_id)
    return (
        await connection.execute(sa.select(sa.func.count()).select_from(patrol_pictures).where(*wanted))
    ).scalar_one()


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The pictures of an area that is removed pass to another one."""
    statement = patrol_pictures.update().where(patrol_pictures.c.area_id == area_id).values(area_id=heir_id)
    await transaction.connection.execute(statement)


async def _pictures(connection: Connection, condition: sa.ColumnElement[bool]) -> Sequence[PatrolPicture]:
    rows = (await connection.execute(sa.select(*_FACTS).where(condition).order_by(patrol_pictures.c.id))).mappings()
    return [
        PatrolPicture(
            **{
                **row,
                "taken_at": from_us(row["taken_at"]),
                "captured_at": from_us(row["captured_at"]) if row["captured_at"] is not None else None,
            }
        )
        for row in rows
    ]
