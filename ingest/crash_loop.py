"""When a camera is left alone for a while because it breaks what reads it."""

from collections import deque

from ingest.settings import IngestSettings


class CrashLoop:
    """Counts a stream's crashes: failures that no camera should be able to cause, and threads that hang.

    `crash_limit` of them within `crash_window_s` put the stream into quarantine for `quarantine_s`; then they are
    counted anew. Times are monotonic seconds.
    """

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._crashes: deque[float] = deque(maxlen=settings.crash_limit)
        self._until_s: float | None = None

    def crashed(self, now_s: float) -> None:
        """One more."""
        self._crashes.append(now_s)
        is_full = len(self._crashes) == self._settings.crash_limit
        if is_full and now_s - self._crashes[0] <= self._settings.crash_window_s:
            self._until_s = now_s + self._settings.quarantine_s
            self._crashes.clear()

    def wait_s(self, now_s: float) -> float:
        """Seconds of quarantine left, 0 for none."""
        return max(0.0, self._until_s - now_s) if self._until_s is not None else 0.0

    def forgive(self) -> None:
        """The camera was set up anew: what was is no guide."""
        self._crashes.clear()
        self._until_s = None
