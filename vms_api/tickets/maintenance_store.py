"""Maintenance windows and the times of areas in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.tickets.maintenance import MaintenanceWindow
from vms_api.tickets.times import TicketTimes

windows = sa.Table(
    "maintenance_windows",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("camera_ids", sa.JSON(none_as_null=True)),
    sa.Column("starts_at", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("asked_by_id", sa.String),
    sa.Column("asked_by", sa.String),
    sa.Column("approved_at", sa.BigInteger),
    sa.Column("approved_by_id", sa.String),
    sa.Column("approved_by", sa.String),
    sa.Index("ix_maintenance_windows_ends_at", "ends_at"),
)

ticket_times = sa.Table(
    "ticket_times",
    metadata,
    sa.Column("area_id", sa.ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("high_hours", sa.Float),
    sa.Column("medium_hours", sa.Float),
    sa.Column("low_hours", sa.Float),
)

_TIMES = ("starts_at", "ends_at", "asked_at", "approved_at")


async def approved_windows(connection: Connection, since: datetime, until: datetime) -> Sequence[MaintenanceWindow]:
    """The approved windows that touch [since, until), in the order of their beginnings."""
    query = (
        sa.select(windows)
        .where(
            windows.c.approved_at.is_not(None), windows.c.ends_at > to_us(since), windows.c.starts_at <= to_us(until)
        )
        .order_by(windows.c.starts_at, windows.c.id)
    )
    return [_window(row) for row in (await connection.execute(query)).mappings()]


async def list_windows(
    connection: Connection, area_ids: Collection[str], since: datetime
) -> Sequence[MaintenanceWindow]:
    """The windows of these areas that are not over by then, approved or not, the next first."""
    query = (
        sa.select(windows)
        .where(windows.c.area_id.in_(area_ids), windows.c.ends_at > to_us(since))
        .order_by(windows.c.starts_at, windows.c.id)
    )
    return [_window(row) for row in (await connection.execute(query)).mappings()]


async def find_window(connection: Connection, window_id: str) -> MaintenanceWindow | None:
    """One window."""
    query = sa.select(windows).where(windows.c.id == window_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _window(row) if row else None


async def save_window(transaction: Transaction, window: MaintenanceWindow) -> None:
    """Adds a window, or writes it anew."""
    row: dict[str, Any] = {name: getattr(window, name) for name in window.__dataclass_fields__}
    row |= {name: to_us(row[name]) for name in _TIMES if row[name] is not None}
    row["camera_ids"] = None if window.camera_ids is None else sorted(window.camera_ids)
    statement = upsert(transaction.connection, windows).values(row)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))


async def delete_window(transaction: Transaction, window_id: str) -> None:
    """Removes a window that has not begun."""
    await transaction.connection.execute(windows.delete().where(windows.c.id == window_id))


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The windows of an area that is removed, which has no cameras any more, pass to another one as of no camera."""
    mine = windows.c.area_id == area_id
    whole = windows.update().where(mine, windows.c.camera_ids.is_(None)).values(camera_ids=[])
    await transaction.connection.execute(whole)
    await transaction.connection.execute(windows.update().where(mine).values(area_id=heir_id))


async def read_times(connection: Connection) -> Mapping[str, TicketTimes]:
    """The times of every area that has some of its own."""
    rows = (await connection.execute(sa.select(ticket_times))).mappings()
    return {row["area_id"]: TicketTimes.model_validate(dict(row)) for row in rows}


async def save_times(transaction: Transaction, times: TicketTimes) -> None:
    """Takes an area's times; one that has none of its own any more inherits them all."""
    mine = ticket_times.c.area_id == times.area_id
    await transaction.connection.execute(ticket_times.delete().where(mine))
    if times.model_dump(exclude={"area_id"}, exclude_none=True):
        await transaction.connection.execute(ticket_times.insert().values(times.model_dump()))


def _window(row: sa.RowMapping) -> MaintenanceWindow:
    times = {name: from_us(row[name]) for name in _TIMES if row[name] is not None}
    camera_ids = None if row["camera_ids"] is None else frozenset(row["camera_ids"])
    return MaintenanceWindow(**{**row, **times, "camera_ids": camera_ids})
