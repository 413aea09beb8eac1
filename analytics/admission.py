"""Which frames may wait for analysis at all while load is being shed."""

import threading
from collections.abc import Mapping, Sequence

from analytics.alert import Severity
from analytics.load_shedding import LADDER, NEGLECTED_FPS, Shedding
from analytics.rule import CameraPlan
from ingest.camera import CameraId
from ingest.frame import Frame
from ingest.sampler import DueSampler

_RANKS: Mapping[Severity, int] = {severity: rank for rank, severity in enumerate(Severity)}


class Admission:
    """Asked by camera threads, told by the inference thread. Frames refused are counted per camera."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_priority: Sequence[CameraId] = ()
        self._samplers: dict[CameraId, tuple[float, DueSampler]] = {}
        self._refused: dict[CameraId, int] = {}
        self._neglected: frozenset[CameraId] = frozenset()
        self._shedding = LADDER[0]

    def follow(self, plans: Mapping[CameraId, CameraPlan]) -> None:
        """These are the cameras; the more severe a camera's rules, the longer it is looked at."""
        with self._lock:
            self._by_priority = sorted(plans, key=lambda camera_id: _priority(plans[camera_id]))
            self._samplers = {key: known for key, known in self._samplers.items() if key in plans}
            self._refused = {key: count for key, count in self._refused.items() if key in plans}
            self._neglect()

    def shed(self, shedding: Shedding) -> None:
        """From now on so much is let in."""
        if shedding is self._shedding:
            return
        with self._lock:
            self._shedding = shedding
            self._neglect()

    def admits(self, frame: Frame, *, lively: bool) -> bool:
        """Whether the frame may wait; `lively` says that something goes on at its camera."""
        with self._lock:
            fps = self._rate(frame.camera_id, lively=lively)
            if fps is None:
                return True
            known = self._samplers.get(frame.camera_id)
            if known is None or known[0] != fps:
                known = self._samplers[frame.camera_id] = (fps, DueSampler(fps))
            if known[1].is_due(frame.media_time_s):
                return True
            self._refused[frame.camera_id] = self._refused.get(frame.camera_id, 0) + 1
            return False

    def refused_count(self, camera_id: CameraId) -> int:
        """Frames of that camera that were refused so far."""
        with self._lock:
            return self._refused.get(camera_id, 0)

    def _rate(self, camera_id: CameraId, *, lively: bool) -> float | None:
        if camera_id in self._neglected:
            return NEGLECTED_FPS
        return self._shedding.busy_fps if lively else self._shedding.idle_fps

    def _neglect(self) -> None:
        count = int(len(self._by_priority) * self._shedding.neglected_share)
        self._neglected = frozenset(self._by_priority[:count])


def _priority(plan: CameraPlan) -> int:
    return max((_RANKS[rule.severity] for rule in plan.rules), default=-1)
