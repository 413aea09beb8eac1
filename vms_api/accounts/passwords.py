"""Password hashing with argon2id (RFC 9106), away from the event loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vms_api.accounts.account import MIN_PASSWORD_LENGTH


def is_weak(password: str) -> bool:
    """Too short. Length is what counts (NIST SP 800-63B clause 5.1.1.2); no rules about kinds of characters."""
    return len(password) < MIN_PASSWORD_LENGTH


class Passwords:
    """Hashes and checks passwords in threads, two at a time: each takes 64 MiB while it runs."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._slots = asyncio.Semaphore(2)
        self._decoy = hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to be stored, with its salt and parameters."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password. Takes as long for a user who does not exist (`None`)."""
        async with self._slots:
            matches = await asyncio.to_thread(self._matches, password_hash or self._decoy, password)
        return matches and password_hash is not None

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
