"""Which device a camera belongs to."""

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, metadata
from vms_api.ptz.command import DeviceLink

onvif_devices = sa.Table(
    "onvif_devices",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("profile_token", sa.String, nullable=False),
    sa.Column("login", sa.String, nullable=False),
    sa.Column("unverified_tls", sa.Boolean, nullable=False),
)


async def find_link(connection: Connection, camera_id: str) -> DeviceLink | None:
    """The device of a camera, None for one that has none."""
    query = sa.select(onvif_devices).where(onvif_devices.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().first()
    return DeviceLink(**{name: row[name] for name in DeviceLink.model_fields}) if row else None


async def set_link(transaction: Transaction, camera_id: str, link: DeviceLink) -> None:
    """Says which device a camera belongs to, instead of what was said before."""
    await transaction.connection.execute(onvif_devices.delete().where(onvif_devices.c.camera_id == camera_id))
    await transaction.connection.execute(onvif_devices.insert().values(camera_id=camera_id, **link.model_dump()))
