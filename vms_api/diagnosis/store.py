"""What is known of the cameras' pictures, in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from analytics.quality.category import Category
from vms_api.cameras.store import cameras
from vms_api.database import Connection, RowNumber, Transaction, from_us, metadata, to_us, upsert
from vms_api.diagnosis.verdict import (
    CameraQuality,
    QualityChange,
    QualityCheck,
    QualityFault,
    QualityFinding,
    QualityState,
)

quality_checks = sa.Table(
    "quality_checks",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("report_id", sa.String, nullable=False),
    sa.Column("checked_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("method_version", sa.String, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False),
    sa.Column("picture_id", sa.String),
    sa.Index("ix_quality_checks_state_camera_id", "state", "camera_id"),
)

quality_faults = sa.Table(
    "quality_faults",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("category", sa.String, primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Index("ix_quality_faults_category_camera_id", "category", "camera_id"),
)

# Without a foreign key: rates of a month are reckoned after a camera was removed, too.
quality_changes = sa.Table(
    "quality_changes",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("category", sa.String),
    sa.Column("was", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("score", sa.Float),
    sa.Column("value", sa.Float),
    sa.Column("threshold", sa.Float),
    sa.Column("usual", sa.Float),
    sa.Column("confidence", sa.Float),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("picture_id", sa.String),
    sa.Column("method_version", sa.String, nullable=False),
    sa.Index("ix_quality_changes_camera_id_at", "camera_id", "at"),
    sa.Index("ix_quality_changes_at", "at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class QualityQuery:
    """Which cameras are asked for: enabled ones of these areas, after the id of the last one seen."""

    area_ids: Collection[str]
    state: QualityState | None = None
    category: Category | None = None
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """The last look at a camera, as it is kept."""

    report_id: str
    checked_at: datetime
    state: QualityState
    reason: str
    method_version: str
    findings: Sequence[QualityFinding]
    picture_id: str | None


async def find_check(connection: Connection, camera_id: str) -> KeptCheck | None:
    """The last look at the camera."""
    query = sa.select(quality_checks).where(quality_checks.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().first()
    return _kept(row) if row else None


async def put_check(transaction: Transaction, camera_id: str, check: KeptCheck) -> None:
    """Replaces the last look at the camera."""
    values = {
        "report_id": check.report_id,
        "checked_at": to_us(check.checked_at),
        "state": check.state.value,
        "reason": check.reason,
        "method_version": check.method_version,
        "findings": [finding.model_dump(mode="json") for finding in check.findings],
        "picture_id": check.picture_id,
    }
    statement = upsert(transaction.connection, quality_checks).values(camera_id=camera_id, **values)
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["camera_id"], set_=values))


async def list_checks(connection: Connection, asked: QualityQuery) -> Sequence[QualityCheck]:
    """Cameras by their ids, each with its last look; those that were never looked at as well."""
    state = sa.func.coalesce(quality_checks.c.state, QualityState.UNKNOWN.value)
    query = (
        sa.select(cameras.c.id, cameras.c.name, cameras.c.area_id, quality_checks)
        .select_from(cameras.outerjoin(quality_checks, quality_checks.c.camera_id == cameras.c.id))
        .where(cameras.c.area_id.in_(asked.area_ids), cameras.c.enabled)
        .order_by(cameras.c.id)
        .limit(asked.limit)
    )
    if asked.state is QualityState.UNKNOWN:
        query = query.where(state == asked.state.value)
    elif asked.state is not None:
        query = query.where(quality_checks.c.state == asked.state.value)
    if asked.category is not None:
        of_category = quality_faults.c.category == asked.category.value
        query = query.where(cameras.c.id.in_(sa.select(quality_faults.c.camera_id).where(of_category)))
    if asked.after is not None:
        query = query.where(cameras.c.id > asked.after)
    rows = (await connection.execute(query)).mappings().all()
    faults = await list_faults(connection, [row["id"] for row in rows])
    return [_check(row, faults.get(row["id"], [])) for row in rows]


async def find_quality(connection: Connection, camera_id: str) -> CameraQuality | None:
    """One camera, enabled or not."""
    query = (
        sa.select(cameras.c.id, cameras.c.name, cameras.c.area_id, quality_checks)
        .select_from(cameras.outerjoin(quality_checks, quality_checks.c.camera_id == cameras.c.id))
        .where(cameras.c.id == camera_id)
    )
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    faults = await list_faults(connection, [camera_id])
    return CameraQuality(**_check(row, faults.get(camera_id, [])).model_dump())


async def count_states(connection: Connection, area_ids: Collection[str]) -> Mapping[QualityState, int]:
    """How many enabled cameras of these areas are in each state; those never looked at are unknown."""
    state = sa.func.coalesce(quality_checks.c.state, QualityState.UNKNOWN.value).label("state")
    query = (
        sa.select(state, sa.func.count().label("number"))
        .select_from(cameras.outerjoin(quality_checks, quality_checks.c.camera_id == cameras.c.id))
        .where(cameras.c.area_id.in_(area_ids), cameras.c.enabled)
        .group_by(state)
    )
    return {QualityState(row.state): row.number for row in await connection.execute(query)}


async def count_faults(connection: Connection, area_ids: Collection[str]) -> Mapping[Category, int]:
    """How many enabled cameras of these areas are abnormal now, by category."""
    judged = quality_checks.c.state == QualityState.ABNORMAL.value
    query = (
        sa.select(quality_faults.c.category, sa.func.count().label("number"))
        .select_from(
            quality_faults.join(quality_checks, quality_checks.c.camera_id == quality_faults.c.camera_id).join(
                cameras, cameras.c.id == quality_faults.c.camera_id
            )
        )
        .where(cameras.c.area_id.in_(area_ids), cameras.c.enabled, judged)
        .group_by(quality_faults.c.category)
    )
    return {Category(row.category): row.number for row in await connection.execute(query)}


async def list_faults(connection: Connection, camera_ids: Collection[str]) -> Mapping[str, list[QualityFault]]:
    """What is abnormal, by camera, the oldest first."""
    query = sa.select(quality_faults).where(quality_faults.c.camera_id.in_(camera_ids))
    found: dict[str, list[QualityFault]] = {}
    for row in (await connection.execute(query.order_by(quality_faults.c.since))).mappings():
        fault = QualityFault(category=Category(row["category"]), since=from_us(row["since"]))
        found.setdefault(row["camera_id"], []).append(fault)
    return found


async def put_fault(transaction: Transaction, camera_id: str, fault: QualityFault) -> None:
    """A category has become abnormal; one that is already keeps its time."""
    row = {"camera_id": camera_id, "category": fault.category.value, "since": to_us(fault.since)}
    statement = upsert(transaction.connection, quality_faults).values(row).on_conflict_do_nothing()
    await transaction.connection.execute(statement)


async def delete_fault(transaction: Transaction, camera_id: str, category: Category) -> None:
    """A category is no longer abnormal."""
    of_camera = quality_faults.c.camera_id == camera_id
    await transaction.connection.execute(
        quality_faults.delete().where(of_camera, quality_faults.c.category == category.value)
    )


async def insert_change(transaction: Transaction, change: QualityChange) -> None:
    """Adds to the history; the change's own number is not used."""
    row = change.model_dump(mode="json", exclude={"id", "at"}) | {"at": to_us(change.at)}
    await transaction.connection.execute(quality_changes.insert().values(row))


