"""Which person of a provider is which user, in the database."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.accounts.account import User
from vms_api.accounts.store import find_user_by_id
from vms_api.database import Transaction, metadata

oidc_links = sa.Table(
    "oidc_links",
    metadata,
    sa.Column("issuer", sa.String, primary_key=True),
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.UniqueConstraint("issuer", "user_id"),
)


async def find_linked(connection: AsyncConnection, issuer: str, subject: str) -> User | None:
    """The user who is that person of the provider."""
    is_person = (oidc_links.c.issuer == issuer) & (oidc_links.c.subject == subject)
    user_id = (await connection.execute(sa.select(oidc_links.c.user_id).where(is_person))).scalar_one_or_none()
    return await find_user_by_id(connection, user_id) if user_id else None


async def insert_link(transaction: Transaction, issuer: str, subject: str, user_id: str) -> None:
    """The user is that person; RowRefused says that the user is another one of the same provider already."""
    await transaction.connection.execute(oidc_links.insert().values(issuer=issuer, subject=subject, user_id=user_id))


async def linked_ids(connection: AsyncConnection) -> frozenset[str]:
    """The users who have come in by a provider."""
    return frozenset((await connection.execute(sa.select(oidc_links.c.user_id))).scalars())


async def delete_links(transaction: Transaction, user_id: str) -> bool:
    """The user is nobody of any provider; False when that was so."""
    deleted = await transaction.connection.execute(oidc_links.delete().where(oidc_links.c.user_id == user_id))
    return deleted.rowcount > 0
