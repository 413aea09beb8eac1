"""A clock that moves only when told."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    """Starts at noon of 2026-01-01 UTC and at monotonic zero."""

    def __init__(self) -> None:
        self._started = datetime(2026, 1, 1, 12, tzinfo=UTC)
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        """Wall time, UTC."""
        return self._started + timedelta(seconds=self._elapsed_s)

    def monotonic_s(self) -> float:
        """Seconds since the start."""
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        """Moves both times forward."""
        self._elapsed_s += seconds
