"""Where each camera belonged and whether it was in service, from when to when: what the rates of a past day go by."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from vms_api.cameras.camera import CameraRecord
from vms_api.database import Connection, Transaction, metadata, to_us, upsert

camera_placements = sa.Table(
    "camera_placements",
    metadata,
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until", sa.BigInteger),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
)


class Placement(NamedTuple):
    """One stay of a camera in an area, in service or not. Times in microseconds; `until_us` None: it goes on."""

    camera_id: str
    area_id: str
    is_enabled: bool
    since_us: int
    until_us: int | None


async def place(transaction: Transaction, camera: CameraRecord) -> None:
    """The camera is there from its last change on; nothing is written when it was there before, just so."""
    at = to_us(camera.updated_at)
    open_row = sa.and_(camera_placements.c.camera_id == camera.id, camera_placements.c.until.is_(None))
    query = sa.select(camera_placements.c.area_id, camera_placements.c.enabled).where(open_row)
    found = (await transaction.connection.execute(query)).one_or_none()
    if found is not None and (found.area_id, bool(found.enabled)) == (camera.area_id, camera.enabled):
        return
    await end_placement(transaction, camera.id, camera.updated_at)
    values = {"until": None, "area_id": camera.area_id, "enabled": camera.enabled}
    statement = upsert(transaction.connection, camera_placements).values(camera_id=camera.id, since=at, **values)
    # Two changes within a microsecond, or after the clock was put back: the later one holds.
    replaced = statement.on_conflict_do_update(index_elements=["camera_id", "since"], set_=values)
    await transaction.connection.execute(replaced)


async def end_placement(transaction: Transaction, camera_id: str, at: datetime) -> None:
    """The camera is not there any more, or not as it was."""
    open_row = sa.and_(camera_placements.c.camera_id == camera_id, camera_placements.c.until.is_(None))
    end = sa.case((camera_placements.c.since > to_us(at), camera_placements.c.since), else_=to_us(at))
    await transaction.connection.execute(camera_placements.update().where(open_row).values(until=end))


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The area is being removed: what its cameras were there counts for the area above."""
    of_area = camera_placements.update().where(camera_placements.c.area_id == area_id)
    await transaction.connection.execute(of_area.values(area_id=heir_id))


async def placements_before(connection: Connection, end: datetime) -> Sequence[Placement]:
    """Every stay that began before `end`, camera by camera in the order of time."""
    query = (
        sa.select(camera_placements)
        .where(camera_placements.c.since < to_us(end))
        .order_by(camera_placements.c.camera_id, camera_placements.c.since)
    )
    rows = await connection.execute(query)
    return [Placement(row.camera_id, row.area_id, bool(row.enabled), row.since, row.until) for row in rows]
