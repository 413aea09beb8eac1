"""What statistics are counted from, read piece by piece."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.alerts.store import alerts
from vms_api.database import Connection, to_us
from vms_api.reports.alert_tally import AlertFact

_PIECE = 5000


@dataclass(frozen=True, slots=True)
class FactQuery:
    """Alerts of these areas that were raised in [since, until)."""

    area_ids: Collection[str]
    since: datetime
    until: datetime


async def read_facts(connection: Connection, asked: FactQuery) -> AsyncIterator[Sequence[AlertFact]]:
    """The alerts in the order of raising, a few thousand at a time."""
    last = (to_us(asked.since), "")
    while True:
        query = (
            sa.select(alerts.c.id, *_COLUMNS)
            .where(sa.tuple_(alerts.c.raised_at, alerts.c.id) > sa.tuple_(*map(sa.literal, last)))
            .where(alerts.c.raised_at >= last[0], alerts.c.raised_at < to_us(asked.until))
            .where(alerts.c.area_id.concat("").in_(asked.area_ids))
            .order_by(alerts.c.raised_at, alerts.c.id)
            .limit(_PIECE)
        )
        rows = (await connection.execute(query)).all()
        yield [AlertFact._make(row[1:]) for row in rows]
        if len(rows) < _PIECE:
            return
        last = (rows[-1].raised_at, rows[-1].id)


_COLUMNS = (
    alerts.c.rule_id,
    alerts.c.rule_name,
    alerts.c.camera_id,
    alerts.c.camera_name,
    alerts.c.centre_id,
    alerts.c.centre_name,
    alerts.c.raised_at,
    alerts.c.acknowledged_at,
    alerts.c.resolved_at,
    alerts.c.state,
    alerts.c.verdict,
    alerts.c.overdue.is_not(None),
    alerts.c.incident_id == alerts.c.id,
)
