"""The last seconds of a camera, in memory, for the beginning of an event."""

from collections import deque
from collections.abc import Sequence

from ingest.packet import Packet
from ingest.recording.camera_intake import Arrival


class PreRoll:
    """Keeps whole groups of pictures: enough for `seconds` before now, at most `longest_bytes`."""

    def __init__(self, longest_bytes: int) -> None:
        self._longest_bytes = longest_bytes
        self._arrivals: deque[Arrival] = deque()
        self._keyframes_s: deque[float] = deque()
        self._bytes = 0

    def add(self, arrivals: Sequence[Arrival], seconds: float, now_s: float) -> None:
        """Takes what has come and lets go of what is too old to be wanted."""
        for arrival in arrivals:
            self._arrivals.append(arrival)
            self._bytes += len(arrival.packet.data)
            if _begins_group(arrival):
                self._keyframes_s.append(arrival.packet.received_monotonic_s)
        while len(self._keyframes_s) > 1 and self._keyframes_s[1] <= now_s - seconds:
            self._drop_group()
        while self._bytes > self._longest_bytes:
            self._drop_group()

    def drain(self) -> Sequence[Arrival]:
        """All that is kept, from a key frame on."""
        kept = tuple(self._arrivals)
        self.clear()
        return kept

    def clear(self) -> None:
        """Forgets everything."""
        self._arrivals.clear()
        self._keyframes_s.clear()
        self._bytes = 0

    def _drop_group(self) -> None:
        """Up to the next key frame, or everything."""
        if self._arrivals and _begins_group(self._arrivals[0]):
            self._keyframes_s.popleft()
            self._bytes -= len(self._arrivals.popleft().packet.data)
        while self._arrivals and not _begins_group(self._arrivals[0]):
            self._bytes -= len(self._arrivals.popleft().packet.data)


def _begins_group(arrival: Arrival) -> bool:
    return isinstance(arrival.packet, Packet) and arrival.packet.is_keyframe
