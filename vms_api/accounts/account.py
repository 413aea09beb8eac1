"""People as values."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

MIN_PASSWORD_LENGTH = 12
SESSION_IDLE = timedelta(hours=12)
"""A shift and its handover."""
SESSION_ABSOLUTE = timedelta(days=7)
SESSION_TOUCH = timedelta(minutes=5)
"""How late `last_used_at` may be: writing it on each request would cost a disk flush each time."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    id: str
    username: str
    language: str | None
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A login of a user. `key` is the SHA-256 of the cookie's token: the token itself is nowhere on this side."""

    key: str
    user: User
    created_at: datetime
    last_used_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Unused for too long, or simply too old."""
        return now - self.last_used_at > SESSION_IDLE or now - self.created_at > SESSION_ABSOLUTE

    def is_due_for_touch(self, now: datetime) -> bool:
        """Whether the use should be written down."""
        return now - self.last_used_at > SESSION_TOUCH


def name_key(name: str) -> str:
    """What makes two names the same: compatibility forms (full width letters) and case do not count."""
    return unicodedata.normalize("NFKC", name).casefold()
