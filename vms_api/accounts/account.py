"""People, and the ways in which they are logged in, as values."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vms_api.accounts.permission import Permission

MIN_PASSWORD_LENGTH = 12
SESSION_IDLE = timedelta(hours=12)
"""A shift and its handover."""
SESSION_ABSOLUTE = timedelta(days=7)
SESSION_TOUCH = timedelta(minutes=5)
"""How late `last_used_at` may be: writing it on each request would cost a disk flush each time."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in, unless disabled. `totp_step` is the last step of the second factor that was used."""

    id: str
    username: str
    language: str | None
    password_hash: str = field(repr=False)
    created_at: datetime
    disabled_at: datetime | None = None
    must_change_password: bool = False
    sealed_totp: bytes | None = field(default=None, repr=False)
    totp_step: int | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A login of a user. `key` is the SHA-256 of the cookie's token: the token itself is nowhere on this side.

    `address` and `agent` are where it began from, so that people recognise their sessions.
    """

    key: str
    id: str
    user: User
    created_at: datetime
    last_used_at: datetime
    address: str = ""
    agent: str = ""

    def is_over(self, now: datetime) -> bool:
        """Unused for too long, or simply too old."""
        return now - self.last_used_at > SESSION_IDLE or now - self.created_at > SESSION_ABSOLUTE

    def is_due_for_touch(self, now: datetime) -> bool:
        """Whether the use should be written down."""
        return now - self.last_used_at > SESSION_TOUCH


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A login for a program: a user's rights, cut down to `scopes`, until it expires. `key` as in Session."""

    key: str
    id: str
    user: User
    name: str
    scopes: frozenset[Permission]
    created_at: datetime
    expires_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether it has expired."""
        return now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks: a person by a session, or a program by a token. `scopes` are None for a person: no limit."""

    user: User
    key: str
    scopes: frozenset[Permission] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """People who get the same rights."""

    id: str
    name: str
    member_ids: tuple[str, ...] = ()


def name_key(name: str) -> str:
    """What makes two names the same: compatibility forms (full width letters) and case do not count."""
    return unicodedata.normalize("NFKC", name).casefold()
