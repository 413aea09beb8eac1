"""Patrol plans in the database: each as it is now, and every version it ever had."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from vms_api.database import Connection, Transaction, from_us, metadata, to_us
from vms_api.patrols.plan import (
    PatrolByName,
    PatrolByRoster,
    PatrolPlanRow,
    PatrolPlanVersion,
)
from vms_api.patrols.schedule import KEPT, PatrolSchedule

patrol_plans = sa.Table(
    "patrol_plans",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("stop_count", sa.Integer, nullable=False),
    sa.Column("route_order", sa.String, nullable=False),
    sa.Column("grid", sa.Integer, nullable=False),
    sa.Column("complete_at", sa.Float, nullable=False),
    sa.Column("schedule", sa.JSON, nullable=False),
    sa.Column("people", sa.JSON, nullable=False),
    sa.Column("deadline_s", sa.Integer, nullable=False),
    sa.Column("next_due_at", sa.BigInteger),
    sa.Column("removed_at", sa.BigInteger),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("updated_by", sa.String),
    sa.Index("ix_patrol_plans_area_id", "area_id"),
    sa.Index("ix_patrol_plans_next_due_at", "next_due_at"),
)
"""What is removed stays for its rounds; it has no next round."""

patrol_plan_versions = sa.Table(
    "patrol_plan_versions",
    metadata,
    sa.Column("plan_id", sa.ForeignKey("patrol_plans.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("username", sa.String),
)

patrol_plan_cameras = sa.Table(
    "patrol_plan_cameras",
    metadata,
    sa.Column("plan_id", sa.ForeignKey("patrol_plans.id"), primary_key=True),
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Index("ix_patrol_plan_cameras_camera_id", "camera_id"),
)
"""The cameras of the present versions."""

_PEOPLE: TypeAdapter[PatrolByName | PatrolByRoster] = TypeAdapter(PatrolByName | PatrolByRoster)


async def insert_plan(transaction: Transaction, made: PatrolPlanVersion, next_due_at: datetime | None) -> None:
    """A new plan with its first version."""
    await transaction.connection.execute(patrol_plans.insert().values(id=made.plan_id, **_row(made, next_due_at)))
    await _add_version(transaction, made)


async def put_version(transaction: Transaction, made: PatrolPlanVersion, next_due_at: datetime | None) -> None:
    """The plan as it is from now on; earlier versions stay."""
    plan = patrol_plans.update().where(patrol_plans.c.id == made.plan_id)
    await transaction.connection.execute(plan.values(_row(made, next_due_at)))
    await _add_version(transaction, made)


async def remove_plan(transaction: Transaction, plan_id: str, at: datetime) -> None:
    """No round of it will be due any more; what was is kept with its versions."""
    plan = patrol_plans.update().where(patrol_plans.c.id == plan_id)
    await transaction.connection.execute(plan.values(removed_at=to_us(at), next_due_at=None))
    await _forget_cameras(transaction, plan_id)


async def find_plan(connection: Connection, plan_id: str) -> PatrolPlanRow | None:
    """The plan with that id, unless it is removed."""
    query = sa.select(patrol_plans).where(patrol_plans.c.id == plan_id, patrol_plans.c.removed_at.is_(None))
    row = (await connection.execute(query)).mappings().one_or_none()
    return _plan(row) if row else None


async def find_any(connection: Connection, plan_id: str) -> PatrolPlanRow | None:
    """The plan with that id as it is or was at last, removed or not."""
    query = sa.select(patrol_plans).where(patrol_plans.c.id == plan_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _plan(row) if row else None


async def find_version(connection: Connection, plan_id: str, version: int) -> PatrolPlanVersion | None:
    """A plan as it was in that version, removed or not."""
    query = sa.select(patrol_plan_versions).where(
        patrol_plan_versions.c.plan_id == plan_id, patrol_plan_versions.c.version == version
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return PatrolPlanVersion.model_validate({**row, "at": from_us(row["at"])}, context=KEPT) if row else None


async def list_plans(
    connection: Connection, area_ids: Collection[str], after: tuple[str, str] | None = None, limit: int | None = None
) -> Sequence[PatrolPlanRow]:
    """The plans of these areas by name; `after` are name and id of the last one seen."""
    query = (
        sa.select(patrol_plans)
        .where(patrol_plans.c.area_id.concat("").in_(area_ids), patrol_plans.c.removed_at.is_(None))
        .order_by(patrol_plans.c.name, patrol_plans.c.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(sa.tuple_(patrol_plans.c.name, patrol_plans.c.id) > sa.tuple_(*map(sa.literal, after)))
    return [_plan(row) for row in (await connection.execute(query)).mappings()]


async def next_due_at(connection: Connection) -> datetime | None:
    """When the next round of any plan is due."""
    query = sa.select(sa.func.min(patrol_plans.c.next_due_at))
    at = (await connection.execute(query)).scalar_one()
    return None if at is None else from_us(at)


async def due_plans(connection: Connection, now: datetime, limit: int) -> Sequence[PatrolPlanRow]:
    """The plans of which a round is due, the longest due first."""
    query = (
        sa.select(patrol_plans)
        .where(patrol_plans.c.next_due_at <= to_us(now))
        .order_by(patrol_plans.c.next_due_at, patrol_plans.c.id)
        .limit(limit)
    )
    return [_plan(row) for row in (await connection.execute(query)).mappings()]


async def waiting_plans(connection: Connection, now: datetime) -> Sequence[PatrolPlanRow]:
    """The plans whose next round is later than now."""
    query = sa.select(patrol_plans).where(patrol_plans.c.next_due_at > to_us(now))
    return [_plan(row) for row in (await connection.execute(query)).mappings()]


async def set_next_due(transaction: Transaction, plan_id: str, at: datetime | None) -> None:
    """When the next round of the plan is due."""
    plan = patrol_plans.update().where(patrol_plans.c.id == plan_id)
    await transaction.connection.execute(plan.values(next_due_at=None if at is None else to_us(at)))


async def planned_cameras(connection: Connection) -> Mapping[str, int]:
    """Of how many plans that are switched on each camera is a part, by the ids of those that are in any."""
    query = (
        sa.select(patrol_plan_cameras.c.camera_id, sa.func.count())
        .join(patrol_plans, patrol_plans.c.id == patrol_plan_cameras.c.plan_id)
        .where(patrol_plans.c.enabled)
        .group_by(patrol_plan_cameras.c.camera_id)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


async def list_routes(
    connection: Connection, area_ids: Collection[str]
) -> Sequence[tuple[PatrolPlanRow, Sequence[Mapping[str, Any]]]]:
    """The plans of these areas that are switched on, by name, each with its stops as JSON: the page only shows them."""
    stops = patrol_plan_versions.c.content["stops"]
    query = (
        sa.select(patrol_plans, stops.label("stops"))
        .join(
            patrol_plan_versions,
            sa.and_(
                patrol_plan_versions.c.plan_id == patrol_plans.c.id,
                patrol_plan_versions.c.version == patrol_plans.c.version,
            ),
        )
        .where(patrol_plans.c.area_id.concat("").in_(area_ids), patrol_plans.c.removed_at.is_(None))
        .where(patrol_plans.c.enabled)
        .order_by(patrol_plans.c.name, patrol_plans.c.id)
    )
    return [(_plan(row), row["stops"]) for row in (await connection.execute(query)).mappings()]


async def people_of(connection: Connection, plan_ids: Collection[str]) -> Mapping[str, PatrolByName | PatrolByRoster]:
    """Who is asked to walk the rounds of these plans, by their ids."""
    query = sa.select(patrol_plans.c.id, patrol_plans.c.people).where(patrol_plans.c.id.in_(plan_ids))
    return {row.id: _PEOPLE.validate_python(row.people) for row in await connection.execute(query)}


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The plans of an area that is removed pass to another one."""
    statement = patrol_plans.update().where(patrol_plans.c.area_id == area_id).values(area_id=heir_id)
    await transaction.connection.execute(statement)


