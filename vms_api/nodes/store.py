"""Node epochs and the history of stream states in the database."""

from collections.abc import Sequence

import sqlalchemy as sa

from vms_api.cameras.history import MOST_CHANGES, HistoryQuery, StateChange
from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.nodes.delivery import CameraStatePayload

nodes = sa.Table(
    "nodes",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
)

camera_states = sa.Table(
    "camera_states",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("fault", sa.JSON(none_as_null=True)),
    sa.Index("ix_camera_states_camera_id_at", "camera_id", "at"),
    sa.Index("ix_camera_states_at", "at"),
    sa.Index("ix_camera_states_camera_id_role_at", "camera_id", "role", "at"),
)


async def next_epoch(transaction: Transaction, node_id: str) -> int:
    """A number higher than any the node has had, also before restarts of this process."""
    statement = (
        upsert(transaction.connection, nodes)
        .values(id=node_id, epoch=1)
        .on_conflict_do_update(index_elements=[nodes.c.id], set_={"epoch": nodes.c.epoch + 1})
        .returning(nodes.c.epoch)
    )
    return int((await transaction.connection.execute(statement)).scalar_one())


async def insert_camera_state(transaction: Transaction, change: CameraStatePayload) -> None:
    """Adds to the history, once."""
    fault = change.fault.model_dump(mode="json") if change.fault else None
    row = {**change.model_dump(exclude={"fault"}), "at": to_us(change.at), "fault": fault}
    statement = upsert(transaction.connection, camera_states).values(row).on_conflict_do_nothing()
    await transaction.connection.execute(statement)


async def list_camera_states(connection: Connection, query: HistoryQuery) -> tuple[Sequence[StateChange], bool]:
    """The changes of the time asked about, and of each stream the last one before it; whether that is all of them."""
    of_camera = camera_states.c.camera_id == query.camera_id
    within = camera_states.c.at.between(to_us(query.since), to_us(query.until) - 1)
    inside = (
        sa.select(camera_states)
        .where(of_camera, within)
        .order_by(camera_states.c.at, camera_states.c.id)
        .limit(MOST_CHANGES + 1)
    )
    found = [_change(row) for row in (await connection.execute(inside)).mappings()]
    before = []
    for role in ("main", "sub"):
        latest = (
            sa.select(camera_states)
            .where(of_camera, camera_states.c.role == role, camera_states.c.at < to_us(query.since))
            .order_by(camera_states.c.at.desc(), camera_states.c.id.desc())
            .limit(1)
        )
        before += [_change(row) for row in (await connection.execute(latest)).mappings()]
    return [*sorted(before, key=lambda change: change.at), *found[:MOST_CHANGES]], len(found) <= MOST_CHANGES


def _change(row: sa.RowMapping) -> StateChange:
    return StateChange(at=from_us(row["at"]), role=row["role"], state=row["state"], fault=row["fault"])
