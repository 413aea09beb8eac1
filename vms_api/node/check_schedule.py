"""Which camera's pictures are looked at next. Pure but for what it remembers."""

import heapq
from collections.abc import Collection
from itertools import count

_SPREAD_S = 0.1
"""A new camera's first look comes at a place of its own within so many seconds for each camera that there is."""
_SLACK = 64


class CheckSchedule:
    """Times are seconds of one monotonic clock. A camera that was taken is not due before it is put back.

    Costs log(n) for each look, whatever the number of cameras.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._known: frozenset[str] = frozenset()
        self._due: dict[str, tuple[float, int]] = {}
        # Heads that are not in `_due` any more are passed over: taking them out of the middle would cost n.
        self._heap: list[tuple[float, int, str]] = []
        self._numbers = count()

    def keep(self, camera_ids: Collection[str], now_s: float) -> None:
        """Makes these, and no others, the cameras; new ones come one after the other, not all at once."""
        fresh = [camera_id for camera_id in camera_ids if camera_id not in self._known]
        self._known = frozenset(camera_ids)
        for camera_id in [id_ for id_ in self._due if id_ not in self._known]:
            del self._due[camera_id]
        step_s = min(self._every_s / max(1, len(self._known)), _SPREAD_S)
        for place, camera_id in enumerate(fresh):
            self.put(camera_id, now_s + place * step_s)

    def put(self, camera_id: str, due_s: float) -> None:
        """The next look is due then; a camera that is no longer there is forgotten."""
        if camera_id not in self._known:
            return
        self._due[camera_id] = entry = due_s, next(self._numbers)
        heapq.heappush(self._heap, (*entry, camera_id))
        if len(self._heap) > 2 * len(self._due) + _SLACK:
            self._heap = [(*entry, id_) for id_, entry in self._due.items()]
            heapq.heapify(self._heap)

    def hasten(self, camera_id: str, due_s: float) -> None:
        """The next look is due then, unless it is sooner or the camera is just being looked at."""
        waiting = self._due.get(camera_id)
        if waiting is not None and waiting[0] > due_s:
            self.put(camera_id, due_s)

    def take(self, now_s: float) -> str | None:
        """The camera whose turn it is, the longest overdue first; None when it is nobody's."""
        head = self._head()
        if head is None or head[0] > now_s:
            return None
        heapq.heappop(self._heap)
        del self._due[head[2]]
        return head[2]

    def wait_s(self, now_s: float) -> float | None:
        """How long it is nobody's turn; None while nobody waits for one."""
        head = self._head()
        return None if head is None else max(0.0, head[0] - now_s)

    def _head(self) -> tuple[float, int, str] | None:
        while self._heap:
            due_s, number, camera_id = head = self._heap[0]
            if self._due.get(camera_id) == (due_s, number):
                return head
            heapq.heappop(self._heap)
        return None
