"""Stalls: how long a stream has stood still lately, against its own pace."""

from collections import deque

_WITHIN_S = 60.0
_LEAST_S = 1.5  # a shorter gap is no stall, whatever the pace: cameras that send by bursts fill a second
_PACES = 4.0  # gaps of so many usual ones are
_STEP = 1.1  # by which the usual gap follows each one, up or down, so that it settles at the median
_SHORTEST_S = 1e-3


class Stalls:
    """Of one stream. Times are monotonic seconds. Not thread-safe: the meter's lock is over it."""

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._usual_s: float | None = None
        self._ended: deque[tuple[float, float]] = deque()

    def begin(self, at_s: float) -> None:
        """A new connection: the time since the last one is no stall, and its pace may be another."""
        self._last_s, self._usual_s = at_s, None

    def add(self, at_s: float) -> None:
        """A picture has come."""
        if self._last_s is None:
            self.begin(at_s)
            return
        gap_s, self._last_s = at_s - self._last_s, at_s
        if self._is_stall(gap_s):
            self._ended.append((at_s, gap_s))
        self._usual_s = self._followed(gap_s)
        self._expire(at_s)

    def within_the_last_minute_s(self, now_s: float) -> float:
        """Seconds of the minute before that were stalls, the one that lasts included."""
        self._expire(now_s)
        begun_s = now_s - _WITHIN_S
        total_s = sum(end_s - max(end_s - gap_s, begun_s) for end_s, gap_s in self._ended)
        if self._last_s is not None and self._is_stall(now_s - self._last_s):
            total_s += now_s - max(self._last_s, begun_s)
        return total_s

    def _is_stall(self, gap_s: float) -> bool:
        return gap_s > max(_LEAST_S, _PACES * (self._usual_s or gap_s))

    def _followed(self, gap_s: float) -> float:
        if self._usual_s is None:
            return max(gap_s, _SHORTEST_S)
        followed = self._usual_s * _STEP if gap_s > self._usual_s else self._usual_s / _STEP
        return max(followed, _SHORTEST_S)

    def _expire(self, now_s: float) -> None:
        while self._ended and self._ended[0][0] < now_s - _WITHIN_S:
            self._ended.popleft()
