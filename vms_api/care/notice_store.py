"""Notices of devices in the database, and the places that are held at devices to hear of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from vms_api.care.notice import Notice, Noticed
from vms_api.database import Connection, RowNumber, Transaction, from_us, metadata, to_us, upsert

KEPT = 1000
"""Notices that are kept of each camera."""

device_notices = sa.Table(
    "device_notices",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("active", sa.Boolean),
    sa.Column("source", sa.String, nullable=False),
    sa.Index("ix_device_notices_camera_id_id", "camera_id", "id"),
    sqlite_autoincrement=True,
)

device_subscriptions = sa.Table(
    "device_subscriptions",
    metadata,
    sa.Column("device", sa.String, primary_key=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("reference_headers", sa.String, nullable=False),
)


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A pull point at a device: where it is, and the headers that it wants back."""

    address: str
    reference_headers: str


async def add_notice(transaction: Transaction, camera_id: str, noticed: Noticed) -> Notice:
    """Keeps a notice; those before the last KEPT of its camera go."""
    row = {"at": to_us(noticed.at), "kind": noticed.kind, "active": noticed.active, "source": noticed.source}
    insertion = device_notices.insert().values(camera_id=camera_id, **row).returning(device_notices.c.id)
    number = (await transaction.connection.execute(insertion)).scalar_one()
    of_camera = device_notices.c.camera_id == camera_id
    last = sa.select(device_notices.c.id).where(of_camera).order_by(device_notices.c.id.desc()).limit(1).offset(KEPT)
    old = device_notices.delete().where(of_camera, device_notices.c.id <= last.scalar_subquery())
    await transaction.connection.execute(old)
    return Notice(id=str(number), at=noticed.at, kind=noticed.kind, active=noticed.active, source=noticed.source)


async def list_notices(connection: Connection, camera_id: str, before: int | None, limit: int) -> Sequence[Notice]:
    """A camera's notices, the newest first."""
    query = sa.select(device_notices).where(device_notices.c.camera_id == camera_id)
    if before is not None:
        query = query.where(device_notices.c.id < before)
    rows = await connection.execute(query.order_by(device_notices.c.id.desc()).limit(limit))
    return [
        Notice(id=str(row.id), at=from_us(row.at), kind=row.kind, active=row.active, source=row.source) for row in rows
    ]


async def find_place(connection: Connection, device: str) -> HeldPlace | None:
    """The place that was taken at a device, perhaps by a process that is dead."""
    query = sa.select(device_subscriptions).where(device_subscriptions.c.device == device)
    row = (await connection.execute(query)).first()
    return HeldPlace(row.address, row.reference_headers) if row else None


async def put_place(transaction: Transaction, device: str, place: HeldPlace | None) -> None:
    """Remembers which place is held at a device; None: none."""
    connection = transaction.connection
    if place is None:
        await connection.execute(device_subscriptions.delete().where(device_subscriptions.c.device == device))
        return
    values = {"address": place.address, "reference_headers": place.reference_headers}
    statement = upsert(connection, device_subscriptions).values(device=device, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["device"], set_=values))
