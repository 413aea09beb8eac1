"""Receivers, deliveries and people's own choices in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.notify.delivery import Delivery, DeliveryState, Message
from vms_api.notify.outcome import DeliveryFault
from vms_api.notify.receiver import QuietTime, Receiver
from vms_api.notify.subscription import Subscription
from vms_api.notify.target import Target

receivers = sa.Table(
    "notify_receivers",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("area_ids", sa.JSON, nullable=False),
    sa.Column("owner_id", sa.String, nullable=False),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("person_id", sa.ForeignKey("users.id", ondelete="CASCADE"), unique=True),
    sa.Column("target", sa.JSON, nullable=False),
    sa.Column("severities", sa.JSON, nullable=False),
    sa.Column("kinds", sa.JSON, nullable=False),
    sa.Column("changes", sa.Boolean, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("stopped", sa.String),
    sa.Column("quiet", sa.JSON, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary),
    sa.Column("arrived_at", sa.BigInteger),
    sa.Column("failed_at", sa.BigInteger),
    sa.Column("fault", sa.String),
    sa.Column("detail", sa.String, nullable=False),
)

deliveries = sa.Table(
    "notify_deliveries",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("receiver_id", sa.ForeignKey("notify_receivers.id", ondelete="CASCADE"), nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("fault", sa.String),
    sa.Column("detail", sa.String, nullable=False),
    sa.Index("ix_notify_deliveries_due", "receiver_id", "state", "next_at", "id"),
    sa.Index("ix_notify_deliveries_state_expires_at", "state", "expires_at"),
)

subscriptions = sa.Table(
    "notify_subscriptions",
    metadata,
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("choice", sa.JSON, nullable=False),
)

_target: TypeAdapter[Target] = TypeAdapter(Target)
_NEW_RECEIVER = ("arrived_at", "failed_at", "fault", "detail")
"""What saving a receiver leaves as it is."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of a receiver wait, and how many are dead letters."""

    waiting: int = 0
    dead: int = 0


async def list_receivers(connection: Connection) -> Sequence[Receiver]:
    """All receivers, people's own too, in the order they were made."""
    rows = (await connection.execute(sa.select(receivers).order_by(receivers.c.id))).mappings()
    return [_receiver(row) for row in rows]


async def save_receiver(transaction: Transaction, receiver: Receiver) -> None:
    """A new receiver, or the whole of one anew; how it has been served stays."""
    row = _row(receiver)
    statement = upsert(transaction.connection, receivers).values(row)
    changed = {name: value for name, value in row.items() if name not in {"id", *_NEW_RECEIVER}}
    await transaction.connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def delete_receiver(transaction: Transaction, receiver_id: str) -> None:
    """Removes the receiver with all its deliveries."""
    await transaction.connection.execute(receivers.delete().where(receivers.c.id == receiver_id))


async def note_service(transaction: Transaction, receiver_id: str, **values: Any) -> None:
    """Writes down how a receiver was served: times as datetimes, `fault`, `detail`, `stopped`."""
    row = {name: to_us(value) if isinstance(value, datetime) else value for name, value in values.items()}
    await transaction.connection.execute(receivers.update().where(receivers.c.id == receiver_id).values(row))


async def insert_deliveries(transaction: Transaction, new: Sequence[Delivery]) -> None:
    """Deliveries to be made, in one go."""
    await transaction.connection.execute(deliveries.insert(), [_delivery_row(delivery) for delivery in new])


async def due_deliveries(connection: Connection, receiver_id: str, now: datetime, limit: int) -> Sequence[Delivery]:
    """What waits for the receiver and may be tried now, the longest due first."""
    query = (
        _waiting_for(receiver_id)
        .where(deliveries.c.next_at <= to_us(now))
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(limit)
    )
    return [_delivery(row) for row in (await connection.execute(query)).mappings()]


