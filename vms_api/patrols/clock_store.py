"""The clocks of rounds that are open: when somebody has to look at each next, and what for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.patrols.chase import ChaseStep

patrol_clocks = sa.Table(
    "patrol_clocks",
    metadata,
    sa.Column("round_id", sa.String, primary_key=True),
    sa.Column("look_at", sa.BigInteger, nullable=False),
    sa.Column("step", sa.String, nullable=False),
    sa.Index("ix_patrol_clocks_look_at", "look_at"),
)


@dataclass(frozen=True, slots=True)
class RoundClock:
    """When the round is looked at next, and which step is taken then if nobody has done anything meanwhile."""

    round_id: str
    look_at: datetime
    step: ChaseStep


async def put_clock(transaction: Transaction, clock: RoundClock) -> None:
    """Sets the clock of a round."""
    values = {"look_at": to_us(clock.look_at), "step": clock.step.value}
    statement = upsert(transaction.connection, patrol_clocks).values(round_id=clock.round_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["round_id"], set_=values))


async def delete_clock(transaction: Transaction, round_id: str) -> None:
    """Nothing goes by the clock any more."""
    await transaction.connection.execute(patrol_clocks.delete().where(patrol_clocks.c.round_id == round_id))


async def due_clocks(connection: Connection, now: datetime, limit: int) -> Sequence[RoundClock]:
    """The rounds that are to be looked at, the longest due first."""
    query = (
        sa.select(patrol_clocks)
        .where(patrol_clocks.c.look_at <= to_us(now))
        .order_by(patrol_clocks.c.look_at, patrol_clocks.c.round_id)
        .limit(limit)
    )
    rows = (await connection.execute(query)).mappings()
    return [RoundClock(row["round_id"], from_us(row["look_at"]), ChaseStep(row["step"])) for row in rows]
