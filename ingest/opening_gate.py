"""How many cameras are dialled at once.

When a switch comes back two hundred cameras do: each handshake costs a thread some work, and all at once would take the
processor from those that already play.
"""

from threading import Lock


class OpeningGate:
    """Lets `limit` openings be new at a time, in the order in which they were asked for. Thread-safe.

    An opening counts for `hold_s` seconds at most: a camera that does not answer keeps its thread, not its place, so
    that any number of dead cameras delays a living one by little.
    """

    def __init__(self, limit: int, hold_s: float) -> None:
        self._limit = limit
        self._hold_s = hold_s
        self._lock = Lock()
        self._waiting: list[object] = []
        self._begun_s: dict[object, float] = {}

    def may_open(self, ticket: object, now_s: float) -> bool:
        """Whether the holder of the ticket may dial now; while not, it asks again. `leave` gives the ticket back."""
        with self._lock:
            if ticket in self._begun_s:
                return True
            if ticket not in self._waiting:
                self._waiting.append(ticket)
            new = sum(now_s - begun_s < self._hold_s for begun_s in self._begun_s.values())
            if new + self._waiting.index(ticket) >= self._limit:
                return False
            self._waiting.remove(ticket)
            self._begun_s[ticket] = now_s
            return True

    def leave(self, ticket: object) -> None:
        """The opening has ended, or is no longer wanted."""
        with self._lock:
            self._begun_s.pop(ticket, None)
            if ticket in self._waiting:
                self._waiting.remove(ticket)
