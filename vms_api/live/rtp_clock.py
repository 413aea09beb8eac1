"""One 90 kHz clock for a stream whose camera starts its own anew with every connection."""

from fractions import Fraction
from typing import Protocol

RTP_CLOCK = Fraction(1, 90_000)
EPOCH_GAP_S = 0.04
"""Media time between the last packet of one epoch and the first of the next: viewers see one running clock."""


class Timed(Protocol):
    """A packet of picture or sound."""

    @property
    def pts(self) -> int:
        """When, in `time_base` seconds."""
        ...

    @property
    def time_base(self) -> Fraction:
        """Seconds."""
        ...

    @property
    def epoch(self) -> int:
        """Times of different epochs have nothing to do with each other."""
        ...


class RtpClock:
    """Maps the media time of successive epochs onto one 90 kHz clock that never runs backwards."""

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._offset = 0
        self._last = 0

    def ticks(self, packet: Timed) -> int:
        """The packet's time, from 0 for the first one's."""
        ticks = int(packet.pts * packet.time_base / RTP_CLOCK)
        if packet.epoch != self._epoch:
            gap = int(EPOCH_GAP_S / RTP_CLOCK) if self._epoch is not None else 0
            self._offset = self._last + gap - ticks
            self._epoch = packet.epoch
        self._last = ticks + self._offset
        return self._last
