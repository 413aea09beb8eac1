"""Which decoded frames are analysed. Decided by time, never by counting frames: cameras change their rate."""


class DueSampler:
    """Picks frames so that `fps` of them per second are due in the long run.

    Due times form a grid. The frame nearest to each is taken, judged by the distance of the last two frames, so that
    a camera whose frames jitter around the grid loses none. After a gap the grid starts anew: nothing is caught up on.
    """

    def __init__(self, fps: float) -> None:
        self._period_s = 1.0 / fps
        self._next_s: float | None = None
        self._latest_s = 0.0

    def is_due(self, time_s: float) -> bool:
        """Whether the frame of that media time is to be analysed. Time that goes back begins a new grid (new epoch)."""
        distance_s = time_s - self._latest_s
        self._latest_s = time_s
        if self._next_s is None or distance_s < 0 or time_s > self._next_s + self._period_s / 2:
            self._next_s = time_s + self._period_s
            return True
        # A frame that comes half a distance early is as near to the due time as the next one would be.
        if time_s < self._next_s - min(distance_s, self._period_s) / 2:
            return False
        self._next_s += self._period_s
        return True