async def _add_version(transaction: Transaction, made: PatrolPlanVersion) -> None:
    row = made.model_dump(mode="json", exclude={"at"}) | {"at": to_us(made.at)}
    await transaction.connection.execute(patrol_plan_versions.insert().values(row))
    await _forget_cameras(transaction, made.plan_id)
    cameras = [{"plan_id": made.plan_id, "camera_id": camera_id} for camera_id in made.content.camera_ids]
    await transaction.connection.execute(patrol_plan_cameras.insert(), cameras)


async def _forget_cameras(transaction: Transaction, plan_id: str) -> None:
    cameras = patrol_plan_cameras.delete().where(patrol_plan_cameras.c.plan_id == plan_id)
    await transaction.connection.execute(cameras)


def _row(made: PatrolPlanVersion, next_due_at: datetime | None) -> dict[str, Any]:
    content = made.content
    return {
        **content.model_dump(
            mode="json", include={"area_id", "name", "enabled", "grid", "schedule", "deadline_s", "complete_at"}
        ),
        "people": content.people.model_dump(mode="json"),
        "route_order": content.order,
        "version": made.version,
        "stop_count": len(content.stops),
        "next_due_at": None if next_due_at is None else to_us(next_due_at),
        "updated_at": to_us(made.at),
        "updated_by": made.username,
    }


def _plan(row: sa.RowMapping) -> PatrolPlanRow:
    plain = (
        "id",
        "area_id",
        "name",
        "enabled",
        "version",
        "stop_count",
        "grid",
        "deadline_s",
        "complete_at",
        "updated_by",
    )
    due = row["next_due_at"]
    return PatrolPlanRow(
        **{name: row[name] for name in plain},
        order=row["route_order"],
        schedule=PatrolSchedule.model_validate(row["schedule"], context=KEPT),
        people=_PEOPLE.validate_python(row["people"]),
        next_due_at=None if due is None else from_us(due),
        updated_at=from_us(row["updated_at"]),
    )
