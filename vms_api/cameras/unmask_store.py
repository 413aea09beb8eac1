"""Requests for unmasked viewing in the database."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from vms_api.cameras.store import cameras
from vms_api.cameras.unmask import UnmaskRequest, UnmaskState
from vms_api.database import Connection, Transaction, from_us, metadata, to_us

unmask_requests = sa.Table(
    "unmask_requests",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("purpose", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("requested_by_id", sa.String, nullable=False),
    sa.Column("requested_by", sa.String, nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by_id", sa.String),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),
    sa.CheckConstraint("decided_by_id <> requested_by_id", name="second_person"),
    sa.Index("ix_unmask_requests_camera_id", "camera_id"),
)

_TIMES = ("requested_at", "decided_at", "expires_at")


async def insert_request(transaction: Transaction, request: UnmaskRequest, requested_by_id: str) -> None:
    """A new request."""
    row = {**request.model_dump(mode="json", exclude=set(_TIMES)), "requested_by_id": requested_by_id}
    times = {"requested_at": to_us(request.requested_at), "decided_at": None, "expires_at": None}
    await transaction.connection.execute(unmask_requests.insert().values({**row, **times}))


async def decide_request(transaction: Transaction, request: UnmaskRequest, decided_by_id: str) -> None:
    """Stores a decision; an IntegrityError says that the person has asked for it too."""
    values = {
        "state": request.state,
        "decided_by_id": decided_by_id,
        "decided_by": request.decided_by,
        "decided_at": to_us(request.decided_at) if request.decided_at else None,
        "expires_at": to_us(request.expires_at) if request.expires_at else None,
    }
    statement = unmask_requests.update().where(unmask_requests.c.id == request.id).values(values)
    await transaction.connection.execute(statement)


async def find_request(connection: Connection, request_id: str) -> tuple[UnmaskRequest, str] | None:
    """The request, and the id of the user who made it."""
    query = sa.select(unmask_requests).where(unmask_requests.c.id == request_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return (_request(row), row["requested_by_id"]) if row else None


async def list_requests(
    connection: Connection, area_ids: Collection[str], state: UnmaskState | None, before: str | None, limit: int
) -> Sequence[UnmaskRequest]:
    """Requests about cameras of these areas, newest first; `before` leaves out that id and all newer ones."""
    query = (
        sa.select(unmask_requests)
        .join(cameras, cameras.c.id == unmask_requests.c.camera_id)
        .where(cameras.c.area_id.in_(area_ids))
    )
    if state is not None:
        query = query.where(unmask_requests.c.state == state)
    if before is not None:
        query = query.where(unmask_requests.c.id < before)
    rows = (await connection.execute(query.order_by(unmask_requests.c.id.desc()).limit(limit))).mappings()
    return [_request(row) for row in rows]


async def latest_grant(connection: Connection, camera_id: str, user_id: str) -> UnmaskRequest | None:
    """The request of the user that was approved for longest, in the past or the future."""
    query = sa.select(unmask_requests).where(
        unmask_requests.c.camera_id == camera_id,
        unmask_requests.c.requested_by_id == user_id,
        unmask_requests.c.state == UnmaskState.APPROVED,
    )
    query = query.order_by(unmask_requests.c.expires_at.desc()).limit(1)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _request(row) if row else None


def _request(row: sa.RowMapping) -> UnmaskRequest:
    columns = {key: row[key] for key in UnmaskRequest.model_fields}
    times = {key: from_us(row[key]) if row[key] is not None else None for key in _TIMES}
    return UnmaskRequest.model_validate({**columns, **times})
