"""How the looks at devices ended, in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.care.device import CertificateFacts, DeviceFacts, DeviceState
from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert

device_states = sa.Table(
    "device_states",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("fault", sa.String),
    sa.Column("checked_at", sa.BigInteger, nullable=False),
    sa.Column("login_mark", sa.String, nullable=False),
    sa.Column("facts", sa.JSON(none_as_null=True)),
    sa.Column("clock_offset_s", sa.Float),
    sa.Column("clock_checked_at", sa.BigInteger),
    sa.Column("certificate", sa.JSON(none_as_null=True)),
)

device_clock_checks = sa.Table(
    "device_clock_checks",
    metadata,
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("checked_at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("offset_s", sa.Float, nullable=False),
    sa.Index("ix_device_clock_checks_checked_at", "checked_at"),
)


async def find_state(connection: Connection, camera_id: str) -> DeviceState | None:
    """How the last look at the camera's device ended, None before the first one."""
    query = sa.select(device_states).where(device_states.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().first()
    return _state(row) if row else None


async def list_states(connection: Connection) -> Mapping[str, DeviceState]:
    """How the last looks ended, by camera."""
    rows = (await connection.execute(sa.select(device_states))).mappings()
    return {row["camera_id"]: _state(row) for row in rows}


async def moving_cameras(connection: Connection) -> Collection[str]:
    """The ids of the cameras whose devices can be moved, as far as they were asked."""
    query = sa.select(device_states.c.camera_id).where(device_states.c.facts["ptz"].as_boolean().is_(sa.true()))
    return {row.camera_id for row in await connection.execute(query)}


async def put_state(transaction: Transaction, camera_id: str, state: DeviceState) -> None:
    """Stores how a look ended, instead of the one before."""
    values = _columns(state)
    statement = upsert(transaction.connection, device_states).values(camera_id=camera_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["camera_id"], set_=values))
    if state.clock_offset_s is not None and state.clock_checked_at is not None:
        await keep_clock_check(transaction, camera_id, state.clock_checked_at, state.clock_offset_s)


async def keep_clock_check(transaction: Transaction, camera_id: str, at: datetime, offset_s: float) -> None:
    """By how many seconds the camera's clock was off when it was looked at; the same look twice is one."""
    check = {"checked_at": to_us(at), "offset_s": offset_s}
    kept = upsert(transaction.connection, device_clock_checks).values(camera_id=camera_id, **check)
    await transaction.connection.execute(kept.on_conflict_do_nothing())


async def last_clock_checks(connection: Connection, start: datetime, end: datetime) -> Mapping[str, float]:
    """The offset that the last check in [start, end) found, by camera; cameras that were not checked then are not."""
    within = device_clock_checks.c.checked_at.between(to_us(start), to_us(end) - 1)
    query = sa.select(device_clock_checks).where(within).order_by(device_clock_checks.c.checked_at)
    return {row.camera_id: row.offset_s for row in await connection.execute(query)}


async def forget_clock_checks(transaction: Transaction, before: datetime) -> None:
    """Older ones are counted already."""
    old = device_clock_checks.c.checked_at < to_us(before)
    await transaction.connection.execute(device_clock_checks.delete().where(old))


def _columns(state: DeviceState) -> dict[str, Any]:
    return {
        "state": state.state,
        "fault": state.fault,
        "checked_at": to_us(state.checked_at),
        "login_mark": state.login_mark,
        "facts": state.facts.model_dump(mode="json") if state.facts else None,
        "clock_offset_s": state.clock_offset_s,
        "clock_checked_at": to_us(state.clock_checked_at) if state.clock_checked_at else None,
        "certificate": state.certificate.model_dump(mode="json") if state.certificate else None,
    }


def _state(row: sa.RowMapping) -> DeviceState:
    return DeviceState(
        state=row["state"],
        fault=row["fault"],
        checked_at=from_us(row["checked_at"]),
        login_mark=row["login_mark"],
        facts=DeviceFacts.model_validate(row["facts"]) if row["facts"] else None,
        clock_offset_s=row["clock_offset_s"],
        clock_checked_at=from_us(row["clock_checked_at"]) if row["clock_checked_at"] else None,
        certificate=CertificateFacts.model_validate(row["certificate"]) if row["certificate"] else None,
    )
