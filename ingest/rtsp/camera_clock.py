"""How wrong a camera's clock is, seen through the network's delay."""

from collections import deque

_SPAN_S = 5.0
_SPANS = 6
_SET_S = 1.0
_HALF_TIME, _TIMES = 0x8000_0000, 0xFFFF_FFFF


class CameraClock:
    """Compares the camera's wall time of its packets with their arrival.

    Every packet is late by its way through encoder and network, so the largest difference of the last half minute is
    nearest to the truth; and a clock that is set shows in it after that time at the latest. `clock_rate` is the number
    of timestamp units per second.
    """

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._unix_s: float | None = None
        self._timestamp = 0
        self._best: deque[tuple[float, float]] = deque(maxlen=_SPANS)
        self._offset_s: float | None = None

    @property
    def offset_s(self) -> float | None:
        """The camera's clock minus ours, None before the first sender report. From any thread."""
        return self._offset_s

    def report(self, unix_s: float, timestamp: int) -> None:
        """A sender report: the wall time of an RTP timestamp, unwrapped or not."""
        expected_s = self._camera_time_s(timestamp)
        if expected_s is not None and abs(unix_s - expected_s) > _SET_S:
            self._best.clear()  # the clock was set: what was seen before is over
        self._unix_s, self._timestamp = unix_s, timestamp

    def observe(self, timestamp: int, received_unix_s: float, now_s: float) -> None:
        """A unit that arrived now (`now_s` monotonic)."""
        camera_s = self._camera_time_s(timestamp)
        if camera_s is None:
            return
        offset_s = camera_s - received_unix_s
        if not self._best or now_s - self._best[-1][0] >= _SPAN_S:
            self._best.append((now_s, offset_s))
        elif offset_s > self._best[-1][1]:
            self._best[-1] = (self._best[-1][0], offset_s)
        else:
            return
        self._offset_s = max(best for _, best in self._best)

    def _camera_time_s(self, timestamp: int) -> float | None:
        """The camera's wall time of a timestamp at most half its range (13 hours of video) from the latest report's."""
        if self._unix_s is None:
            return None
        ticks = (timestamp - self._timestamp + _HALF_TIME & _TIMES) - _HALF_TIME
        return self._unix_s + ticks / self._clock_rate
