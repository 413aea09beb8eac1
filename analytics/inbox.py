"""The hand-over from camera threads to the inference thread: one slot per camera, the latest frame wins."""

import threading
from collections.abc import Iterable, Mapping, Sequence

from ingest.camera import CameraId
from ingest.frame import Frame


class FrameInbox:
    """Bounded by the number of cameras. A frame overtaken by a newer one is dropped and counted.

    One condition serves all slots, so that the single reader can wait for whichever camera comes first.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._slots: dict[CameraId, Frame] = {}
        self._dropped: dict[CameraId, int] = {}
        self._cameras: frozenset[CameraId] = frozenset()
        self._closed = False

    def admit(self, cameras: Iterable[CameraId]) -> None:
        """From now on frames of these cameras are taken in; those of all others are refused and forgotten."""
        with self._changed:
            self._cameras = frozenset(cameras)
            self._slots = {key: frame for key, frame in self._slots.items() if key in self._cameras}
            self._dropped = {key: count for key, count in self._dropped.items() if key in self._cameras}

    def put(self, frame: Frame) -> None:
        """Never blocks for longer than another put."""
        with self._changed:
            if self._closed or frame.camera_id not in self._cameras:
                return
            if frame.camera_id in self._slots:
                self._dropped[frame.camera_id] = self._dropped.get(frame.camera_id, 0) + 1
            self._slots[frame.camera_id] = frame
            self._changed.notify()

    def wait(self, timeout_s: float) -> bool:
        """Whether a frame is waiting, at the latest after the time-out."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._slots) or self._closed, timeout_s) and bool(self._slots)

    def arrivals(self) -> Mapping[CameraId, float]:
        """When each waiting frame arrived, monotonic seconds."""
        with self._changed:
            return {key: frame.received_monotonic_s for key, frame in self._slots.items()}

    def take(self, cameras: Iterable[CameraId]) -> Sequence[Frame]:
        """The waiting frames of these cameras, which may be newer than they were in `arrivals`."""
        with self._changed:
            return [self._slots.pop(key) for key in cameras if key in self._slots]

    def dropped_count(self, camera_id: CameraId) -> int:
        """Frames of that camera that were overtaken so far."""
        with self._changed:
            return self._dropped.get(camera_id, 0)

    def close(self) -> None:
        """Wakes the reader; later frames are refused."""
        with self._changed:
            self._closed = True
            self._slots.clear()
            self._changed.notify_all()
