"""Dispatch rules, and the clocks of open alerts, in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from vms_api.alerts.alert import Alert
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.store import alert_of, alerts
from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.dispatch.dispatch_rule import DispatchRule, plan_of
from vms_api.dispatch.escalation import STAGES
from vms_api.dispatch.plan import Timer

dispatch_rules = sa.Table(
    "dispatch_rules",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("area_id", sa.ForeignKey("areas.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("severities", sa.JSON, nullable=False),
    sa.Column("schedule", sa.JSON(none_as_null=True)),
    sa.Column("centre_id", sa.String),
    sa.Column("acknowledge_within_s", sa.Float, nullable=False),
    sa.Column("resolve_within_s", sa.Float, nullable=False),
    sa.Column("remind_every_s", sa.Float),
)

alert_timers = sa.Table(
    "alert_timers",
    metadata,
    sa.Column("alert_id", sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("due_at", sa.BigInteger, index=True),
    sa.Column("began_at", sa.BigInteger, nullable=False),
    sa.Column("acknowledge_within_s", sa.Float, nullable=False),
    sa.Column("resolve_within_s", sa.Float, nullable=False),
    sa.Column("remind_every_s", sa.Float),
    sa.Column("remind_at", sa.BigInteger),
    sa.Column("reminders", sa.Integer, nullable=False),
)
"""A row for each open alert, and none for others; `due_at` is when somebody has to look at it."""


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many alerts wait at a centre, and how many of them are overdue."""

    open: int
    overdue: int


async def list_rules(connection: Connection) -> Sequence[DispatchRule]:
    """The rules of all areas, in the order of their positions."""
    query = sa.select(dispatch_rules).order_by(dispatch_rules.c.position, dispatch_rules.c.id)
    return [DispatchRule.model_validate(dict(row)) for row in (await connection.execute(query)).mappings()]


async def find_rule(connection: Connection, rule_id: str) -> DispatchRule | None:
    """The rule with that id."""
    query = sa.select(dispatch_rules).where(dispatch_rules.c.id == rule_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return DispatchRule.model_validate(dict(row)) if row else None


async def insert_rule(transaction: Transaction, rule: DispatchRule) -> None:
    """A new rule."""
    await transaction.connection.execute(dispatch_rules.insert().values(rule.model_dump()))


async def update_rule(transaction: Transaction, rule: DispatchRule) -> None:
    """Replaces the rule."""
    statement = dispatch_rules.update().where(dispatch_rules.c.id == rule.id).values(rule.model_dump())
    await transaction.connection.execute(statement)


async def delete_rule(transaction: Transaction, rule_id: str) -> None:
    """Removes the rule; the alerts that it placed stay where they are."""
    await transaction.connection.execute(dispatch_rules.delete().where(dispatch_rules.c.id == rule_id))


async def put_timer(transaction: Transaction, alert_id: str, timer: Timer, due_at: datetime | None) -> None:
    """Sets the clock of an open alert."""
    plan = timer.plan
    values = {
        "due_at": to_us(due_at) if due_at else None,
        "began_at": to_us(timer.began_at),
        "acknowledge_within_s": plan.acknowledge_within.total_seconds(),
        "resolve_within_s": plan.resolve_within.total_seconds(),
        "remind_every_s": plan.remind_every.total_seconds() if plan.remind_every else None,
        "remind_at": to_us(timer.remind_at) if timer.remind_at else None,
        "reminders": timer.reminders,
    }
    statement = upsert(transaction.connection, alert_timers).values(alert_id=alert_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["alert_id"], set_=values))


async def delete_timer(transaction: Transaction, alert_id: str) -> None:
    """The alert is handled: nothing goes by the clock any more."""
    await transaction.connection.execute(alert_timers.delete().where(alert_timers.c.alert_id == alert_id))


async def find_timer(connection: Connection, alert_id: str) -> Timer | None:
    """The clock of the alert, if it is open."""
    query = sa.select(alert_timers).where(alert_timers.c.alert_id == alert_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _timer(row) if row else None


async def is_any_due(connection: Connection, now: datetime) -> bool:
    """Whether some alert is due."""
    query = sa.select(alert_timers.c.alert_id).where(alert_timers.c.due_at <= to_us(now)).limit(1)
    return (await connection.execute(query)).first() is not None


async def due_alerts(connection: Connection, now: datetime, limit: int) -> Sequence[tuple[Alert, Timer]]:
    """The alerts that are due, the longest due first."""
    timed = [column for column in alert_timers.c if column.name != "alert_id"]
    query = (
        sa.select(alerts, *timed)
        .join(alert_timers, alert_timers.c.alert_id == alerts.c.id)
        .where(alert_timers.c.due_at <= to_us(now))
        .order_by(alert_timers.c.due_at)
        .limit(limit)
    )
    return [(alert_of(row), _timer(row)) for row in (await connection.execute(query)).mappings()]


async def open_alerts(connection: Connection, centre_id: str, limit: int) -> Sequence[Alert]:
    """The alerts that the centre has still to answer, those that are overdue first, then the oldest."""
    query = (
        sa.select(alerts)
        .join(alert_timers, alert_timers.c.alert_id == alerts.c.id)
        .where(alerts.c.centre_id == centre_id, alerts.c.state.in_(STAGES))
        .order_by(alerts.c.overdue.is_(None), alerts.c.id)
        .limit(limit)
    )
    return [alert_of(row) for row in (await connection.execute(query)).mappings()]


async def count_open(connection: Connection) -> Mapping[str, OpenCount]:
    """How many alerts each centre has still to answer."""
    columns = (alerts.c.centre_id, sa.func.count(), sa.func.count(alerts.c.overdue))
    query = (
        sa.select(*columns)
        .join(alert_timers, alert_timers.c.alert_id == alerts.c.id)
        .where(alerts.c.centre_id.is_not(None), alerts.c.state.in_(STAGES))
        .group_by(alerts.c.centre_id)
    )
    return {centre_id: OpenCount(*counts) for centre_id, *counts in await connection.execute(query)}


async def unplace(transaction: Transaction, centre_id: str, now: datetime) -> None:
    """The centre is given up: its open alerts are placed anew."""
    open_ids = sa.select(alert_timers.c.alert_id)
    at_centre = sa.and_(alerts.c.centre_id == centre_id, alerts.c.id.in_(open_ids))
    await _wake(transaction, alert_timers.c.alert_id.in_(sa.select(alerts.c.id).where(at_centre)), now)
    await transaction.connection.execute(alerts.update().where(at_centre).values(centre_id=None))


async def wake_centre(transaction: Transaction, centre_id: str, now: datetime) -> None:
    """Has the new alerts of a centre looked at: who is there has changed."""
    waiting = sa.select(alerts.c.id).where(alerts.c.centre_id == centre_id, alerts.c.state == AlertState.NEW)
    await _wake(transaction, alert_timers.c.alert_id.in_(waiting), now)


async def wake_ahead(transaction: Transaction, now: datetime) -> None:
    """Has the alerts looked at whose times were set later than now: the clock was put back."""
    await _wake(transaction, alert_timers.c.began_at > to_us(now), now)


async def _wake(transaction: Transaction, which: sa.ColumnElement[bool], now: datetime) -> None:
    await transaction.connection.execute(alert_timers.update().where(which).values(due_at=to_us(now)))


def _timer(row: sa.RowMapping) -> Timer:
    remind_at = row["remind_at"]
    return Timer(
        plan_of(row["acknowledge_within_s"], row["resolve_within_s"], row["remind_every_s"]),
        from_us(row["began_at"]),
        None if remind_at is None else from_us(remind_at),
        row["reminders"],
    )
