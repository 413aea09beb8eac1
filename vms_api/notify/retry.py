"""When a delivery that failed is tried again, and when a receiver is left alone. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

LIFETIME = timedelta(hours=72)
"""For how long a delivery is tried; then it is a dead letter."""

_FIRST_S, _LONGEST_S = 5.0, 900.0
_MAX_DOUBLINGS = 16


def wait_s(attempts: int, random: Callable[[], float]) -> float:
    """Seconds until the next try after `attempts` (1 and more) have failed: 5 s doubling to 15 min, half of it chance.

    Standard Webhooks 1.0 ("Deliverability and reliability") asks for exponential waits with jitter.
    """
    whole = min(_LONGEST_S, _FIRST_S * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS))
    return whole / 2 + whole / 2 * random()


class Breaker:
    """Leaves a receiver alone that fails again and again: one try at growing intervals, until it takes something.

    Times are wall times, as they are stored with the deliveries.
    """

    AFTER = 5
    """So many failures in a row open it."""
    FIRST_S, LONGEST_S = 15.0, 600.0

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0
        self._until: datetime | None = None
        self._asked_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the receiver has failed so often that only single tries are made."""
        return self._failures >= self.AFTER

    def opens_at(self) -> datetime | None:
        """Before that nothing is tried; None: at any time."""
        times = [at for at in (self._until, self._asked_until) if at is not None]
        return max(times, default=None)

    def succeed(self) -> None:
        """The receiver took something."""
        self._failures, self._until, self._asked_until = 0, None, None

    def fail(self, now: datetime) -> None:
        """The receiver took nothing."""
        self._failures += 1
        if self.is_open:
            doublings = min(self._failures - self.AFTER, _MAX_DOUBLINGS)
            whole = min(self.LONGEST_S, self.FIRST_S * 2.0**doublings)
            self._until = now + timedelta(seconds=whole / 2 + whole / 2 * self._random())

    def rest(self, now: datetime, seconds: float) -> None:
        """The receiver asked to be left alone for so long; at most for the lifetime of a delivery."""
        self._asked_until = now + min(timedelta(seconds=seconds), LIFETIME)

    def forget(self) -> None:
        """What kept the receiver away is known to be over: it may be tried at once."""
        self._until = None
