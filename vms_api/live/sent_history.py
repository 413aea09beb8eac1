"""What was sent to one viewer lately, so that it can be sent again. The packets themselves are everybody's."""

from collections import deque
from dataclasses import dataclass

from vms_api.live.rtp_unit import RtpPayload, RtpUnit

KEPT_PACKETS = 2048
"""A key frame of 2 MB; at 2 Mbit/s nine seconds."""


@dataclass(frozen=True, slots=True)
class SentPayload:
    """A packet as it was: its timestamp on the wire, its contents, and its header's extension."""

    ticks: int
    payload: RtpPayload
    extension: bytes


class SentHistory:
    """Units by their first packet's index; the oldest go when more than `kept_packets` follow them."""

    def __init__(self, kept_packets: int = KEPT_PACKETS) -> None:
        self._kept_packets = kept_packets
        self._units: deque[tuple[int, int, RtpUnit, bytes]] = deque()
        self._count = 0

    def add(self, index: int, ticks: int, unit: RtpUnit, extension: bytes) -> None:
        """The unit was sent from this packet index on, with this timestamp and header extension."""
        self._units.append((index, ticks, unit, extension))
        self._count += unit.packet_count
        while self._count - self._units[0][2].packet_count >= self._kept_packets:
            self._count -= self._units.popleft()[2].packet_count

    def ticks_at(self, ntp: int) -> int | None:
        """The timestamp on the wire of the newest picture that had come by that moment; None if none is known."""
        return next((ticks for _, ticks, unit, _ in reversed(self._units) if unit.ntp <= ntp), None)

    def find(self, index: int) -> SentPayload | None:
        """The packet of that index, None if it is not known any more, or not yet."""
        for first, ticks, unit, extension in reversed(self._units):
            if first <= index:
                place = index - first
                return SentPayload(ticks, unit.payload(place), extension) if place < unit.packet_count else None
        return None
