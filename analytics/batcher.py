"""Which of the waiting frames are analysed next."""

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.camera import CameraId


@dataclass(frozen=True, slots=True)
class Batch:
    """`chosen` go on, in this order; `stale` waited too long and are skipped. All others keep waiting."""

    chosen: tuple[CameraId, ...]
    stale: tuple[CameraId, ...]


class Batcher:
    """Fair between cameras: who was served longest ago comes first, so a busy camera cannot starve a quiet one."""

    def __init__(self, size: int, staleness_s: float) -> None:
        self._size = size
        self._staleness_s = staleness_s
        self._turn = 0
        self._served: dict[CameraId, int] = {}

    def choose(self, arrivals: Mapping[CameraId, float], now_s: float) -> Batch:
        """Divides the waiting cameras by the arrival of their frame; both times are monotonic seconds."""
        stale = tuple(key for key, arrived_s in arrivals.items() if now_s - arrived_s > self._staleness_s)
        fresh = [key for key in arrivals if key not in stale]
        fresh.sort(key=lambda key: (self._served.get(key, -1), arrivals[key]))
        chosen = tuple(fresh[: self._size])
        for camera_id in chosen:
            self._turn += 1
            self._served[camera_id] = self._turn
        return Batch(chosen, stale)

    def forget(self, camera_id: CameraId) -> None:
        """The camera is gone."""
        self._served.pop(camera_id, None)
