"""Zones and rules in the database."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.cameras.rule import Rule
from vms_api.cameras.store import rules, zones
from vms_api.cameras.zone import Zone
from vms_api.database import Transaction


async def list_zones(connection: AsyncConnection, camera_id: str | None = None) -> Sequence[tuple[str, Zone]]:
    """(camera id, zone) in the order they were drawn; of one camera or of all."""
    query = sa.select(zones).order_by(zones.c.id)
    if camera_id is not None:
        query = query.where(zones.c.camera_id == camera_id)
    return [(row["camera_id"], _zone(row)) for row in (await connection.execute(query)).mappings()]


async def find_zone(connection: AsyncConnection, camera_id: str, zone_id: str) -> Zone | None:
    """The zone, if it belongs to that camera."""
    query = sa.select(zones).where(zones.c.id == zone_id, zones.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _zone(row) if row else None


async def is_zone_used(connection: AsyncConnection, zone_id: str) -> bool:
    """Whether a rule looks at it."""
    query = sa.select(sa.exists().where(rules.c.zone_id == zone_id))
    return bool((await connection.execute(query)).scalar_one())


async def insert_zone(transaction: Transaction, camera_id: str, zone: Zone) -> None:
    """A new zone."""
    await transaction.connection.execute(zones.insert().values(camera_id=camera_id, **zone.model_dump()))


async def update_zone(transaction: Transaction, zone: Zone) -> None:
    """Replaces the zone."""
    await transaction.connection.execute(zones.update().where(zones.c.id == zone.id).values(zone.model_dump()))


async def delete_zone(transaction: Transaction, zone_id: str) -> None:
    """Removes the zone; an IntegrityError says that a rule uses it."""
    await transaction.connection.execute(zones.delete().where(zones.c.id == zone_id))


async def list_rules(connection: AsyncConnection, camera_id: str | None = None) -> Sequence[tuple[str, Rule]]:
    """(camera id, rule) in the order they were made; of one camera or of all."""
    query = sa.select(rules).order_by(rules.c.id)
    if camera_id is not None:
        query = query.where(rules.c.camera_id == camera_id)
    return [(row["camera_id"], _rule(row)) for row in (await connection.execute(query)).mappings()]


async def find_rule(connection: AsyncConnection, camera_id: str, rule_id: str) -> Rule | None:
    """The rule, if it belongs to that camera."""
    query = sa.select(rules).where(rules.c.id == rule_id, rules.c.camera_id == camera_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _rule(row) if row else None


async def insert_rule(transaction: Transaction, camera_id: str, rule: Rule, user_id: str | None) -> None:
    """A new rule; its links are carried out by the rights of that person."""
    row = {**rule.model_dump(), "links_by": user_id}
    await transaction.connection.execute(rules.insert().values(camera_id=camera_id, **row))


async def update_rule(transaction: Transaction, rule: Rule, user_id: str | None) -> None:
    """Replaces the rule; its links are carried out by the rights of that person."""
    row = {**rule.model_dump(), "links_by": user_id}
    await transaction.connection.execute(rules.update().where(rules.c.id == rule.id).values(row))


async def delete_rule(transaction: Transaction, rule_id: str) -> None:
    """Removes the rule. Its alerts stay."""
    await transaction.connection.execute(rules.delete().where(rules.c.id == rule_id))


def _zone(row: sa.RowMapping) -> Zone:
    return Zone.model_validate({key: row[key] for key in Zone.model_fields})


def _rule(row: sa.RowMapping) -> Rule:
    return Rule.model_validate({key: row[key] for key in Rule.model_fields})
