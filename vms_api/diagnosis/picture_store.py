"""Pictures of the diagnosis, which of them is the reference, and what people have objected to, in the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from vms_api.audit.entry import Actor
from vms_api.cameras.mask_store import mask_versions
from vms_api.care import store as device_store
from vms_api.database import Connection, RowNumber, Transaction, from_us, metadata, to_us, upsert
from vms_api.diagnosis.store import quality_checks
from vms_api.diagnosis.verdict import QualityFinding, ReferencePicture

quality_pictures = sa.Table(
    "quality_pictures",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False),
    sa.Column("taken_at", sa.BigInteger, nullable=False),
    sa.Column("mask_version", sa.Integer, nullable=False),
    sa.Column("of_change", sa.Boolean, nullable=False),
    sa.Column("jpeg", sa.LargeBinary, nullable=False),
    sa.Index("ix_quality_pictures_camera_id_id", "camera_id", "id"),
)

quality_references = sa.Table(
    "quality_references",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("picture_id", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("username", sa.String),
)

quality_objections = sa.Table(
    "quality_objections",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("category", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("username", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("picture_id", sa.String),
    sa.Column("method_version", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

# What is covered today decides: a picture under other masks may show what must not be seen any more.
_CURRENT_VERSION = (
    sa.select(sa.func.coalesce(sa.func.max(mask_versions.c.version), 0))
    .where(mask_versions.c.camera_id == quality_pictures.c.camera_id)
    .scalar_subquery()
)
_MAY_BE_SEEN = quality_pictures.c.mask_version == _CURRENT_VERSION


@dataclass(frozen=True, slots=True)
class QualityPicture:
    """A picture, covered by the masks of `mask_version`. One `of_change` is kept when a later one comes."""

    id: str
    camera_id: str
    taken_at: datetime
    mask_version: int
    of_change: bool
    jpeg: bytes = field(repr=False)


async def insert_picture(transaction: Transaction, picture: QualityPicture) -> None:
    """Keeps a picture, once."""
    row = {name: getattr(picture, name) for name in ("id", "camera_id", "mask_version", "of_change", "jpeg")}
    row["taken_at"] = to_us(picture.taken_at)
    statement = upsert(transaction.connection, quality_pictures).values(row).on_conflict_do_nothing()
    await transaction.connection.execute(statement)


async def find_picture(connection: Connection, picture_id: str) -> QualityPicture | None:
    """The picture, if it was taken under the masks that are in force now."""
    query = sa.select(quality_pictures).where(quality_pictures.c.id == picture_id, _MAY_BE_SEEN)
    row = (await connection.execute(query)).mappings().first()
    return QualityPicture(**{**row, "taken_at": from_us(row["taken_at"])}) if row else None


async def delete_old_pictures(transaction: Transaction, camera_id: str, keep: int) -> None:
    """Keeps the last pictures of changes, the one of the last look and the reference."""
    connection = transaction.connection
    of_camera = quality_pictures.c.camera_id == camera_id
    newest = (
        sa.select(quality_pictures.c.id)
        .where(of_camera, quality_pictures.c.of_change)
        .order_by(quality_pictures.c.taken_at.desc())
        .limit(keep)
    )
    kept = [row.id for row in await connection.execute(newest)]
    for table in (quality_checks, quality_references):
        query = sa.select(table.c.picture_id).where(table.c.camera_id == camera_id)
        kept += [row.picture_id for row in await connection.execute(query) if row.picture_id is not None]
    await connection.execute(quality_pictures.delete().where(of_camera, quality_pictures.c.id.not_in(kept)))


async def find_reference(connection: Connection, camera_id: str) -> ReferencePicture | None:
    """The camera's reference picture; none where its masks were changed since it was taken."""
    row = (await connection.execute(_references().where(quality_references.c.camera_id == camera_id))).mappings()
    found = row.first()
    return _reference(found) if found else None


async def confirmed_references(connection: Connection) -> Mapping[str, str]:
    """The ids of the pictures by which cameras are judged, by camera.

    A camera that turned out to be one that people move has none: wherever it looks, it may be meant to.
    """
    rows = (await connection.execute(_references().where(quality_references.c.state == "confirmed"))).mappings()
    moving = await device_store.moving_cameras(connection)
    return {row["camera_id"]: row["picture_id"] for row in rows if row["camera_id"] not in moving}


async def put_reference(transaction: Transaction, camera_id: str, reference: ReferencePicture, actor: Actor) -> None:
    """Replaces the camera's reference picture."""
    values = {
        "picture_id": reference.id,
        "state": reference.state,
        "at": to_us(reference.at),
        "user_id": actor.user_id,
        "username": reference.by,
    }
    statement = upsert(transaction.connection, quality_references).values(camera_id=camera_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["camera_id"], set_=values))


async def insert_objection(
    transaction: Transaction, camera_id: str, finding: QualityFinding, actor: Actor, at: datetime, note: str
) -> None:
    """Somebody says that a verdict was wrong."""
    connection = transaction.connection
    checked = (
        await connection.execute(
            sa.select(quality_checks.c.picture_id, quality_checks.c.method_version).where(
                quality_checks.c.camera_id == camera_id
            )
        )
    ).one()
    row = {
        "camera_id": camera_id,
        "category": finding.category.value,
        "at": to_us(at),
        "user_id": actor.user_id,
        "username": actor.username,
        "note": note,
        "picture_id": checked.picture_id,
        "method_version": checked.method_version,
    }
    await connection.execute(quality_objections.insert().values(row))


def _references() -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(quality_references)
        .select_from(
            quality_references.join(quality_pictures, quality_pictures.c.id == quality_references.c.picture_id)
        )
        .where(_MAY_BE_SEEN)
    )


def _reference(row: sa.RowMapping) -> ReferencePicture:
    return ReferencePicture(id=row["picture_id"], state=row["state"], at=from_us(row["at"]), by=row["username"])
