"""Rounds as the clock sees them: which were written by a clock that was ahead, and what the calendar shows."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, to_us
from vms_api.patrols.clock_store import patrol_clocks
from vms_api.patrols.plan_store import patrol_plans
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_lifecycle import AT_WORK, OPEN, RoundState
from vms_api.patrols.round_store import RoundQuery, list_rounds, patrol_history, patrol_rounds

_LONGEST = timedelta(days=7)
"""No deadline is later after its due time."""
_MOST_OPEN = 5000
_AT_ONCE = 500
"""Ids of one statement, which takes only so many values."""
_UNTOUCHED = (RoundState.DUE, RoundState.MISSED)


class WrittenRound(NamedTuple):
    """A round as far as the clock is concerned."""

    id: str
    plan_id: str
    area_id: str
    due_at: datetime


async def ahead_of(connection: Connection, now: datetime) -> Sequence[WrittenRound]:
    """Rounds nobody took that are due later than now, or missed though their deadline is still to come."""
    table = patrol_rounds.c
    too_early = sa.and_(table.state == RoundState.MISSED, table.deadline_at > to_us(now))
    query = (
        sa.select(table.id, table.plan_id, table.area_id, table.due_at)
        .where(table.due_at > to_us(now - _LONGEST), table.state.in_(_UNTOUCHED), table.user_id.is_(None))
        .where(sa.or_(table.due_at > to_us(now), too_early))
        .order_by(table.due_at)
    )
    rows = await connection.execute(query)
    return [WrittenRound(row.id, row.plan_id, row.area_id, from_us(row.due_at)) for row in rows]


async def withdraw(transaction: Transaction, round_ids: Sequence[str]) -> None:
    """Takes back rounds that have not come yet, with what the system wrote about them."""
    for table, column in (
        (patrol_clocks, patrol_clocks.c.round_id),
        (patrol_history, patrol_history.c.round_id),
        (patrol_rounds, patrol_rounds.c.id),
    ):
        for start in range(0, len(round_ids), _AT_ONCE):
            some = table.delete().where(column.in_(round_ids[start : start + _AT_ONCE]))
            await transaction.connection.execute(some)


async def late_unwatched(connection: Connection) -> Sequence[str]:
    """The rounds that are late and open and at which nobody looks by the clock, as before there was an end for them."""
    table = patrol_rounds.c
    is_watched = sa.exists().where(patrol_clocks.c.round_id == table.id)
    query = sa.select(table.id).where(table.state.in_(AT_WORK), table.late, ~is_watched)
    return (await connection.execute(query)).scalars().all()


async def is_any_due(connection: Connection, now: datetime) -> bool:
    """Whether a plan or an open round is to be looked at."""
    plan = sa.exists().where(patrol_plans.c.next_due_at <= to_us(now))
    clock = sa.exists().where(patrol_clocks.c.look_at <= to_us(now))
    return bool((await connection.execute(sa.select(sa.or_(plan, clock)))).scalar_one())


async def open_rounds(connection: Connection, area_ids: Collection[str]) -> Sequence[RoundSummary]:
    """The rounds of these areas that are not over, the next deadline first."""
    asked = RoundQuery(area_ids=area_ids, states=OPEN, limit=_MOST_OPEN)
    return sorted(await list_rounds(connection, asked), key=lambda found: (found.deadline_at, found.id))
