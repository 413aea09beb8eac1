"""The rounds, alerts and tickets behind the rates of areas, as their own tables have them now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.alerts.store import alerts
from vms_api.database import Connection, from_us, to_us
from vms_api.patrols.round_store import patrol_rounds
from vms_api.rates.alert_handling import HandledAlert, alert_handling
from vms_api.rates.case import RateCase, result_of
from vms_api.rates.patrol import patrol_completion
from vms_api.rates.rate import Rate
from vms_api.rates.ticket_closure import DueTicket, ticket_closure
from vms_api.tickets.store import tickets


@dataclass(frozen=True, slots=True)
class CaseQuery:
    """Cases of [start, end) in these areas, judged by what holds `now`."""

    area_ids: Collection[str]
    start: datetime
    end: datetime
    now: datetime


async def read_cases(connection: Connection, rate: Rate, asked: CaseQuery) -> Sequence[RateCase]:
    """Of a rate of areas, in any order; other rates have none."""
    if rate is Rate.PATROL:
        return await _rounds(connection, asked)
    if rate is Rate.ALERTS:
        return await _alerts(connection, asked)
    return await _tickets(connection, asked) if rate is Rate.TICKETS else ()


async def _rounds(connection: Connection, asked: CaseQuery) -> Sequence[RateCase]:
    table = patrol_rounds.c
    query = sa.select(table.id, table.name, table.state, table.area_id, table.due_at).where(
        table.area_id.in_(asked.area_ids), _within(table.due_at, asked)
    )
    return [
        RateCase(
            id=row.id,
            name=row.name,
            code=row.state,
            area_id=row.area_id,
            at=from_us(row.due_at),
            result=result_of(patrol_completion([row.state])),
        )
        for row in await connection.execute(query)
    ]


async def _alerts(connection: Connection, asked: CaseQuery) -> Sequence[RateCase]:
    table = alerts.c
    told = (table.state, table.verdict, table.resolved_at, table.resolve_by)
    query = sa.select(table.id, table.rule_name, table.kind, table.area_id, table.raised_at, *told).where(
        table.incident_id == table.id, table.area_id.in_(asked.area_ids), _within(table.raised_at, asked)
    )
    return [
        RateCase(
            id=row.id,
            name=row.rule_name,
            code=row.kind,
            area_id=row.area_id,
            at=from_us(row.raised_at),
            result=result_of(
                alert_handling(
                    [HandledAlert(row.state, row.verdict, row.resolved_at, row.resolve_by)], to_us(asked.now)
                )
            ),
        )
        for row in await connection.execute(query)
    ]


async def _tickets(connection: Connection, asked: CaseQuery) -> Sequence[RateCase]:
    table = tickets.c
    told = (table.state, table.due_at, table.fixed_at, table.closed_at)
    query = sa.select(table.id, table.number, table.camera_name, table.cause, table.area_id, *told).where(
        table.duplicate_of.is_(None), table.area_id.in_(asked.area_ids), _within(table.due_at, asked)
    )
    return [
        RateCase(
            id=row.id,
            name=row.camera_name,
            code=row.cause,
            area_id=row.area_id,
            at=from_us(row.due_at),
            number=row.number,
            result=result_of(
                ticket_closure([DueTicket(row.state, row.due_at, row.fixed_at, row.closed_at)], to_us(asked.now))
            ),
        )
        for row in await connection.execute(query)
    ]


def _within(column: sa.Column[int], asked: CaseQuery) -> sa.ColumnElement[bool]:
    return column.between(to_us(asked.start), to_us(asked.end) - 1)
