"""Decoding times as players want them: one running clock whatever the camera's does, and no gap to stumble over."""

from collections import deque
from statistics import median_low

from ingest.packet import Packet
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE

FIRST_PERIOD = VIDEO_TIMESCALE // 25
_SHORTEST, _LONGEST = VIDEO_TIMESCALE // 120, VIDEO_TIMESCALE
_WATCHED = 8


class MseClock:
    """Places pictures of successive epochs one after another, in 1/90000 s from 0.

    A picture goes out before the next one is known, so its duration is a guess: the usual interval. A player takes a
    step of more than twice that for a seek and drops everything up to the next key frame (W3C Media Source Extensions,
    coded frame processing), so a longer step, which a camera or a network that pauses makes, is shortened to one
    interval. The clock is only the player's: nothing is told by it.
    """

    def __init__(self) -> None:
        self._steps: deque[int] = deque(maxlen=_WATCHED)
        self._epoch: int | None = None
        self._offset = 0
        self._latest = 0
        self.period = FIRST_PERIOD

    def place(self, packet: Packet) -> int:
        """The packet's decoding time; `period` is how long its picture is presumed to last."""
        stamp = round(packet.dts * packet.time_base * VIDEO_TIMESCALE)
        is_first = self._epoch is None
        step = stamp + self._offset - self._latest
        if packet.epoch != self._epoch:
            self._epoch = packet.epoch
            step = 0 if is_first else self.period
        else:
            if step >= _SHORTEST:  # shorter ones are repairs (see TimestampGuard), not intervals
                self._steps.append(min(_LONGEST, step))
            if not 0 < step <= 2 * self.period:
                step = self.period
            self.period = median_low(self._steps) if self._steps else self.period
        self._latest += step
        self._offset = self._latest - stamp
        return self._latest