async def list_changes(
    connection: Connection, camera_id: str, since: datetime, until: datetime, limit: int
) -> Sequence[QualityChange]:
    """The changes of one camera in [since, until), the newest first."""
    query = (
        sa.select(quality_changes)
        .where(
            quality_changes.c.camera_id == camera_id,
            quality_changes.c.at >= to_us(since),
            quality_changes.c.at < to_us(until),
        )
        .order_by(quality_changes.c.at.desc(), quality_changes.c.id.desc())
        .limit(limit)
    )
    return [_change(row) for row in (await connection.execute(query)).mappings()]


async def list_camera_changes(
    connection: Connection, since: datetime, until: datetime
) -> Mapping[str, Sequence[QualityChange]]:
    """The changes of the cameras as a whole in [since, until) by camera, the oldest first; for rates.

    Of each camera the last one before `since` comes first, where there is one.
    """
    whole = quality_changes.c.category.is_(None)
    newest = (
        sa.select(sa.func.max(quality_changes.c.id))
        .where(whole, quality_changes.c.at < to_us(since))
        .group_by(quality_changes.c.camera_id)
    )
    within = sa.and_(whole, quality_changes.c.at >= to_us(since), quality_changes.c.at < to_us(until))
    query = sa.select(quality_changes).where(sa.or_(within, quality_changes.c.id.in_(newest)))
    found: dict[str, list[QualityChange]] = {}
    ordered = query.order_by(quality_changes.c.at, quality_changes.c.id)
    for row in (await connection.execute(ordered)).mappings():
        found.setdefault(row["camera_id"], []).append(_change(row))
    return found


async def delete_changes(transaction: Transaction, before: datetime) -> int:
    """Forgets changes of long ago; of each camera its last one stays, as it still tells how the camera is."""
    newest = sa.select(sa.func.max(quality_changes.c.id)).group_by(
        quality_changes.c.camera_id, quality_changes.c.category
    )
    old = quality_changes.delete().where(quality_changes.c.at < to_us(before), quality_changes.c.id.not_in(newest))
    return (await transaction.connection.execute(old)).rowcount


async def list_standing(connection: Connection, checked_before: datetime) -> tuple[Sequence[str], Sequence[str]]:
    """The cameras of which something is known, and those of them that were last looked at before that time."""
    query = sa.select(quality_checks.c.camera_id, quality_checks.c.checked_at).where(
        quality_checks.c.state != QualityState.UNKNOWN.value
    )
    rows = (await connection.execute(query)).all()
    limit = to_us(checked_before)
    return [row.camera_id for row in rows], [row.camera_id for row in rows if row.checked_at < limit]


def _kept(row: sa.RowMapping) -> KeptCheck:
    return KeptCheck(
        row["report_id"],
        from_us(row["checked_at"]),
        QualityState(row["state"]),
        row["reason"],
        row["method_version"],
        [QualityFinding.model_validate(finding) for finding in row["findings"]],
        row["picture_id"],
    )


def _check(row: sa.RowMapping, faults: list[QualityFault]) -> QualityCheck:
    base: dict[str, Any] = {"camera_id": row["id"], "camera_name": row["name"], "area_id": row["area_id"]}
    if row["checked_at"] is None:
        return QualityCheck(**base, state=QualityState.UNKNOWN, reason="never-checked")
    kept = _kept(row)
    return QualityCheck(
        **base,
        state=kept.state,
        reason=kept.reason,
        checked_at=kept.checked_at,
        method_version=kept.method_version,
        findings=list(kept.findings),
        faults=faults,
        abnormal_since=faults[0].since if faults else None,
        picture_id=kept.picture_id,
    )


def _change(row: sa.RowMapping) -> QualityChange:
    return QualityChange.model_validate({**row, "at": from_us(row["at"])})