async def next_due_at(connection: Connection, receiver_id: str) -> datetime | None:
    """When the next delivery that waits for the receiver may be tried."""
    query = sa.select(sa.func.min(deliveries.c.next_at)).where(
        deliveries.c.receiver_id == receiver_id, deliveries.c.state == DeliveryState.WAITING
    )
    at = (await connection.execute(query)).scalar_one()
    return None if at is None else from_us(at)


async def list_deliveries(
    connection: Connection, receiver_id: str, state: DeliveryState, after: str | None, limit: int
) -> Sequence[Delivery]:
    """Deliveries of a receiver in that state, the oldest first; `after` is the id of the last one seen."""
    query = sa.select(deliveries).where(deliveries.c.receiver_id == receiver_id, deliveries.c.state == state)
    if after is not None:
        query = query.where(deliveries.c.id > after)
    rows = (await connection.execute(query.order_by(deliveries.c.id).limit(limit))).mappings()
    return [_delivery(row) for row in rows]


async def find_delivery(connection: Connection, delivery_id: str) -> Delivery | None:
    """The delivery with that id, if it has not arrived."""
    query = sa.select(deliveries).where(deliveries.c.id == delivery_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _delivery(row) if row else None


async def delete_deliveries(transaction: Transaction, ids: Collection[str]) -> None:
    """They have arrived."""
    await transaction.connection.execute(deliveries.delete().where(deliveries.c.id.in_(ids)))


async def update_delivery(transaction: Transaction, delivery: Delivery) -> None:
    """Writes down how far it has come."""
    names = ("state", "next_at", "expires_at", "attempts", "fault", "detail")
    row = {name: value for name, value in _delivery_row(delivery).items() if name in names}
    await transaction.connection.execute(deliveries.update().where(deliveries.c.id == delivery.id).values(row))


async def release(transaction: Transaction, receiver_id: str) -> None:
    """Whatever waits for the receiver may be tried at once, in the order in which it happened."""
    statement = deliveries.update().where(
        deliveries.c.receiver_id == receiver_id, deliveries.c.state == DeliveryState.WAITING
    )
    await transaction.connection.execute(statement.values(next_at=deliveries.c.at))


async def replay_dead(
    transaction: Transaction, receiver_id: str, now: datetime, expires_at: datetime, ids: Collection[str] | None
) -> int:
    """Has dead letters of the receiver tried anew under their old ids, all or these; how many they are."""
    statement = deliveries.update().where(
        deliveries.c.receiver_id == receiver_id, deliveries.c.state == DeliveryState.DEAD
    )
    if ids is not None:
        statement = statement.where(deliveries.c.id.in_(ids))
    values = {"state": DeliveryState.WAITING, "next_at": to_us(now), "expires_at": to_us(expires_at), "attempts": 0}
    return (await transaction.connection.execute(statement.values(values))).rowcount


async def bury_expired(transaction: Transaction, now: datetime) -> int:
    """Makes dead letters of what was tried for long enough; how many they are."""
    statement = deliveries.update().where(
        deliveries.c.state == DeliveryState.WAITING, deliveries.c.expires_at <= to_us(now)
    )
    values = {"state": DeliveryState.DEAD, "fault": sa.func.coalesce(deliveries.c.fault, DeliveryFault.EXPIRED.value)}
    return (await transaction.connection.execute(statement.values(values))).rowcount


async def prune_dead(transaction: Transaction, before: datetime) -> int:
    """Forgets dead letters that expired before; how many they are."""
    statement = deliveries.delete().where(
        deliveries.c.state == DeliveryState.DEAD, deliveries.c.expires_at < to_us(before)
    )
    return (await transaction.connection.execute(statement)).rowcount


async def tallies(connection: Connection) -> Mapping[str, Tally]:
    """How many deliveries each receiver has, by its id; one that has none is not there."""
    columns = (deliveries.c.receiver_id, deliveries.c.state, sa.func.count())
    query = sa.select(*columns).group_by(deliveries.c.receiver_id, deliveries.c.state)
    counts: dict[str, dict[str, int]] = {}
    for receiver_id, state, count in await connection.execute(query):
        counts.setdefault(receiver_id, {})[state] = count
    return {id_: Tally(found.get("waiting", 0), found.get("dead", 0)) for id_, found in counts.items()}


async def find_subscription(connection: Connection, user_id: str) -> Subscription | None:
    """What the person has chosen; None: nothing yet."""
    query = sa.select(subscriptions.c.choice).where(subscriptions.c.user_id == user_id)
    choice = (await connection.execute(query)).scalar_one_or_none()
    return None if choice is None else Subscription.model_validate(choice)


async def save_subscription(transaction: Transaction, user_id: str, chosen: Subscription) -> None:
    """What the person chooses."""
    choice = chosen.model_dump(mode="json")
    statement = upsert(transaction.connection, subscriptions).values(user_id=user_id, choice=choice)
    await transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_={"choice": choice})
    )


