"""Groups, their members and grants in the database; and all that rights are made of, read at once."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.accounts.account import Group, name_key
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant, RightsRecord
from vms_api.accounts.store import users
from vms_api.areas.store import read_tree
from vms_api.database import Transaction, from_us, metadata, to_us

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("name_key", sa.String, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

group_members = sa.Table(
    "group_members",
    metadata,
    sa.Column("group_id", sa.ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), index=True),
    sa.Column("group_id", sa.ForeignKey("groups.id", ondelete="CASCADE"), index=True),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("area_id", sa.ForeignKey("areas.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.String, nullable=False),
    sa.CheckConstraint("(user_id IS NULL) <> (group_id IS NULL)"),
)


async def read_rights(connection: AsyncConnection) -> RightsRecord:
    """Areas, grants, members and the users who are not disabled."""
    names = await connection.execute(sa.select(users.c.id, users.c.username).where(users.c.disabled_at.is_(None)))
    return RightsRecord(
        tree=await read_tree(connection),
        grants=[_grant(row) for row in (await connection.execute(sa.select(grants))).mappings()],
        members=[(row.group_id, row.user_id) for row in await connection.execute(sa.select(group_members))],
        usernames={row.id: row.username for row in names},
        groups={group.id: group.name for group in await list_groups(connection)},
    )


async def insert_grant(transaction: Transaction, grant: Grant) -> None:
    """A new grant."""
    await transaction.connection.execute(
        grants.insert().values(
            id=grant.id,
            user_id=grant.user_id,
            group_id=grant.group_id,
            role=grant.role,
            area_id=grant.area_id,
            created_at=to_us(grant.created_at),
            created_by=grant.created_by,
        )
    )


async def delete_grant(transaction: Transaction, grant_id: str) -> None:
    """The right ends."""
    await transaction.connection.execute(grants.delete().where(grants.c.id == grant_id))


async def list_groups(connection: AsyncConnection) -> Sequence[Group]:
    """All groups by name, with the ids of their members."""
    members: dict[str, list[str]] = {}
    for row in await connection.execute(sa.select(group_members).order_by(group_members.c.user_id)):
        members.setdefault(row.group_id, []).append(row.user_id)
    rows = await connection.execute(sa.select(groups).order_by(groups.c.name_key))
    return [Group(row.id, row.name, tuple(members.get(row.id, ()))) for row in rows]


async def insert_group(transaction: Transaction, group: Group, at: datetime) -> None:
    """A new group; RowRefused says that the name is taken."""
    row = {"id": group.id, "name": group.name, "name_key": name_key(group.name), "created_at": to_us(at)}
    await transaction.connection.execute(groups.insert().values(row))


async def rename_group(transaction: Transaction, group_id: str, name: str) -> None:
    """Another name; RowRefused says that it is taken."""
    row = {"name": name, "name_key": name_key(name)}
    await transaction.connection.execute(groups.update().where(groups.c.id == group_id).values(row))


async def delete_group(transaction: Transaction, group_id: str) -> None:
    """Removes the group with its grants."""
    await transaction.connection.execute(groups.delete().where(groups.c.id == group_id))


async def add_member(transaction: Transaction, group_id: str, user_id: str) -> None:
    """The user belongs to the group; RowRefused says that that was so, or that there is no such user."""
    await transaction.connection.execute(group_members.insert().values(group_id=group_id, user_id=user_id))


async def remove_member(transaction: Transaction, group_id: str, user_id: str) -> bool:
    """The user leaves the group; False when the user was not in it."""
    member = (group_members.c.group_id == group_id) & (group_members.c.user_id == user_id)
    return (await transaction.connection.execute(group_members.delete().where(member))).rowcount > 0


def _grant(row: sa.RowMapping) -> Grant:
    return Grant(**{**row, "role": Role(row["role"]), "created_at": from_us(row["created_at"])})
