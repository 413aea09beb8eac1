"""What people have decided about rates: targets, and which cameras are not expected to work when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.rates.exclusion import Exclusion
from vms_api.rates.rate import Rate
from vms_api.rates.target import Target

rate_targets = sa.Table(
    "rate_targets",
    metadata,
    sa.Column("rate", sa.String, primary_key=True),
    sa.Column("target", sa.Float),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("set_by", sa.String),
    sa.Column("set_at", sa.BigInteger, nullable=False),
)

rate_exclusions = sa.Table(
    "rate_exclusions",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("starts_at", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.BigInteger),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("asked_by_id", sa.String, nullable=False),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("approved_by_id", sa.String),
    sa.Column("approved_by", sa.String),
    sa.Column("approved_at", sa.BigInteger),
    sa.Index("ix_rate_exclusions_camera_id", "camera_id", "starts_at"),
)

_TIMES = ("starts_at", "ends_at", "asked_at", "approved_at")


async def set_targets(connection: Connection) -> Mapping[Rate, Target]:
    """The targets that somebody has set."""
    return {
        Rate(row.rate): Target(
            rate=Rate(row.rate), target=row.target, reason=row.reason, set_by=row.set_by, set_at=from_us(row.set_at)
        )
        for row in await connection.execute(sa.select(rate_targets))
    }


async def put_target(transaction: Transaction, target: Target, at: datetime) -> None:
    """Replaces the target of the rate."""
    values = {"target": target.target, "reason": target.reason, "set_by": target.set_by, "set_at": to_us(at)}
    statement = upsert(transaction.connection, rate_targets).values(rate=target.rate.value, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["rate"], set_=values))


async def insert_exclusion(transaction: Transaction, exclusion: Exclusion) -> None:
    """Somebody asks for it."""
    values: dict[str, Any] = {**exclusion.model_dump(), "asked_by_id": exclusion.asked_by_id}
    values |= {name: to_us(values[name]) if values[name] else None for name in _TIMES}
    await transaction.connection.execute(rate_exclusions.insert().values(values))


async def find_exclusion(connection: Connection, exclusion_id: str) -> Exclusion | None:
    """The exclusion with that id."""
    query = sa.select(rate_exclusions).where(rate_exclusions.c.id == exclusion_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _exclusion(row) if row else None


async def list_exclusions(connection: Connection, area_ids: Collection[str]) -> Sequence[Exclusion]:
    """Those of the cameras of these areas, the latest first."""
    query = (
        sa.select(rate_exclusions)
        .where(rate_exclusions.c.area_id.in_(area_ids))
        .order_by(rate_exclusions.c.starts_at.desc(), rate_exclusions.c.id)
    )
    return [_exclusion(row) for row in (await connection.execute(query)).mappings()]


async def approved_between(connection: Connection, start: datetime, end: datetime) -> Sequence[Exclusion]:
    """Those in force at any time of [start, end)."""
    query = sa.select(rate_exclusions).where(
        rate_exclusions.c.approved_by.is_not(None),
        rate_exclusions.c.starts_at < to_us(end),
        sa.or_(rate_exclusions.c.ends_at.is_(None), rate_exclusions.c.ends_at > to_us(start)),
    )
    return [_exclusion(row) for row in (await connection.execute(query)).mappings()]


async def approve(transaction: Transaction, exclusion_id: str, user_id: str, name: str, at: datetime) -> bool:
    """It is in force; False when it was already, or is gone."""
    asked = sa.and_(rate_exclusions.c.id == exclusion_id, rate_exclusions.c.approved_by.is_(None))
    values = {"approved_by_id": user_id, "approved_by": name, "approved_at": to_us(at)}
    result = await transaction.connection.execute(rate_exclusions.update().where(asked).values(values))
    return bool(result.rowcount)


async def end_exclusion(transaction: Transaction, exclusion_id: str, at: datetime) -> None:
    """It does not go on. One that has not begun, or was never approved, has not been."""
    own = rate_exclusions.c.id == exclusion_id
    never = sa.or_(rate_exclusions.c.approved_by.is_(None), rate_exclusions.c.starts_at >= to_us(at))
    await transaction.connection.execute(rate_exclusions.delete().where(own, never))
    goes_on = sa.or_(rate_exclusions.c.ends_at.is_(None), rate_exclusions.c.ends_at > to_us(at))
    await transaction.connection.execute(rate_exclusions.update().where(own, goes_on).values(ends_at=to_us(at)))


def _exclusion(row: sa.RowMapping) -> Exclusion:
    times = {name: None if row[name] is None else from_us(row[name]) for name in _TIMES}
    return Exclusion.model_validate({**row, **times})
