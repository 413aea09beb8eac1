"""Volumes in the database, and up to when the retention has trusted the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.recordings.volume import VolumeState

volumes = sa.Table(
    "volumes",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("volume_id", sa.String, nullable=False, unique=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("free_bytes", sa.BigInteger),
    sa.Column("total_bytes", sa.BigInteger),
    sa.Column("used_bytes", sa.BigInteger),
    sa.Column("at", sa.BigInteger, nullable=False),
)

retention_clock = sa.Table(
    "retention_clock",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Column("halted_at", sa.BigInteger),
    sa.Column("jump_s", sa.Float),
)

_ONLY = 1


@dataclass(frozen=True, slots=True)
class RetentionClock:
    """The time of the last run, and since when none runs because the clock has jumped by `jump_s`."""

    seen_at: datetime
    halted_at: datetime | None = None
    jump_s: float | None = None


async def put_volume(transaction: Transaction, state: VolumeState) -> None:
    """Takes over the state. The identity that was first seen under a name stays that name's for ever."""
    row = {**state.model_dump(exclude={"name", "volume_id"}), "at": to_us(state.at)}
    connection = transaction.connection
    known = volumes.update().where(volumes.c.name == state.name).values(row)
    if (await connection.execute(known)).rowcount == 0 and state.volume_id is not None:
        new = upsert(connection, volumes).values(name=state.name, volume_id=state.volume_id, **row)
        await connection.execute(new.on_conflict_do_nothing())


async def list_volumes(connection: Connection) -> Sequence[VolumeState]:
    """Every volume that was ever seen, as last told."""
    rows = await connection.execute(sa.select(volumes).order_by(volumes.c.name))
    return [
        VolumeState(
            volume_id=row.volume_id,
            name=row.name,
            state=row.state,
            free_bytes=row.free_bytes,
            total_bytes=row.total_bytes,
            used_bytes=row.used_bytes,
            at=from_us(row.at),
        )
        for row in rows
    ]


async def volume_ids(connection: Connection) -> Mapping[str, str]:
    """The identity that is expected under each name."""
    rows = await connection.execute(sa.select(volumes.c.name, volumes.c.volume_id))
    return {row.name: row.volume_id for row in rows}


async def read_clock(connection: Connection) -> RetentionClock | None:
    """What the retention knows of the clock; None before its first run."""
    row = (await connection.execute(sa.select(retention_clock))).one_or_none()
    if row is None:
        return None
    return RetentionClock(from_us(row.seen_at), None if row.halted_at is None else from_us(row.halted_at), row.jump_s)


async def put_clock(transaction: Transaction, clock: RetentionClock) -> None:
    """Replaces it."""
    halted_at = None if clock.halted_at is None else to_us(clock.halted_at)
    values = {"seen_at": to_us(clock.seen_at), "halted_at": halted_at, "jump_s": clock.jump_s}
    statement = upsert(transaction.connection, retention_clock).values(id=_ONLY, **values)
    await transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=[retention_clock.c.id], set_=values)
    )