def _waiting_for(receiver_id: str) -> sa.Select[Any]:
    return sa.select(deliveries).where(
        deliveries.c.receiver_id == receiver_id, deliveries.c.state == DeliveryState.WAITING
    )


def _row(receiver: Receiver) -> dict[str, Any]:
    names = ("id", "name", "owner_id", "owner", "person_id", "changes", "enabled", "stopped", "sealed_secret")
    return {
        **{name: getattr(receiver, name) for name in (*names, "fault", "detail")},
        "area_ids": list(receiver.area_ids),
        "target": receiver.target.model_dump(mode="json"),
        "severities": sorted(receiver.severities),
        "kinds": sorted(receiver.kinds),
        "quiet": [quiet.model_dump() for quiet in receiver.quiet],
        "arrived_at": to_us(receiver.arrived_at) if receiver.arrived_at else None,
        "failed_at": to_us(receiver.failed_at) if receiver.failed_at else None,
    }


def _receiver(row: sa.RowMapping) -> Receiver:
    plain = {name: row[name] for name in ("id", "name", "owner_id", "owner", "person_id", "changes", "enabled")}
    return Receiver(
        **plain,
        area_ids=tuple(row["area_ids"]),
        target=_target.validate_python(row["target"]),
        severities=frozenset(row["severities"]),
        kinds=frozenset(row["kinds"]),
        stopped=DeliveryFault(row["stopped"]) if row["stopped"] else None,
        quiet=tuple(QuietTime.model_validate(quiet) for quiet in row["quiet"]),
        sealed_secret=row["sealed_secret"],
        arrived_at=from_us(row["arrived_at"]) if row["arrived_at"] is not None else None,
        failed_at=from_us(row["failed_at"]) if row["failed_at"] is not None else None,
        fault=DeliveryFault(row["fault"]) if row["fault"] else None,
        detail=row["detail"],
    )


def _delivery_row(delivery: Delivery) -> dict[str, Any]:
    message = delivery.message
    return {
        "id": delivery.id,
        "receiver_id": delivery.receiver_id,
        "type": message.type,
        "at": to_us(message.at),
        "area_id": message.area_id,
        "subject": message.subject,
        "facts": dict(message.facts),
        "state": delivery.state,
        "next_at": to_us(delivery.next_at),
        "expires_at": to_us(delivery.expires_at),
        "attempts": delivery.attempts,
        "fault": delivery.fault,
        "detail": delivery.detail,
    }


def _delivery(row: sa.RowMapping) -> Delivery:
    message = Message(row["type"], from_us(row["at"]), row["area_id"], row["subject"], row["facts"])
    return Delivery(
        id=row["id"],
        receiver_id=row["receiver_id"],
        message=message,
        next_at=from_us(row["next_at"]),
        expires_at=from_us(row["expires_at"]),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        fault=DeliveryFault(row["fault"]) if row["fault"] else None,
        detail=row["detail"],
    )
