"""Which device a camera belongs to, and what people decided about it."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, metadata, upsert
from vms_api.ptz.command import DeviceLink, LinkedDevice

onvif_devices = sa.Table(
    "onvif_devices",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("profile_token", sa.String, nullable=False),
    sa.Column("login", sa.String, nullable=False),
    sa.Column("unverified_tls", sa.Boolean, nullable=False),
    sa.Column("pinned_pem", sa.String),
    sa.Column("pinned_fingerprint", sa.String),
    sa.Column("wants_notices", sa.Boolean, nullable=False, server_default=sa.text("0")),
    sa.Column("expected", sa.JSON(none_as_null=True)),
    sa.Column("idle_preset", sa.String),
    sa.Column("idle_after_s", sa.Float),
)


async def find_link(connection: Connection, camera_id: str) -> LinkedDevice | None:
    """The device of a camera, None for one that has none."""
    query = sa.select(onvif_devices).where(onvif_devices.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().first()
    return _linked(row) if row else None


async def list_links(connection: Connection) -> Mapping[str, LinkedDevice]:
    """Every device, by the id of its camera."""
    rows = (await connection.execute(sa.select(onvif_devices))).mappings()
    return {row["camera_id"]: _linked(row) for row in rows}


async def set_link(transaction: Transaction, camera_id: str, link: DeviceLink) -> None:
    """Says which device a camera belongs to; what was decided about it before, its certificate too, stays."""
    values = {name: getattr(link, name) for name in DeviceLink.model_fields}
    statement = upsert(transaction.connection, onvif_devices).values(camera_id=camera_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["camera_id"], set_=values))


async def decide(transaction: Transaction, camera_id: str, **values: Any) -> bool:
    """Changes what was decided about a camera's device; False for a camera that has none."""
    statement = onvif_devices.update().where(onvif_devices.c.camera_id == camera_id).values(**values)
    return (await transaction.connection.execute(statement)).rowcount > 0


def _linked(row: sa.RowMapping) -> LinkedDevice:
    return LinkedDevice(**{name: row[name] for name in LinkedDevice.model_fields})
