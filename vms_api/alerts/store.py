"""Alerts, their evidence and their history in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.alerts.alert import Alert, BestView, evidence_url
from vms_api.alerts.alert_map import PlacedAlert
from vms_api.alerts.checklist import checklist_of, checks_of
from vms_api.alerts.handling import Verdict
from vms_api.alerts.history import HistoryEntry
from vms_api.database import RowNumber, Transaction, from_us, metadata, to_us, upsert

_IS_FIRST = sa.text("incident_id = id")
_OF_FIRST: dict[str, Any] = {"sqlite_where": _IS_FIRST, "postgresql_where": _IS_FIRST}
"""Of alerts with a card of their own: the desk's lists are made of these."""

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("area_id", sa.String, nullable=False, server_default=""),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("camera_name", sa.String, nullable=False),
    sa.Column("rule_id", sa.String, nullable=False),
    sa.Column("rule_name", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("label", sa.String, nullable=False),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("box", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("raised_at", sa.BigInteger, nullable=False),
    sa.Column("frame_received_at", sa.BigInteger, nullable=False),
    sa.Column("stored_at", sa.BigInteger, nullable=False),
    sa.Column("acknowledged_at", sa.BigInteger),
    sa.Column("acknowledged_by", sa.String),
    sa.Column("owner_id", sa.String),
    sa.Column("owner", sa.String),
    sa.Column("verdict", sa.String),
    sa.Column("duplicate_of", sa.String),
    sa.Column("centre_id", sa.String),
    sa.Column("centre_name", sa.String),
    sa.Column("level", sa.Integer, nullable=False, server_default="0"),
    sa.Column("acknowledge_by", sa.BigInteger),
    sa.Column("resolve_by", sa.BigInteger),
    sa.Column("overdue", sa.String),
    sa.Column("urged_at", sa.BigInteger),
    sa.Column("has_evidence", sa.Boolean, nullable=False),
    sa.Column("best_view", sa.JSON(none_as_null=True)),
    sa.Column("instructions", sa.String, nullable=False),
    sa.Column("incident_id", sa.String, nullable=False, server_default=""),
    sa.Column("repeats", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("checks", sa.JSON, nullable=False, server_default="{}"),
    sa.Column("resolved_at", sa.BigInteger),
    sa.Column("closed_at", sa.BigInteger),
    sa.Index("ix_alerts_camera_id_id", "camera_id", "id"),
    sa.Index("ix_alerts_state_id", "state", "id"),
    sa.Index("ix_alerts_area_id_id", "area_id", "id"),
    sa.Index("ix_alerts_camera_id_raised_at", "camera_id", "raised_at"),
    sa.Index("ix_alerts_owner_id_state_id", "owner_id", "state", "id"),
    sa.Index("ix_alerts_centre_id_id", "centre_id", "id"),
    sa.Index("ix_alerts_incident_id_id", "incident_id", "id"),
    sa.Index("ix_alerts_raised_at", "raised_at"),
    sa.Index("ix_alerts_rule_id_raised_at", "rule_id", "raised_at"),
    sa.Index("ix_alerts_first_rule", "camera_id", "rule_id", "raised_at", **_OF_FIRST),
    sa.Index("ix_alerts_first_area", "area_id", "state", "id", **_OF_FIRST),
    sa.Index("ix_alerts_first_state", "state", "id", "area_id", **_OF_FIRST),
)
sa.Index(
    "ix_alerts_overdue_id",
    alerts.c.overdue,
    alerts.c.id,
    sqlite_where=alerts.c.overdue.is_not(None),
    postgresql_where=alerts.c.overdue.is_not(None),
)

alert_evidence = sa.Table(
    "alert_evidence",
    metadata,
    sa.Column("alert_id", sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("jpeg", sa.LargeBinary, nullable=False),
)

alert_best_views = sa.Table(
    "alert_best_views",
    metadata,
    sa.Column("alert_id", sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("jpeg", sa.LargeBinary, nullable=False),
)

alert_history = sa.Table(
    "alert_history",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("alert_id", sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("act", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("user_id", sa.String),
    sa.Column("username", sa.String),
    sa.Column("note", sa.String, nullable=False, server_default=""),
    sa.Column("detail", sa.JSON, nullable=False, server_default="{}"),
    sqlite_autoincrement=True,
)

_ANSWERING = {"centre_id", "centre_name", "level", "acknowledge_by", "resolve_by", "overdue", "urged_at"}
_HANDLED_AT = ("acknowledged_at", "resolved_at", "closed_at")
_HANDLING = {
    "state",
    "acknowledged_by",
    "owner_id",
    "owner",
    "verdict",
    "duplicate_of",
    "incident_id",
    *_HANDLED_AT,
} | (_ANSWERING)
"""What changes in the life of an alert."""
_CHANGING_TIMES = (*_HANDLED_AT, "acknowledge_by", "resolve_by", "urged_at")
_TIMES = ("raised_at", "frame_received_at", "stored_at", "last_at", *_CHANGING_TIMES)


@dataclass(frozen=True, slots=True)
class AlertMark:
    """As much of an alert as a timeline shows."""

    id: str
    at: datetime
    severity: str
    kind: str


async def insert_alert(transaction: Transaction, alert: Alert, jpeg: bytes | None) -> bool:
    """Stores an alert with its picture; False when it was stored before."""
    connection = transaction.connection
    row = alert.model_dump(exclude={"evidence_url", "best_view", "checklist"})
    row |= {key: to_us(row[key]) for key in _TIMES if row[key] is not None}
    statement = upsert(connection, alerts).values(row).on_conflict_do_nothing()
    if (await connection.execute(statement)).rowcount == 0:
        return False
    if jpeg is not None:
        await connection.execute(alert_evidence.insert().values(alert_id=alert.id, jpeg=jpeg))
    return True


async def find_alert(connection: AsyncConnection, alert_id: str) -> Alert | None:
    """The alert with that id."""
    row = (await connection.execute(sa.select(alerts).where(alerts.c.id == alert_id))).mappings().one_or_none()
    return alert_of(row) if row else None


async def alert_marks(
    connection: AsyncConnection, camera_id: str, start: datetime, end: datetime, limit: int
) -> Sequence[AlertMark]:
    """The camera's alerts in [start, end) for a timeline; of more than `limit` the latest, oldest first."""
    columns = (alerts.c.id, alerts.c.raised_at, alerts.c.severity, alerts.c.kind)
    query = (
        sa.select(*columns)
        .where(alerts.c.camera_id == camera_id)
        .where(alerts.c.raised_at >= to_us(start), alerts.c.raised_at < to_us(end))
        .order_by(alerts.c.raised_at.desc())
        .limit(limit)
    )
    found = [AlertMark(id_, from_us(at), *rest) for id_, at, *rest in await connection.execute(query)]
    return found[::-1]


async def placed_alerts(
    connection: AsyncConnection, camera_id: str, since: datetime, limit: int
) -> Sequence[PlacedAlert]:
    """The camera's alerts from then on as a map shows them, the newest first."""
    is_card = alerts.c.incident_id == alerts.c.id
    query = (
        sa.select(alerts.c.box, alerts.c.rule_id, alerts.c.rule_name, alerts.c.verdict, is_card)
        .where(alerts.c.camera_id == camera_id, alerts.c.raised_at >= to_us(since))
        .order_by(alerts.c.raised_at.desc())
        .limit(limit)
    )
    return [
        PlacedAlert(tuple(box), rule_id, rule_name, Verdict(verdict) if verdict else None, bool(is_first))
        for box, rule_id, rule_name, verdict, is_first in await connection.execute(query)
    ]


async def find_evidence(connection: AsyncConnection, alert_id: str) -> bytes | None:
    """The JPEG of the moment."""
    query = sa.select(alert_evidence.c.jpeg).where(alert_evidence.c.alert_id == alert_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def insert_best_view(transaction: Transaction, alert: Alert, jpeg: bytes) -> bool:
    """Stores the better picture of an alert, and what `best_view` says of it; False when it has one already."""
    connection = transaction.connection
    statement = upsert(connection, alert_best_views).values(alert_id=alert.id, jpeg=jpeg).on_conflict_do_nothing()
    if (await connection.execute(statement)).rowcount == 0:
        return False
    told = alert.model_dump(mode="json", include={"best_view": {"seen_at", "score", "box"}})
    await connection.execute(alerts.update().where(alerts.c.id == alert.id).values(told))
    return True


async def find_best_view(connection: AsyncConnection, alert_id: str) -> bytes | None:
    """The JPEG of the better picture."""
    query = sa.select(alert_best_views.c.jpeg).where(alert_best_views.c.alert_id == alert_id)
    return (await connection.execute(query)).scalar_one_or_none()


def best_view_of(alert_id: str, told: Mapping[str, Any]) -> BestView:
    """With the address of its picture."""
    return BestView.model_validate({**told, "url": f"/api/v1/alerts/{alert_id}/best.jpg"})


async def update_alert(transaction: Transaction, alert: Alert) -> None:
    """Writes down how far the handling has come."""
    values = handling_values(alert)
    await transaction.connection.execute(alerts.update().where(alerts.c.id == alert.id).values(values))


async def save_checklist(transaction: Transaction, alert: Alert) -> None:
    """Writes down which steps are done."""
    checks = checks_of(alert.checklist)
    await transaction.connection.execute(alerts.update().where(alerts.c.id == alert.id).values(checks=checks))


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The alerts of an area that is removed pass to another one."""
    await transaction.connection.execute(alerts.update().where(alerts.c.area_id == area_id).values(area_id=heir_id))


async def add_history(transaction: Transaction, alert_id: str, entry: HistoryEntry) -> None:
    """Adds to what was done; entries are never changed."""
    await transaction.connection.execute(
        alert_history.insert().values(entry.model_dump() | {"alert_id": alert_id, "at": to_us(entry.at)})
    )


async def list_history(connection: AsyncConnection, alert_id: str) -> Sequence[HistoryEntry]:
    """What was done, oldest first."""
    query = sa.select(alert_history).where(alert_history.c.alert_id == alert_id).order_by(alert_history.c.id)
    rows = (await connection.execute(query)).mappings()
    return [HistoryEntry.model_validate({**row, "at": from_us(row["at"])}) for row in rows]


def handling_values(alert: Alert, only: Collection[str] = _HANDLING) -> dict[str, Any]:
    """The columns that change in the life of an alert, or some of them, as they are stored."""
    values = alert.model_dump(include=set(only))
    return values | {key: to_us(values[key]) for key in _CHANGING_TIMES if values.get(key) is not None}


def alert_of(row: sa.RowMapping) -> Alert:
    """The alert of a row of the table."""
    times = {key: from_us(row[key]) for key in _TIMES if row[key] is not None}
    url = evidence_url(row["id"]) if row["has_evidence"] else None
    checklist = checklist_of(row["instructions"], row["checks"])
    view = best_view_of(row["id"], row["best_view"]) if row["best_view"] else None
    return Alert.model_validate({**row, **times, "evidence_url": url, "best_view": view, "checklist": checklist})
