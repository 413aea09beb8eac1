"""Node epochs and the history of stream states in the database."""

import sqlalchemy as sa

from vms_api.database import Transaction, metadata, to_us, upsert
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
