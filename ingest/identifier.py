"""Identifiers that sort by the time they were made: UUID version 7 (RFC 9562 clause 5.7)."""

import secrets
import threading
import time
from uuid import UUID

_COUNTER_BITS = 74
_VARIANT_BITS = 0b10


class IdentifierSource:
    """Makes UUIDv7 strings that grow strictly, also within one millisecond and when the clock steps back.

    RFC 9562 clause 6.2, method 2: the 74 random bits are a counter that is incremented while the millisecond stands.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def next(self, millisecond: int) -> str:
        """The next identifier for that Unix time in milliseconds."""
        with self._lock:
            if millisecond > self._millisecond:
                self._millisecond, self._counter = millisecond, secrets.randbits(_COUNTER_BITS - 1)
            else:
                self._counter += 1 + secrets.randbits(32)
            return str(_compose(self._millisecond, self._counter))


def _compose(millisecond: int, counter: int) -> UUID:
    high, low = counter >> 62, counter & ((1 << 62) - 1)
    return UUID(int=(millisecond << 80) | (7 << 76) | (high << 64) | (_VARIANT_BITS << 62) | low)


_SOURCE = IdentifierSource()


def new_identifier() -> str:
    """A fresh UUIDv7 string from this machine's clock."""
    return _SOURCE.next(time.time_ns() // 1_000_000)
