"""Links of rules, what is to be carried out for alerts, and recordings on order, in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from vms_api.cameras.store import rules
from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.linkage.link import Link
from vms_api.linkage.order import Order, OrderState

orders = sa.Table(
    "link_orders",
    metadata,
    sa.Column("alert_id", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("rule_id", sa.String, nullable=False),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("link", sa.JSON, nullable=False),
    sa.Column("owner_id", sa.String, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("fault", sa.String),
    sa.Index("ix_link_orders_state_at", "state", "at"),
)

bursts = sa.Table(
    "recording_bursts",
    metadata,
    sa.Column("camera_id", sa.String, primary_key=True),
    sa.Column("until", sa.BigInteger, nullable=False),
)

_link: TypeAdapter[Link] = TypeAdapter(Link)


async def links_of(connection: Connection, rule_id: str) -> tuple[Sequence[Link], str]:
    """The links of a rule, and who saved them; none for a rule that has none or is not there."""
    query = sa.select(rules.c.links, rules.c.links_by).where(rules.c.id == rule_id)
    row = (await connection.execute(query)).one_or_none()
    return ([_link.validate_python(link) for link in row.links], row.links_by or "") if row else ([], "")


async def insert_orders(transaction: Transaction, new: Sequence[Order]) -> None:
    """What is to be carried out; what was ordered for the alert before stays as it is."""
    statement = upsert(transaction.connection, orders).values([_row(order) for order in new])
    await transaction.connection.execute(statement.on_conflict_do_nothing())


async def take_waiting(transaction: Transaction) -> Sequence[Order]:
    """What waits, the oldest first; from now on it is started, and nobody else takes it."""
    connection = transaction.connection
    query = sa.select(orders).where(orders.c.state == OrderState.WAITING).order_by(orders.c.at, orders.c.number)
    found = [_order(row) for row in (await connection.execute(query.limit(50))).mappings()]
    for order in found:
        await connection.execute(_of(order).values(state=OrderState.STARTED))
    return found


async def interrupted(connection: Connection) -> Sequence[Order]:
    """What an earlier process began and did not end."""
    query = sa.select(orders).where(orders.c.state == OrderState.STARTED)
    return [_order(row) for row in (await connection.execute(query)).mappings()]


async def end_order(transaction: Transaction, order: Order, fault: str | None) -> None:
    """It was done, or it failed."""
    state = OrderState.FAILED if fault else OrderState.DONE
    await transaction.connection.execute(_of(order).values(state=state, fault=fault))


async def prune_orders(transaction: Transaction, before: datetime) -> None:
    """Forgets what was ordered before: the audit log keeps it."""
    await transaction.connection.execute(orders.delete().where(orders.c.at < to_us(before)))


async def find_burst(connection: Connection, camera_id: str) -> datetime | None:
    """Until when the camera is recorded on order."""
    query = sa.select(bursts.c.until).where(bursts.c.camera_id == camera_id)
    until = (await connection.execute(query)).scalar_one_or_none()
    return None if until is None else from_us(until)


async def list_bursts(connection: Connection) -> Mapping[str, datetime]:
    """Until when each camera is recorded on order."""
    return {row.camera_id: from_us(row.until) for row in await connection.execute(sa.select(bursts))}


async def put_burst(transaction: Transaction, camera_id: str, until: datetime) -> None:
    """The camera is recorded until then."""
    statement = upsert(transaction.connection, bursts).values(camera_id=camera_id, until=to_us(until))
    await transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=["camera_id"], set_={"until": to_us(until)})
    )


async def end_bursts(transaction: Transaction, now: datetime) -> int:
    """Ends the recordings whose time is over; how many they are."""
    return (await transaction.connection.execute(bursts.delete().where(bursts.c.until <= to_us(now)))).rowcount


def _of(order: Order) -> sa.Update:
    return orders.update().where(orders.c.alert_id == order.alert_id, orders.c.number == order.number)


def _row(order: Order) -> dict[str, Any]:
    return {
        "alert_id": order.alert_id,
        "number": order.number,
        "rule_id": order.rule_id,
        "camera_id": order.camera_id,
        "link": order.link.model_dump(mode="json"),
        "owner_id": order.owner_id,
        "at": to_us(order.at),
        "state": order.state,
        "fault": order.fault,
    }


def _order(row: sa.RowMapping) -> Order:
    return Order(
        alert_id=row["alert_id"],
        number=row["number"],
        rule_id=row["rule_id"],
        camera_id=row["camera_id"],
        link=_link.validate_python(row["link"]),
        owner_id=row["owner_id"],
        at=from_us(row["at"]),
        state=OrderState(row["state"]),
        fault=row["fault"],
    )
