"""Which changes of a stream's state are worth a row of its history."""

from ingest.camera import CameraId, StreamRole
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState

_DOWN = frozenset({StreamState.WAITING, StreamState.REFUSED})


class StateNews:
    """A camera that is down is dialled thousands of times a day; its history says once that it is down, and why.

    So a try that leads back to where it came from, for the same reason, is no news. What the health of the moment says
    is not touched by this. Used by all camera threads; each of them asks about its own stream alone.
    """

    def __init__(self) -> None:
        self._told: dict[tuple[CameraId, StreamRole], tuple[StreamState, str | None]] = {}

    def is_news(self, camera_id: CameraId, stream: StreamHealth) -> bool:
        """Whether it shall be told; then it is remembered as told."""
        place = (camera_id, stream.role)
        before = self._told.get(place)
        is_down = stream.state in _DOWN
        now = (stream.state, stream.fault.code if is_down and stream.fault else None)
        is_retry = stream.state is StreamState.OPENING and before is not None and before[0] in _DOWN
        if is_retry or now == before:
            return False
        self._told[place] = now
        return True
