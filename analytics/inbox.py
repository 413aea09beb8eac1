"""The hand-over from camera threads to the inference thread: one slot per camera, the latest frame wins.

Only the few frames with which a camera wakes come in one moment, oldest first; they wait in a row.
"""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from ingest.camera import CameraId
from ingest.clock import Clock
from ingest.frame import Frame

_BURST_S = 0.06  # after the frame before it; a fifth of a second of a large stream is decoded in less
_LONGEST_ROW = 7  # more than a waking camera brings


class FrameInbox:
    """Bounded by the number of cameras. A frame overtaken by a newer one is dropped and counted.

    One condition serves all slots, so that the single reader can wait for whichever camera comes first.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._rows: dict[CameraId, deque[tuple[float, Frame]]] = {}  # when each was put, and the frame
        self._dropped: dict[CameraId, int] = {}
        self._cameras: frozenset[CameraId] = frozenset()
        self._closed = False

    def admit(self, cameras: Iterable[CameraId]) -> None:
        """From now on frames of these cameras are taken in; those of all others are refused and forgotten."""
        with self._changed:
            self._cameras = frozenset(cameras)
            self._rows = {key: row for key, row in self._rows.items() if key in self._cameras}
            self._dropped = {key: count for key, count in self._dropped.items() if key in self._cameras}

    def put(self, frame: Frame) -> None:
        """Never blocks for longer than another put."""
        now_s = self._clock.monotonic_s()
        with self._changed:
            if self._closed or frame.camera_id not in self._cameras:
                return
            row = self._rows.setdefault(frame.camera_id, deque())
            is_burst = bool(row) and now_s - row[-1][0] <= _BURST_S
            while len(row) >= (_LONGEST_ROW if is_burst else 1):
                row.popleft()
                self._dropped[frame.camera_id] = self._dropped.get(frame.camera_id, 0) + 1
            row.append((now_s, frame))
            self._changed.notify()

    def wait(self, timeout_s: float) -> bool:
        """Whether a frame is waiting, at the latest after the time-out."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._rows) or self._closed, timeout_s) and bool(self._rows)

    def arrivals(self) -> Mapping[CameraId, float]:
        """Since when the oldest waiting frame of each camera waits here, monotonic seconds.

        Its packet may have come long before: a camera that wakes brings pictures from before it woke, and is no
        sign of want of time.
        """
        with self._changed:
            return {key: row[0][0] for key, row in self._rows.items()}

    def take(self, cameras: Iterable[CameraId]) -> Sequence[Frame]:
        """The oldest waiting frame of each of these cameras, which may be newer than it was in `arrivals`."""
        with self._changed:
            return [self._take(key) for key in cameras if key in self._rows]

    def dropped_count(self, camera_id: CameraId) -> int:
        """Frames of that camera that were overtaken so far."""
        with self._changed:
            return self._dropped.get(camera_id, 0)

    def close(self) -> None:
        """Wakes the reader; later frames are refused."""
        with self._changed:
            self._closed = True
            self._rows.clear()
            self._changed.notify_all()

    def _take(self, camera_id: CameraId) -> Frame:
        row = self._rows[camera_id]
        frame = row.popleft()[1]
        if not row:
            del self._rows[camera_id]
        return frame
