"""Users and sessions in the database."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.accounts.account import SESSION_ABSOLUTE, SESSION_IDLE, Session, User, name_key
from vms_api.database import Transaction, from_us, metadata, to_us

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("username", sa.String, nullable=False),
    sa.Column("username_key", sa.String, nullable=False, unique=True),
    sa.Column("password_hash", sa.String, nullable=False),
    sa.Column("language", sa.String),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("last_used_at", sa.BigInteger, nullable=False),
)


async def count_users(connection: AsyncConnection) -> int:
    """How many users there are."""
    return (await connection.execute(sa.select(sa.func.count()).select_from(users))).scalar_one()


async def find_user(connection: AsyncConnection, username: str) -> User | None:
    """The user of that name, however it is written."""
    query = sa.select(users).where(users.c.username_key == name_key(username))
    row = (await connection.execute(query)).mappings().one_or_none()
    return _user(row) if row else None


async def find_user_by_id(connection: AsyncConnection, user_id: str) -> User | None:
    """The user with that id."""
    row = (await connection.execute(sa.select(users).where(users.c.id == user_id))).mappings().one_or_none()
    return _user(row) if row else None


async def insert_user(transaction: Transaction, user: User, at: datetime) -> None:
    """A new user; an IntegrityError says that the name is taken."""
    await transaction.connection.execute(
        users.insert().values(
            id=user.id,
            username=user.username,
            username_key=name_key(user.username),
            password_hash=user.password_hash,
            language=user.language,
            created_at=to_us(at),
        )
    )


async def set_password(transaction: Transaction, user_id: str, password_hash: str) -> None:
    """A new password ends all sessions of the user."""
    connection = transaction.connection
    await connection.execute(users.update().where(users.c.id == user_id).values(password_hash=password_hash))
    await connection.execute(sessions.delete().where(sessions.c.user_id == user_id))


async def set_language(transaction: Transaction, user_id: str, language: str | None) -> None:
    """The person's own choice; None goes back to the browser's."""
    await transaction.connection.execute(users.update().where(users.c.id == user_id).values(language=language))


async def insert_session(transaction: Transaction, session: Session) -> None:
    """A new login; sessions that are over are cleared away on the occasion."""
    now = session.created_at
    connection = transaction.connection
    await connection.execute(
        sessions.delete().where(
            sa.or_(
                sessions.c.last_used_at < to_us(now - SESSION_IDLE),
                sessions.c.created_at < to_us(now - SESSION_ABSOLUTE),
            )
        )
    )
    stamps = {"created_at": to_us(session.created_at), "last_used_at": to_us(session.last_used_at)}
    await connection.execute(
        sessions.insert().values(token_hash=session.key, user_id=session.user.id, **stamps),
    )


async def find_session(connection: AsyncConnection, key: str) -> Session | None:
    """The session with its user."""
    query = (
        sa.select(users, sessions.c.created_at.label("began_at"), sessions.c.last_used_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.token_hash == key)
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    return Session(key, _user(row), from_us(row["began_at"]), from_us(row["last_used_at"]))


async def touch_session(transaction: Transaction, key: str, at: datetime) -> None:
    """The session was used."""
    await transaction.connection.execute(
        sessions.update().where(sessions.c.token_hash == key).values(last_used_at=to_us(at))
    )


async def delete_session(transaction: Transaction, key: str) -> None:
    """Logged out."""
    await transaction.connection.execute(sessions.delete().where(sessions.c.token_hash == key))


def _user(row: sa.RowMapping) -> User:
    return User(row["id"], row["username"], row["language"], row["password_hash"])
