"""Rules that need no picture, in the database."""

from collections.abc import Sequence

import sqlalchemy as sa

from vms_api.care.device_rule import DeviceRule
from vms_api.database import Connection, Transaction, metadata

device_rules = sa.Table(
    "device_rules",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("notice", sa.String),
    sa.Column("source", sa.String),
    sa.Column("after_s", sa.Float, nullable=False),
    sa.Column("schedule", sa.JSON(none_as_null=True)),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("cooldown_s", sa.Float, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("instructions", sa.String, nullable=False),
    sa.Column("relay", sa.JSON(none_as_null=True)),
)


async def list_rules(connection: Connection, camera_id: str | None = None) -> Sequence[tuple[str, DeviceRule]]:
    """(camera id, rule) in the order they were made; of one camera or of all."""
    query = sa.select(device_rules).order_by(device_rules.c.id)
    if camera_id is not None:
        query = query.where(device_rules.c.camera_id == camera_id)
    return [(row["camera_id"], _rule(row)) for row in (await connection.execute(query)).mappings()]


async def find_rule(connection: Connection, camera_id: str, rule_id: str) -> DeviceRule | None:
    """The rule, if it belongs to that camera."""
    query = sa.select(device_rules).where(device_rules.c.id == rule_id, device_rules.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _rule(row) if row else None


async def insert_rule(transaction: Transaction, camera_id: str, rule: DeviceRule) -> None:
    """A new rule."""
    await transaction.connection.execute(device_rules.insert().values(camera_id=camera_id, **rule.model_dump()))


async def update_rule(transaction: Transaction, rule: DeviceRule) -> None:
    """Replaces the rule."""
    statement = device_rules.update().where(device_rules.c.id == rule.id).values(rule.model_dump())
    await transaction.connection.execute(statement)


async def delete_rule(transaction: Transaction, rule_id: str) -> None:
    """Removes the rule. Its alerts stay."""
    await transaction.connection.execute(device_rules.delete().where(device_rules.c.id == rule_id))


def _rule(row: sa.RowMapping) -> DeviceRule:
    return DeviceRule.model_validate({key: row[key] for key in DeviceRule.model_fields})
