"""How often somebody may guess: counted per account and per address, in memory."""

import math
from collections import deque
from dataclasses import dataclass, field

from ingest.clock import Clock

ACCOUNT_LIMIT = 10
ADDRESS_LIMIT = 30
"""More than for an account: a duty room shares one address."""
WINDOW_S = 300.0
_MAX_KEYS = 10_000


@dataclass(slots=True)
class FailureWindow:
    """The failures of each key during the last WINDOW_S seconds."""

    limit: int
    _failures: dict[str, deque[float]] = field(default_factory=dict)

    def wait_s(self, key: str, now_s: float) -> float:
        """Seconds until the key may try again; 0 when it may now."""
        recent = self._recent(key, now_s)
        return max(0.0, recent[-self.limit] + WINDOW_S - now_s) if len(recent) >= self.limit else 0.0

    def add(self, key: str, now_s: float) -> None:
        """One more failure. The keys that failed longest ago are forgotten when there are too many."""
        recent = self._recent(key, now_s)
        recent.append(now_s)
        self._failures.pop(key, None)
        self._failures[key] = recent
        while len(self._failures) > _MAX_KEYS:
            del self._failures[next(iter(self._failures))]

    def take_back(self, key: str) -> None:
        """The latest one was none."""
        if recent := self._failures.get(key):
            recent.pop()

    def clear(self, key: str) -> None:
        """Forgets the key's failures."""
        self._failures.pop(key, None)

    def _recent(self, key: str, now_s: float) -> deque[float]:
        kept = (at_s for at_s in self._failures.get(key, ()) if at_s > now_s - WINDOW_S)
        return deque(kept, maxlen=self.limit)


class LoginLimit:
    """Says when an attempt must wait.

    Attempts count as failures while they are checked, so that a hundred sent at once do not all pass.
    A success clears the account; of the address it takes back only itself, or one known password would open it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accounts = FailureWindow(ACCOUNT_LIMIT)
        self._addresses = FailureWindow(ADDRESS_LIMIT)

    def wait_s(self, account: str, address: str) -> int:
        """Whole seconds to wait before the next attempt; 0 when it may be made."""
        now_s = self._clock.monotonic_s()
        return math.ceil(max(self._accounts.wait_s(account, now_s), self._addresses.wait_s(address, now_s)))

    def attempt(self, account: str, address: str) -> None:
        """An attempt is made; for now it counts as failed."""
        now_s = self._clock.monotonic_s()
        self._accounts.add(account, now_s)
        self._addresses.add(address, now_s)

    def undo(self, account: str, address: str) -> None:
        """The attempt was half of a login: neither a failure nor a success."""
        self._accounts.take_back(account)
        self._addresses.take_back(address)

    def succeeded(self, account: str, address: str) -> None:
        """The right password was given."""
        self._accounts.clear(account)
        self._addresses.take_back(address)
