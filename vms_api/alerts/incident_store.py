"""Incidents in the database: the first alert of a run, and those that follow it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from vms_api.alerts.alert import Alert
from vms_api.alerts.history import HistoryEntry
from vms_api.alerts.lifecycle import AlertAct, AlertState
from vms_api.alerts.store import alert_history, alert_of, alerts, handling_values
from vms_api.database import Connection, Transaction, to_us

_LIVELY = timedelta(minutes=5)


async def find_first(connection: Connection, camera_id: str, rule_id: str, at: datetime) -> Alert | None:
    """The first alert of the rule's latest incident that began by then."""
    query = (
        sa.select(alerts)
        .where(alerts.c.camera_id == camera_id, alerts.c.rule_id == rule_id, alerts.c.raised_at <= to_us(at))
        .where(alerts.c.incident_id == alerts.c.id)
        .order_by(alerts.c.raised_at.desc(), alerts.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    return alert_of(row) if row else None


async def add_repeat(transaction: Transaction, first_id: str, at: datetime) -> None:
    """One more has followed the first, raised at that time."""
    last = sa.case((alerts.c.last_at < to_us(at), to_us(at)), else_=alerts.c.last_at)
    values = {"repeats": alerts.c.repeats + 1, "last_at": last}
    await transaction.connection.execute(alerts.update().where(alerts.c.id == first_id).values(values))


async def remove_repeat(transaction: Transaction, first_id: str) -> None:
    """One that was folded by hand has its own card again."""
    values = {"repeats": alerts.c.repeats - 1}
    await transaction.connection.execute(alerts.update().where(alerts.c.id == first_id).values(values))


async def bring_along(transaction: Transaction, before: Alert, after: Alert, entry: HistoryEntry) -> Sequence[str]:
    """Takes the step of a first alert with those that stood where it stood; their ids, the newest first.

    Those that somebody has handled apart stay as they are; but what was reported and judged is closed with the first.
    Each has its own entry in the history.
    """
    changed = {key for key in handling_values(after) if getattr(before, key) != getattr(after, key)}
    changed = (changed | {"state"}) - {"incident_id"}
    moved = await _move(transaction, before, _in_step(before), handling_values(after, changed), entry)
    if entry.act == AlertAct.CLOSE:
        judged = [alerts.c.state == AlertState.RESOLVED, alerts.c.verdict.is_not(None)]
        closing = handling_values(after, {"state", "closed_at"})
        moved += await _move(transaction, before, judged, closing, entry)
    return sorted(moved, reverse=True)


async def _move(
    transaction: Transaction,
    first: Alert,
    conditions: list[sa.ColumnElement[bool]],
    values: dict[str, object],
    entry: HistoryEntry,
) -> list[str]:
    where = sa.and_(alerts.c.incident_id == first.id, alerts.c.id != first.id, *conditions)
    row = {**entry.model_dump(), "at": to_us(entry.at)}
    columns = [sa.literal(row[name], alert_history.c[name].type).label(name) for name in row]
    written = sa.select(alerts.c.id, *columns).where(where)
    connection = transaction.connection
    await connection.execute(alert_history.insert().from_select(["alert_id", *row], written))
    update = alerts.update().where(where).values(values).returning(alerts.c.id)
    return list((await connection.execute(update)).scalars())


def _in_step(first: Alert) -> list[sa.ColumnElement[bool]]:
    same = [
        alerts.c[name].is_not_distinct_from(getattr(first, name)) for name in ("owner_id", "verdict", "duplicate_of")
    ]
    return [alerts.c.state == first.state, *same]


async def find_root(connection: Connection, alert: Alert) -> Alert:
    """The first alert of the incident into which this one was folded, however often that was folded further."""
    seen = {alert.id}
    while alert.incident_id not in seen:
        seen.add(alert.incident_id)
        row = (await connection.execute(sa.select(alerts).where(alerts.c.id == alert.incident_id))).mappings().one()
        alert = alert_of(row)
    return alert


async def read_some(connection: Connection, ids: Sequence[str]) -> Sequence[Alert]:
    """These alerts, in their order of raising."""
    query = sa.select(alerts).where(alerts.c.id.in_(ids)).order_by(alerts.c.id)
    return [alert_of(row) for row in (await connection.execute(query)).mappings()]


async def list_lively(connection: Connection, now: datetime) -> Sequence[Alert]:
    """First alerts of incidents that had repeats within the last few minutes."""
    since = to_us(now - _LIVELY)
    recent = sa.select(alerts.c.incident_id).where(alerts.c.raised_at >= since, alerts.c.incident_id != alerts.c.id)
    return [
        alert_of(row) for row in (await connection.execute(sa.select(alerts).where(alerts.c.id.in_(recent)))).mappings()
    ]
