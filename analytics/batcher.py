"""Which of the waiting frames are analysed next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.camera import CameraId

_MEMORY = 0.05


@dataclass(frozen=True, slots=True)
class Batch:
    """`chosen` go on, in this order; `stale` waited too long and are skipped. All others keep waiting."""

    chosen: tuple[CameraId, ...]
    stale: tuple[CameraId, ...]


class Batcher:
    """Fair between cameras by what their frames cost: deficit round robin (Shreedhar and Varghese, 1995).

    The cost of a frame is known only afterwards, so a camera may run into debt by one frame; it waits for its next one
    until as many rounds of the usual cost have paid for it. Nobody saves up: a camera that was idle has no claim to
    more than its turn.
    """

    def __init__(self, size: int, staleness_s: float) -> None:
        self._size = size
        self._staleness_s = staleness_s
        self._turn = 0
        self._served: dict[CameraId, int] = {}
        self._debts: dict[CameraId, float] = {}
        self._usual_cost = 0.0

    def choose(self, arrivals: Mapping[CameraId, float], now_s: float) -> Batch:
        """Divides the waiting cameras by since when their frame waits; both times are monotonic seconds."""
        stale = tuple(key for key, arrived_s in arrivals.items() if now_s - arrived_s > self._staleness_s)
        fresh = [key for key in arrivals if key not in stale]
        fresh.sort(key=lambda key: (self._served.get(key, -1), arrivals[key]))
        # Who has room for everybody has nothing to be fair about.
        chosen = fresh if len(fresh) <= self._size else self._choose_fairly(fresh)
        for camera_id in chosen:
            self._turn += 1
            self._served[camera_id] = self._turn
        return Batch(tuple(chosen), stale)

    def charge(self, camera_id: CameraId, cost_s: float) -> None:
        """What looking at a frame of that camera has cost, in processor seconds."""
        self._usual_cost += _MEMORY * (cost_s - self._usual_cost)
        extra_s = self._debts.pop(camera_id, 0.0) + cost_s - self._usual_cost
        if extra_s > 0.0:
            self._debts[camera_id] = extra_s

    def forget(self, camera_id: CameraId) -> None:
        """The camera is gone."""
        self._served.pop(camera_id, None)
        self._debts.pop(camera_id, None)

    def _choose_fairly(self, fresh: Sequence[CameraId]) -> Sequence[CameraId]:
        chosen: list[CameraId] = []
        left = fresh
        while len(chosen) < self._size:
            self._pay(left)
            able = [key for key in left if key not in self._debts][: self._size - len(chosen)]
            chosen.extend(able)
            left = [key for key in left if key not in able]
        return chosen

    def _pay(self, waiting: Sequence[CameraId]) -> None:
        """As many rounds as it takes until somebody who waits is free of debt."""
        owed = [self._debts[key] for key in waiting if key in self._debts]
        if not owed:
            return
        round_s = max(self._usual_cost, min(owed)) if len(owed) == len(waiting) else self._usual_cost
        for key in waiting:
            left_s = self._debts.get(key, 0.0) - round_s
            if left_s > 0.0:
                self._debts[key] = left_s
            else:
                self._debts.pop(key, None)
