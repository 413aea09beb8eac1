"""The stops of rounds that somebody has taken, in the database; before that a round's stops are those of its plan."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us
from vms_api.patrols.round_stop import RoundStop

_JUDGED = sa.text("judged_at IS NOT NULL")
_OPEN = sa.text("arrived_at IS NOT NULL AND left_at IS NULL")

patrol_stops = sa.Table(
    "patrol_stops",
    metadata,
    sa.Column("round_id", sa.ForeignKey("patrol_rounds.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("camera_name", sa.String, nullable=False),
    sa.Column("area_id", sa.String),
    sa.Column("preset", sa.String),
    sa.Column("dwell_s", sa.Float, nullable=False),
    sa.Column("questions", sa.JSON, nullable=False),
    sa.Column("reference_id", sa.String),
    sa.Column("is_extra", sa.Boolean, nullable=False),
    sa.Column("arrived_at", sa.BigInteger),
    sa.Column("left_at", sa.BigInteger),
    sa.Column("present_s", sa.Float, nullable=False),
    sa.Column("attended_s", sa.Float, nullable=False),
    sa.Column("verdict", sa.String),
    sa.Column("judged_at", sa.BigInteger),
    sa.Column("judged_by", sa.String),
    sa.Column("unreachable_why", sa.String),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("unexpected", sa.JSON, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("snapshot_id", sa.String),
    sa.Column("alert_id", sa.String),
    sa.Column("ticket_id", sa.String),
    sa.Index("ix_patrol_stops_round_id_position", "round_id", "position"),
    sa.Index(
        "ix_patrol_stops_camera_id_judged_at",
        "camera_id",
        "judged_at",
        sqlite_where=_JUDGED,
        postgresql_where=_JUDGED,
    ),
    sa.Index("ix_patrol_stops_open", "round_id", "arrived_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

_TIMES = ("arrived_at", "left_at", "judged_at")
_AT_ONCE = 500
"""Rows of one statement: a plan may have 10,000 stops, and a statement only so many values."""


async def insert_stops(transaction: Transaction, round_id: str, stops: Sequence[RoundStop]) -> None:
    """The stops of a round that was taken, or one more."""
    for start in range(0, len(stops), _AT_ONCE):
        rows = [{"round_id": round_id, **_values(stop)} for stop in stops[start : start + _AT_ONCE]]
        await transaction.connection.execute(patrol_stops.insert(), rows)


async def save_stop(transaction: Transaction, round_id: str, stop: RoundStop) -> None:
    """Writes down what became of a stop."""
    statement = patrol_stops.update().where(patrol_stops.c.round_id == round_id, patrol_stops.c.id == stop.id)
    await transaction.connection.execute(statement.values(_values(stop)))


async def find_stop(connection: Connection, round_id: str, stop_id: str) -> RoundStop | None:
    """One stop of a round that was taken."""
    query = sa.select(patrol_stops).where(patrol_stops.c.round_id == round_id, patrol_stops.c.id == stop_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _stop(row) if row else None


async def list_stops(connection: Connection, round_id: str) -> Sequence[RoundStop]:
    """The stops of a round in their order; none before it was taken."""
    query = sa.select(patrol_stops).where(patrol_stops.c.round_id == round_id).order_by(patrol_stops.c.position)
    return [_stop(row) for row in (await connection.execute(query)).mappings()]


async def open_stops(connection: Connection, round_id: str) -> Sequence[RoundStop]:
    """The stops that somebody is at now, the one arrived at first before the others."""
    table = patrol_stops.c
    query = sa.select(patrol_stops).where(
        table.round_id == round_id, table.arrived_at.is_not(None), table.left_at.is_(None)
    )
    order = (table.arrived_at, table.position)
    return [_stop(row) for row in (await connection.execute(query.order_by(*order))).mappings()]


async def leave_all(transaction: Transaction, round_id: str, at: datetime) -> None:
    """Nobody is at any stop of the round any more."""
    table = patrol_stops.c
    statement = patrol_stops.update().where(
        table.round_id == round_id, table.arrived_at.is_not(None), table.left_at.is_(None)
    )
    await transaction.connection.execute(statement.values(left_at=to_us(at)))


async def last_touched(connection: Connection, round_id: str) -> datetime | None:
    """When somebody last came to, judged or left a stop of the round."""
    latest = [sa.func.max(patrol_stops.c[name]) for name in _TIMES]
    row = (await connection.execute(sa.select(*latest).where(patrol_stops.c.round_id == round_id))).one()
    times = [at for at in row if at is not None]
    return from_us(max(times)) if times else None


async def last_judged(connection: Connection, camera_id: str) -> RoundStop | None:
    """The stop at which the camera was last judged, of whatever round."""
    table = patrol_stops.c
    query = sa.select(patrol_stops).where(table.camera_id == camera_id, table.judged_at.is_not(None))
    row = (await connection.execute(query.order_by(table.judged_at.desc()).limit(1))).mappings().one_or_none()
    return _stop(row) if row else None


async def last_seen(connection: Connection, camera_ids: Collection[str]) -> Mapping[str, datetime]:
    """When each of these cameras was last judged at a stop; those that never were are not in it."""
    table = patrol_stops.c
    query = (
        sa.select(table.camera_id, sa.func.max(table.judged_at))
        .where(table.camera_id.in_(camera_ids), table.judged_at.is_not(None))
        .group_by(table.camera_id)
    )
    return {camera_id: from_us(at) for camera_id, at in await connection.execute(query)}


def _values(stop: RoundStop) -> dict[str, Any]:
    values = stop.model_dump(exclude={"index", "unreachable"}) | {"position": stop.index}
    return values | {key: to_us(values[key]) for key in _TIMES if values[key] is not None}


def _stop(row: sa.RowMapping) -> RoundStop:
    times = {key: from_us(row[key]) for key in _TIMES if row[key] is not None}
    is_unreachable = row["unreachable_why"] is not None
    return RoundStop.model_validate({**row, **times, "index": row["position"], "unreachable": is_unreachable})
