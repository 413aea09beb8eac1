"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from threading import Lock

START = datetime(2026, 1, 1, tzinfo=UTC)


class ManualClock:
    """Implements `Clock`. Thread-safe."""

    def __init__(self, start: datetime = START) -> None:
        self._lock = Lock()
        self._now = start
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """Wall time, UTC."""
        with self._lock:
            return self._now

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        with self._lock:
            return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._monotonic_s += seconds

    def step_wall(self, seconds: float) -> None:
        """Sets the wall clock like a clumsy time server; monotonic time does not notice."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
