"""What patrol statistics are counted from, read piece by piece."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.alerts.store import alerts
from vms_api.database import Connection, to_us
from vms_api.patrols.round import EXCUSE
from vms_api.patrols.round_store import patrol_history, patrol_rounds
from vms_api.patrols.stop_store import patrol_stops
from vms_api.patrols.tally import RoundFact, StopFact
from vms_api.tickets.store import tickets

_PIECE = 500
"""Rounds of one piece; each has its stops, of which there may be thousands."""


@dataclass(frozen=True, slots=True)
class PatrolFactQuery:
    """Rounds of these areas that were due in [since, until)."""

    area_ids: Collection[str]
    since: datetime
    until: datetime


async def read_facts(connection: Connection, asked: PatrolFactQuery) -> AsyncIterator[Sequence[RoundFact]]:
    """The rounds in the order of their due times, some hundreds at a time."""
    table = patrol_rounds.c
    last = (to_us(asked.since), "")
    while True:
        query = (
            sa.select(patrol_rounds)
            .where(sa.tuple_(table.due_at, table.id) > sa.tuple_(*map(sa.literal, last)))
            .where(table.due_at >= last[0], table.due_at < to_us(asked.until))
            .where(table.area_id.concat("").in_(asked.area_ids))
            .order_by(table.due_at, table.id)
            .limit(_PIECE)
        )
        rows = (await connection.execute(query)).all()
        ids = [row.id for row in rows]
        stops, excuses = await _stops(connection, ids), await _excuses(connection, ids)
        yield [
            RoundFact(
                plan_id=row.plan_id,
                plan_name=row.name,
                area_id=row.area_id,
                state=row.state,
                due_us=row.due_at,
                is_late=row.late,
                user_id=row.user_id,
                user_name=row.user_name,
                excuses=excuses.get(row.id, 0),
                stops=stops.get(row.id, ()),
            )
            for row in rows
        ]
        if len(rows) < _PIECE:
            return
        last = (rows[-1].due_at, rows[-1].id)


async def _stops(connection: Connection, round_ids: Collection[str]) -> Mapping[str, Sequence[StopFact]]:
    """What was judged or could not be reached, by rounds; with when the alert or the ticket of it was closed."""
    table = patrol_stops.c
    opened = sa.or_(table.alert_id.is_not(None), table.ticket_id.is_not(None))
    query = (
        sa.select(
            table.round_id,
            table.camera_id,
            table.verdict,
            table.unreachable_why.is_not(None),
            table.judged_at,
            sa.func.coalesce(alerts.c.closed_at, tickets.c.closed_at),
            opened,
        )
        .outerjoin(alerts, alerts.c.id == table.alert_id)
        .outerjoin(tickets, tickets.c.id == table.ticket_id)
        .where(table.round_id.in_(round_ids))
        .where(sa.or_(table.verdict.is_not(None), table.unreachable_why.is_not(None)))
    )
    found: dict[str, list[StopFact]] = {}
    for round_id, *facts in await connection.execute(query):
        found.setdefault(round_id, []).append(StopFact._make(facts))
    return found


async def _excuses(connection: Connection, round_ids: Collection[str]) -> Mapping[str, int]:
    table = patrol_history.c
    query = (
        sa.select(table.round_id, sa.func.count())
        .where(table.round_id.in_(round_ids), table.act == EXCUSE)
        .group_by(table.round_id)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}
