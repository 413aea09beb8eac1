"""Areas in the database."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.areas import path_store
from vms_api.areas.area import Area, AreaTree, Centre
from vms_api.database import Transaction, from_us, metadata, to_us

areas = sa.Table(
    "areas",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("parent_id", sa.ForeignKey("areas.id"), index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("code", sa.String),
    sa.Column("path", sa.String, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("centre_name", sa.String),
    sa.Column("centre_phone", sa.String),
)


async def read_tree(connection: AsyncConnection) -> AreaTree:
    """All areas."""
    return AreaTree([_area(row) for row in (await connection.execute(sa.select(areas))).mappings()])


async def insert_area(transaction: Transaction, area: Area) -> None:
    """A new area."""
    await transaction.connection.execute(areas.insert().values(_columns(area)))
    await path_store.lay(transaction, {area.id: area.path}, area.created_at)


async def update_areas(transaction: Transaction, changed: Sequence[Area]) -> None:
    """Replaces the areas; a subtree that moves comes with the nearer ones first, at the time when the first changed."""
    await path_store.lay(transaction, {area.id: area.path for area in changed}, changed[0].updated_at)
    for area in changed:
        await transaction.connection.execute(areas.update().where(areas.c.id == area.id).values(_columns(area)))


async def delete_area(transaction: Transaction, area_id: str) -> None:
    """Removes the area with the grants on it; RowRefused says that something is still in it."""
    await transaction.connection.execute(areas.delete().where(areas.c.id == area_id))
    await path_store.forget(transaction, area_id)


def _columns(area: Area) -> dict[str, object]:
    return {
        "id": area.id,
        "parent_id": area.parent_id,
        "name": area.name,
        "kind": area.kind,
        "code": area.code,
        "path": area.path,
        "created_at": to_us(area.created_at),
        "updated_at": to_us(area.updated_at),
        "centre_name": area.centre.name if area.centre else None,
        "centre_phone": area.centre.phone if area.centre else None,
    }


def _area(row: sa.RowMapping) -> Area:
    columns = dict(row)
    name, phone = columns.pop("centre_name"), columns.pop("centre_phone")
    # Taken as it is stored: what a later version allows must not stop the start of this one.
    centre = Centre.model_construct(name=name, phone=phone) if name is not None else None
    times = {key: from_us(row[key]) for key in ("created_at", "updated_at")}
    return Area(**{**columns, **times}, centre=centre)
