"""Users, sessions and API tokens in the database."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from vms_api.accounts.account import SESSION_ABSOLUTE, SESSION_IDLE, ApiToken, Session, User, name_key
from vms_api.accounts.permission import Permission
from vms_api.database import RowNumber, Transaction, from_us, metadata, to_us

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("username", sa.String, nullable=False),
    sa.Column("username_key", sa.String, nullable=False, unique=True),
    sa.Column("password_hash", sa.String, nullable=False),
    sa.Column("language", sa.String),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("disabled_at", sa.BigInteger),
    sa.Column("must_change_password", sa.Boolean, nullable=False, server_default="0"),
    sa.Column("totp_secret", sa.LargeBinary),
    sa.Column("totp_step", sa.BigInteger),
)

old_passwords = sa.Table(
    "old_passwords",
    metadata,
    sa.Column("id", RowNumber, primary_key=True, autoincrement=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("password_hash", sa.String, nullable=False),
    sqlite_autoincrement=True,
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String, primary_key=True),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("last_used_at", sa.BigInteger, nullable=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("agent", sa.String, nullable=False),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("token_hash", sa.String, nullable=False, unique=True),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)


async def count_users(connection: AsyncConnection) -> int:
    """How many users there are."""
    return (await connection.execute(sa.select(sa.func.count()).select_from(users))).scalar_one()


async def list_users(connection: AsyncConnection) -> Sequence[User]:
    """All users by name."""
    query = sa.select(users).order_by(users.c.username_key)
    return [_user(row) for row in (await connection.execute(query)).mappings()]


async def find_user(connection: AsyncConnection, username: str) -> User | None:
    """The user of that name, however it is written."""
    query = sa.select(users).where(users.c.username_key == name_key(username))
    row = (await connection.execute(query)).mappings().one_or_none()
    return _user(row) if row else None


async def find_user_by_id(connection: AsyncConnection, user_id: str) -> User | None:
    """The user with that id."""
    row = (await connection.execute(sa.select(users).where(users.c.id == user_id))).mappings().one_or_none()
    return _user(row) if row else None


async def insert_user(transaction: Transaction, user: User) -> None:
    """A new user; RowRefused says that the name is taken."""
    await transaction.connection.execute(users.insert().values(_columns(user)))


async def update_user(transaction: Transaction, user: User) -> None:
    """Replaces the user; RowRefused says that the name is taken."""
    await transaction.connection.execute(users.update().where(users.c.id == user.id).values(_columns(user)))


async def delete_user(transaction: Transaction, user_id: str) -> None:
    """Removes the user with sessions, tokens and grants."""
    await transaction.connection.execute(users.delete().where(users.c.id == user_id))


async def add_old_password(transaction: Transaction, user_id: str, password_hash: str, kept: int) -> None:
    """Remembers a password that is given up; of each user the last `kept`."""
    connection, own = transaction.connection, old_passwords.c.user_id == user_id
    await connection.execute(old_passwords.insert().values(user_id=user_id, password_hash=password_hash))
    newest = sa.select(old_passwords.c.id).where(own).order_by(old_passwords.c.id.desc()).limit(kept)
    await connection.execute(old_passwords.delete().where(own, old_passwords.c.id.not_in(newest)))


async def list_old_passwords(connection: AsyncConnection, user_id: str) -> Sequence[str]:
    """Hashes of passwords the user had before."""
    query = sa.select(old_passwords.c.password_hash).where(old_passwords.c.user_id == user_id)
    return (await connection.execute(query)).scalars().all()


async def insert_session(transaction: Transaction, session: Session) -> None:
    """A new login; sessions that are over are cleared away on the occasion."""
    now, connection = session.created_at, transaction.connection
    is_over = (sessions.c.last_used_at < to_us(now - SESSION_IDLE)) | (
        sessions.c.created_at < to_us(now - SESSION_ABSOLUTE)
    )
    await connection.execute(sessions.delete().where(is_over))
    row = {
        "token_hash": session.key,
        "id": session.id,
        "user_id": session.user.id,
        "created_at": to_us(session.created_at),
        "last_used_at": to_us(session.last_used_at),
        "address": session.address,
        "agent": session.agent,
    }
    await connection.execute(sessions.insert().values(row))


async def list_sessions(connection: AsyncConnection) -> Sequence[Session]:
    """All sessions with their users."""
    people = {user.id: user for user in await list_users(connection)}
    return [
        Session(
            row.token_hash,
            row.id,
            people[row.user_id],
            from_us(row.created_at),
            from_us(row.last_used_at),
            row.address,
            row.agent,
        )
        for row in await connection.execute(sa.select(sessions))
    ]


async def touch_session(transaction: Transaction, key: str, at: datetime) -> None:
    """The session was used."""
    await transaction.connection.execute(
        sessions.update().where(sessions.c.token_hash == key).values(last_used_at=to_us(at))
    )


async def delete_session(transaction: Transaction, key: str) -> None:
    """Logged out."""
    await transaction.connection.execute(sessions.delete().where(sessions.c.token_hash == key))


async def delete_sessions(transaction: Transaction, user_id: str, spared: str | None = None) -> None:
    """Ends all sessions of a user, but the one with the key `spared`."""
    others = (sessions.c.user_id == user_id) & (sessions.c.token_hash != (spared or ""))
    await transaction.connection.execute(sessions.delete().where(others))


async def insert_token(transaction: Transaction, token: ApiToken) -> None:
    """A new API token; only its hash is kept."""
    row = {
        "id": token.id,
        "user_id": token.user.id,
        "name": token.name,
        "token_hash": token.key,
        "scopes": sorted(token.scopes),
        "created_at": to_us(token.created_at),
        "expires_at": to_us(token.expires_at),
    }
    await transaction.connection.execute(tokens.insert().values(row))


async def list_tokens(connection: AsyncConnection) -> Sequence[ApiToken]:
    """All API tokens with their users; a scope that this version does not know is none."""
    people = {user.id: user for user in await list_users(connection)}
    known = {permission.value for permission in Permission}
    return [
        ApiToken(
            row.token_hash,
            row.id,
            people[row.user_id],
            row.name,
            frozenset(Permission(scope) for scope in row.scopes if scope in known),
            from_us(row.created_at),
            from_us(row.expires_at),
        )
        for row in await connection.execute(sa.select(tokens))
    ]


async def delete_token(transaction: Transaction, token_id: str) -> None:
    """The API token is withdrawn."""
    await transaction.connection.execute(tokens.delete().where(tokens.c.id == token_id))


def _columns(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "username": user.username,
        "username_key": name_key(user.username),
        "password_hash": user.password_hash,
        "language": user.language,
        "created_at": to_us(user.created_at),
        "disabled_at": to_us(user.disabled_at) if user.disabled_at else None,
        "must_change_password": user.must_change_password,
        "totp_secret": user.sealed_totp,
        "totp_step": user.totp_step,
    }


def _user(row: sa.RowMapping) -> User:
    return User(
        id=row["id"],
        username=row["username"],
        language=row["language"],
        password_hash=row["password_hash"],
        created_at=from_us(row["created_at"]),
        disabled_at=from_us(row["disabled_at"]) if row["disabled_at"] is not None else None,
        must_change_password=row["must_change_password"],
        sealed_totp=row["totp_secret"],
        totp_step=row["totp_step"],
    )
