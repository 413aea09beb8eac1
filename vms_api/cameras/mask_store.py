"""Every version of every camera's masks in the database. Nothing here is ever changed or removed.

The rows outlive their camera: what was recorded under a version of the masks must stay explicable.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from vms_api.cameras.mask import MaskPolygon, Masks
from vms_api.database import Connection, Transaction, from_us, metadata, to_us

mask_versions = sa.Table(
    "mask_versions",
    metadata,
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    # JSON, but read by us: one damaged row must hide one camera, not fail the query for all.
    sa.Column("polygons", sa.String, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
)

_POLYGONS = TypeAdapter(list[MaskPolygon])


async def current_masks(connection: Connection) -> Mapping[str, Masks]:
    """The latest version of every camera that was ever masked, by camera id."""
    newest = (
        sa.select(mask_versions.c.camera_id, sa.func.max(mask_versions.c.version).label("version"))
        .group_by(mask_versions.c.camera_id)
        .subquery()
    )
    query = sa.select(mask_versions).join(
        newest,
        sa.and_(newest.c.camera_id == mask_versions.c.camera_id, newest.c.version == mask_versions.c.version),
    )
    return {row["camera_id"]: _masks(row) for row in (await connection.execute(query)).mappings()}


async def list_versions(
    connection: Connection, camera_id: str, before: int | None = None, limit: int = 1
) -> Sequence[Masks]:
    """A camera's versions, newest first; `before` leaves out that one and all later ones."""
    query = sa.select(mask_versions).where(mask_versions.c.camera_id == camera_id)
    if before is not None:
        query = query.where(mask_versions.c.version < before)
    query = query.order_by(mask_versions.c.version.desc()).limit(limit)
    return [_masks(row) for row in (await connection.execute(query)).mappings()]


async def insert_version(transaction: Transaction, camera_id: str, masks: Masks) -> None:
    """A new version; it must be complete."""
    if masks.polygons is None or masks.changed_at is None:
        raise ValueError("a version without polygons or time is none")
    row = {
        "camera_id": camera_id,
        "version": masks.version,
        "polygons": _POLYGONS.dump_json(masks.polygons).decode(),
        "changed_at": to_us(masks.changed_at),
        "changed_by": masks.changed_by,
    }
    await transaction.connection.execute(mask_versions.insert().values(row))


def _masks(row: sa.RowMapping) -> Masks:
    try:
        polygons = _POLYGONS.validate_json(row["polygons"])
    except ValidationError:
        polygons = None
    return Masks(
        version=row["version"],
        polygons=polygons,
        changed_at=from_us(row["changed_at"]),
        changed_by=row["changed_by"],
    )
