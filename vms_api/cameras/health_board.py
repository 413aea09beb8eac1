"""The latest health of every camera, and the telling of its changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ingest.clock import Clock
from vms_api.cameras.camera import CameraRecord, CameraSwitch
from vms_api.cameras.health import CameraHealth
from vms_api.events import EventLog

TELL_EVERY_S = 0.9
"""At most one camera.health a second and camera; a little less than the node's reporting period of 1 s."""


@dataclass(slots=True)
class _Entry:
    health: CameraHealth
    told: tuple[object, ...] | None = None
    told_s: float = 0.0


class HealthBoard:
    """Kept in memory: what a node said is worth nothing after a restart."""

    def __init__(self, events: EventLog, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._silent_since: datetime | None = None

    def of(self, camera: CameraRecord | CameraSwitch) -> CameraHealth:
        """The camera's health; `unknown` while no node reports it, `disabled` where that is what was asked for."""
        if not camera.enabled:
            return CameraHealth(state="disabled", since=camera.updated_at)
        entry = self._entries.get(camera.id)
        return entry.health if entry else self._unknown(camera.updated_at)

    def reported(self, camera_id: str) -> CameraHealth | None:
        """What the node says about the camera; None while no node does."""
        entry = self._entries.get(camera_id)
        return entry.health if entry else None

    def report(self, healths: Mapping[str, CameraHealth]) -> None:
        """All that the node says about its cameras; what it does not mention is unknown."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        self._silent_since = None
        entries, self._entries = self._entries, {}
        for camera_id, health in healths.items():
            entry = entries.get(camera_id) or _Entry(health)
            entry.health = health.model_copy(update={"reported_at": now})
            self._entries[camera_id] = entry
            self._tell_change(camera_id, entry, now_s)

    def lose_node(self) -> None:
        """The node is gone: nothing is known any more, and everybody hears it."""
        self._silent_since = self._clock.now()
        entries, self._entries = self._entries, {}
        for camera_id in entries:
            self._tell(camera_id, self._unknown(self._silent_since))

    def forget(self, camera_id: str) -> None:
        """The camera was removed."""
        self._entries.pop(camera_id, None)

    def _unknown(self, since: datetime) -> CameraHealth:
        return CameraHealth(state="unknown", since=self._silent_since or since)

    def _tell_change(self, camera_id: str, entry: _Entry, now_s: float) -> None:
        visible = entry.health.visible_change()
        is_first = entry.told is None
        if visible != entry.told and (is_first or now_s - entry.told_s >= TELL_EVERY_S):
            entry.told, entry.told_s = visible, now_s
            self._tell(camera_id, entry.health)

    def _tell(self, camera_id: str, health: CameraHealth) -> None:
        self._events.pass_on(
            "camera.health", camera_id, {"camera_id": camera_id, "health": health.model_dump(mode="json")}
        )
