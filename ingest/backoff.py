"""How long to wait before a camera is dialled again. Pure: the random source comes from outside."""

from collections.abc import Callable

from ingest.settings import IngestSettings

# A camera that accepts and then breaks down again must not be hammered because each attempt "succeeded".
PROVEN_UPTIME_S = 60.0
# 2 ** 16 s is far above any limit that may be set; the exponent must not grow for weeks.
_MAX_DOUBLINGS = 16


class Backoff:
    """Exponential waits with jitter, so that a thousand cameras lost together do not come back together.

    Failures wait from `backoff_min_s` doubling to `backoff_max_s`, each between half of that and the whole ("equal
    jitter"). Refusals (wrong password, no such stream) wait from `refused_retry_min_s` to `refused_retry_max_s`, and
    never less than the first, because cameras lock accounts.
    """

    def __init__(self, settings: IngestSettings, random: Callable[[], float]) -> None:
        self._settings = settings
        self._random = random
        self._failure_count = 0
        self._refusal_count = 0

    def next_wait_s(self, *, refused: bool, uptime_s: float) -> float:
        """Seconds until the next try, after a connection that lived `uptime_s` (0 when none came about)."""
        if uptime_s >= PROVEN_UPTIME_S:
            self._failure_count = self._refusal_count = 0
        return self._refused_s() if refused else self._failed_s()

    def _failed_s(self) -> float:
        whole = min(self._settings.backoff_max_s, self._settings.backoff_min_s * 2.0**self._failure_count)
        self._failure_count = min(self._failure_count + 1, _MAX_DOUBLINGS)
        return whole / 2 + whole / 2 * self._random()

    def _refused_s(self) -> float:
        low, high = self._settings.refused_retry_min_s, self._settings.refused_retry_max_s
        whole = min(high, low * 2.0**self._refusal_count)
        self._refusal_count = min(self._refusal_count + 1, _MAX_DOUBLINGS)
        return max(low, whole * (0.75 + 0.25 * self._random()))
