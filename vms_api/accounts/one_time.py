"""Tokens that work once: links for the first set-up and for logging in without typing a password."""

import hashlib
import secrets
from typing import Generic, TypeVar

from ingest.clock import Clock

Meaning = TypeVar("Meaning")

_TOKEN_BYTES = 32


def new_token() -> str:
    """256 random bits as text that fits into a link and a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_key(token: str) -> str:
    """What is kept of a token: its SHA-256. Looking that up tells nothing about the token by timing."""
    return hashlib.sha256(token.encode()).hexdigest()


class OneTimeTokens(Generic[Meaning]):
    """Tokens of this process; a restart ends them. Beyond `capacity` the oldest make room."""

    def __init__(self, clock: Clock, lifetime_s: float, capacity: int = 10_000) -> None:
        self._clock = clock
        self._lifetime_s = lifetime_s
        self._capacity = capacity
        self._meanings: dict[str, tuple[Meaning, float]] = {}

    def issue(self, meaning: Meaning) -> str:
        """A new token."""
        now_s = self._clock.monotonic_s()
        self._meanings = {key: entry for key, entry in self._meanings.items() if entry[1] > now_s}
        while len(self._meanings) >= self._capacity:
            del self._meanings[next(iter(self._meanings))]
        token = new_token()
        self._meanings[token_key(token)] = (meaning, now_s + self._lifetime_s)
        return token

    def redeem(self, token: str) -> Meaning | None:
        """What the token stands for, once; None for a token that is wrong, used or expired."""
        entry = self._meanings.pop(token_key(token), None)
        return entry[0] if entry and entry[1] > self._clock.monotonic_s() else None
