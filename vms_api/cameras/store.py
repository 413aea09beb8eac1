"""Cameras in the database, and the version of what the node is to do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.accounts.account import name_key
from vms_api.cameras.camera import CameraRecord, CameraSwitch
from vms_api.database import Transaction, from_us, metadata, to_us

cameras = sa.Table(
    "cameras",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("area_id", sa.ForeignKey("areas.id"), nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("name_key", sa.String, nullable=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("sub_address", sa.String),
    sa.Column("transport", sa.String, nullable=False),
    sa.Column("username", sa.String),
    sa.Column("sealed_password", sa.LargeBinary),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("analysed", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    # Within its area: a name refused for a camera elsewhere would tell that there is one.
    sa.UniqueConstraint("area_id", "name_key"),
    sa.Index("ix_cameras_name_key_id", "name_key", "id"),
)

zones = sa.Table(
    "zones",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("points", sa.JSON, nullable=False),
)

rules = sa.Table(
    "rules",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("zone_id", sa.ForeignKey("zones.id"), nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("direction", sa.String, nullable=False),
    sa.Column("dwell_s", sa.Float, nullable=False),
    sa.Column("schedule", sa.JSON(none_as_null=True)),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("cooldown_s", sa.Float, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("instructions", sa.String, nullable=False),
    sa.Column("size", sa.JSON, nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("links", sa.JSON, nullable=False, server_default="[]"),
    sa.Column("links_by", sa.String),
)

desired_state = sa.Table(
    "desired_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)

_BUMP = desired_state.update().values(version=desired_state.c.version + 1)

_rule_count = (
    sa.select(sa.func.count())
    .select_from(rules)
    .where(rules.c.camera_id == cameras.c.id)
    .scalar_subquery()
    .label("rule_count")
)


@dataclass(frozen=True, slots=True)
class CameraQuery:
    """Which cameras are asked for: of these areas (None: of all), after the (name key, id) of the last one seen."""

    area_ids: Collection[str] | None = None
    after: tuple[str, ...] | None = None
    limit: int | None = None


async def list_cameras(connection: AsyncConnection, asked: CameraQuery | None = None) -> Sequence[CameraRecord]:
    """Cameras by name."""
    asked = asked or CameraQuery()
    query = sa.select(cameras, _rule_count).order_by(cameras.c.name_key, cameras.c.id).limit(asked.limit)
    if asked.area_ids is not None:
        query = query.where(cameras.c.area_id.in_(asked.area_ids))
    if asked.after is not None:
        query = query.where(sa.tuple_(cameras.c.name_key, cameras.c.id) > sa.tuple_(*map(sa.literal, asked.after)))
    return [_camera(row) for row in (await connection.execute(query)).mappings()]


async def list_switches(connection: AsyncConnection, area_ids: Collection[str] | None) -> Sequence[CameraSwitch]:
    """The cameras of these areas (None: of all), as far as their health is told by it; for many at a time."""
    query = sa.select(cameras.c.id, cameras.c.enabled, cameras.c.updated_at)
    if area_ids is not None:
        query = query.where(cameras.c.area_id.in_(area_ids))
    rows = await connection.execute(query)
    return [CameraSwitch(id_, enabled, from_us(updated_at)) for id_, enabled, updated_at in rows]


async def list_by_id(connection: AsyncConnection, camera_ids: Collection[str]) -> Sequence[CameraRecord]:
    """These cameras, as far as they are there."""
    query = sa.select(cameras, _rule_count).where(cameras.c.id.in_(camera_ids))
    return [_camera(row) for row in (await connection.execute(query)).mappings()]


async def camera_areas(connection: AsyncConnection) -> Mapping[str, str]:
    """Every camera's id with that of its area."""
    rows = await connection.execute(sa.select(cameras.c.id, cameras.c.area_id))
    return {row.id: row.area_id for row in rows}


async def count_cameras(connection: AsyncConnection, area_id: str) -> int:
    """How many cameras that very area has."""
    query = sa.select(sa.func.count()).select_from(cameras).where(cameras.c.area_id == area_id)
    return int((await connection.execute(query)).scalar_one())


async def find_camera(connection: AsyncConnection, camera_id: str) -> CameraRecord | None:
    """The camera, with the number of its rules."""
    query = sa.select(cameras, _rule_count).where(cameras.c.id == camera_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _camera(row) if row else None


async def insert_camera(transaction: Transaction, camera: CameraRecord) -> None:
    """A new camera; an IntegrityError says that the name is taken."""
    await insert_cameras(transaction, [camera])


async def insert_cameras(transaction: Transaction, added: Sequence[CameraRecord]) -> None:
    """New cameras; an IntegrityError says that a name is taken."""
    await transaction.connection.execute(cameras.insert(), [_columns(camera) for camera in added])


async def update_camera(transaction: Transaction, camera: CameraRecord) -> None:
    """Replaces the camera; an IntegrityError says that the name is taken."""
    await transaction.connection.execute(cameras.update().where(cameras.c.id == camera.id).values(_columns(camera)))


async def delete_camera(transaction: Transaction, camera_id: str) -> None:
    """Removes the camera with its zones and rules. Its alerts stay."""
    await transaction.connection.execute(rules.delete().where(rules.c.camera_id == camera_id))
    await transaction.connection.execute(cameras.delete().where(cameras.c.id == camera_id))


async def bump_version(transaction: Transaction) -> None:
    """What the node is to do has changed."""
    await transaction.connection.execute(_BUMP)


async def desired_version(connection: AsyncConnection) -> int:
    """The version of what the node is to do; it only grows."""
    return int((await connection.execute(sa.select(desired_state.c.version))).scalar_one())


def camera_sort_key(camera: CameraRecord) -> tuple[str, str]:
    """Where the camera stands in the list."""
    return (name_key(camera.name), camera.id)


def _columns(camera: CameraRecord) -> dict[str, Any]:
    return {
        "id": camera.id,
        "area_id": camera.area_id,
        "name": camera.name,
        "name_key": name_key(camera.name),
        "address": camera.address,
        "sub_address": camera.sub_address,
        "transport": camera.transport,
        "username": camera.username,
        "sealed_password": camera.sealed_password,
        "enabled": camera.enabled,
        "analysed": camera.analysed,
        "created_at": to_us(camera.created_at),
        "updated_at": to_us(camera.updated_at),
    }


def _camera(row: sa.RowMapping) -> CameraRecord:
    columns = {key: row[key] for key in CameraRecord.__dataclass_fields__}
    times = {"created_at": from_us(row["created_at"]), "updated_at": from_us(row["updated_at"])}
    return CameraRecord(**{**columns, **times})
