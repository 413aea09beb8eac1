"""Recording plans in the database. A plan outlives its camera: it says how long that camera's recordings are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.recordings.plan import RecordingPlan

recording_plans = sa.Table(
    "recording_plans",
    metadata,
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("mode", sa.String, nullable=False),
    sa.Column("schedule", sa.JSON(none_as_null=True)),
    sa.Column("pre_roll_s", sa.Float, nullable=False),
    sa.Column("post_roll_s", sa.Float, nullable=False),
    sa.Column("stream", sa.String, nullable=False),
    sa.Column("audio", sa.Boolean, nullable=False),
    sa.Column("retention_min_days", sa.Integer),
    sa.Column("retention_max_days", sa.Integer),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)

recording_plan_history = sa.Table(
    "recording_plan_history",
    metadata,
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("contents", sa.JSON, nullable=False),
)


async def list_plans(connection: Connection) -> Mapping[str, RecordingPlan]:
    """Every plan that somebody has made, by camera id."""
    rows = (await connection.execute(sa.select(recording_plans))).mappings()
    return {row["camera_id"]: _plan(row) for row in rows}


async def find_plan(connection: Connection, camera_id: str) -> RecordingPlan | None:
    """The camera's plan, if somebody has made one."""
    query = sa.select(recording_plans).where(recording_plans.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _plan(row) if row else None


async def plan_changes(connection: Connection) -> Mapping[str, datetime]:
    """When each plan was last changed, by camera id."""
    query = sa.select(recording_plans.c.camera_id, recording_plans.c.changed_at)
    return {camera_id: from_us(at) for camera_id, at in await connection.execute(query)}


async def put_plan(transaction: Transaction, camera_id: str, plan: RecordingPlan, at: datetime) -> None:
    """Replaces the camera's plan."""
    values = {**plan.model_dump(mode="json"), "changed_at": to_us(at)}
    statement = upsert(transaction.connection, recording_plans).values(camera_id=camera_id, **values)
    replaced = statement.on_conflict_do_update(index_elements=[recording_plans.c.camera_id], set_=values)
    await transaction.connection.execute(replaced)
    told = {"contents": plan.model_dump(mode="json")}
    kept = upsert(transaction.connection, recording_plan_history).values(camera_id=camera_id, since=to_us(at), **told)
    await transaction.connection.execute(kept.on_conflict_do_update(index_elements=["camera_id", "since"], set_=told))


async def plans_before(connection: Connection, end: datetime) -> Mapping[str, Sequence[tuple[datetime, RecordingPlan]]]:
    """Every plan that came into force before `end` and since when, the oldest first, by camera id.

    Plans that were made before their history was kept are told as they are now, since their last change.
    """
    history = recording_plan_history
    query = sa.select(history).where(history.c.since < to_us(end)).order_by(history.c.since)
    found: dict[str, list[tuple[datetime, RecordingPlan]]] = {}
    for row in await connection.execute(query):
        found.setdefault(row.camera_id, []).append((from_us(row.since), RecordingPlan.model_validate(row.contents)))
    older = sa.select(recording_plans).where(
        recording_plans.c.changed_at < to_us(end), recording_plans.c.camera_id.not_in(sa.select(history.c.camera_id))
    )
    for plan in (await connection.execute(older)).mappings():
        found[plan["camera_id"]] = [(from_us(plan["changed_at"]), _plan(plan))]
    return found


def _plan(row: sa.RowMapping) -> RecordingPlan:
    return RecordingPlan.model_validate({name: row[name] for name in RecordingPlan.model_fields})
