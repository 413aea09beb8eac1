"""Which decoded frames are analysed. Decided by time, never by counting frames: cameras change their rate."""

# Cameras jitter. A frame this much of a period early is the due one; waiting would cost a whole frame period.
_EARLY = 0.25


class DueSampler:
    """Picks frames so that `fps` of them per second are due in the long run."""

    def __init__(self, fps: float) -> None:
        self._period_s = 1.0 / fps
        self._next_s: float | None = None
        self._latest_s = 0.0

    def is_due(self, time_s: float) -> bool:
        """Whether the frame of that media time is to be analysed.

        The grid of due times goes on through jitter, and begins anew after a gap or when time goes back (new epoch).
        """
        went_back = time_s < self._latest_s
        self._latest_s = time_s
        if self._next_s is None or went_back or time_s >= self._next_s + self._period_s:
            self._next_s = time_s + self._period_s
            return True
        if time_s < self._next_s - self._period_s * _EARLY:
            return False
        self._next_s += self._period_s
        return True
