"""Drawings of places in the database: one for each area."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.overview.plan_image import Bounds, PlanImage

area_plans = sa.Table(
    "area_plans",
    metadata,
    sa.Column("area_id", sa.ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("media_type", sa.String, nullable=False),
    sa.Column("picture", sa.LargeBinary, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("south", sa.Float, nullable=False),
    sa.Column("west", sa.Float, nullable=False),
    sa.Column("north", sa.Float, nullable=False),
    sa.Column("east", sa.Float, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("updated_by", sa.String),
)

_TOLD = [column for column in area_plans.c if column.name != "picture"]


@dataclass(frozen=True, slots=True)
class AreaPlan:
    """The drawing of an area without its pixels; sizes in pixels, bounds in degrees of WGS-84."""

    area_id: str
    media_type: str
    width: int
    height: int
    bounds: Bounds
    updated_at: datetime
    updated_by: str | None


async def put_plan(transaction: Transaction, plan: AreaPlan, image: PlanImage) -> None:
    """Keeps the drawing in place of the one before."""
    values = {
        "media_type": plan.media_type,
        "picture": image.data,
        "width": plan.width,
        "height": plan.height,
        **plan.bounds.model_dump(),
        "updated_at": to_us(plan.updated_at),
        "updated_by": plan.updated_by,
    }
    insertion = upsert(transaction.connection, area_plans).values(area_id=plan.area_id, **values)
    await transaction.connection.execute(insertion.on_conflict_do_update(index_elements=["area_id"], set_=values))


async def place_plan(transaction: Transaction, plan: AreaPlan) -> None:
    """Puts the drawing elsewhere."""
    values = {**plan.bounds.model_dump(), "updated_at": to_us(plan.updated_at), "updated_by": plan.updated_by}
    statement = area_plans.update().where(area_plans.c.area_id == plan.area_id).values(values)
    await transaction.connection.execute(statement)


async def delete_plan(transaction: Transaction, area_id: str) -> bool:
    """Removes it; False when there was none."""
    statement = area_plans.delete().where(area_plans.c.area_id == area_id)
    return (await transaction.connection.execute(statement)).rowcount > 0


async def list_plans(connection: Connection, area_ids: Collection[str]) -> Sequence[AreaPlan]:
    """The drawings of these areas, the largest field first, so that the finer ones lie on top."""
    query = sa.select(*_TOLD).where(area_plans.c.area_id.in_(area_ids))
    found = [_plan(row) for row in (await connection.execute(query)).mappings()]
    return sorted(found, key=lambda plan: (-_extent(plan.bounds), plan.area_id))


async def find_plan(connection: Connection, area_id: str) -> AreaPlan | None:
    """The drawing of an area without its pixels."""
    query = sa.select(*_TOLD).where(area_plans.c.area_id == area_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _plan(row) if row else None


async def read_picture(connection: Connection, area_id: str) -> bytes | None:
    """The pixels of an area's drawing as they are kept."""
    query = sa.select(area_plans.c.picture).where(area_plans.c.area_id == area_id)
    return (await connection.execute(query)).scalar_one_or_none()


def _extent(bounds: Bounds) -> float:
    return (bounds.north - bounds.south) * (bounds.east - bounds.west)


def _plan(row: sa.RowMapping) -> AreaPlan:
    bounds = Bounds(south=row["south"], west=row["west"], north=row["north"], east=row["east"])
    told = (row["area_id"], row["media_type"], row["width"], row["height"])
    return AreaPlan(*told, bounds, from_us(row["updated_at"]), row["updated_by"])
