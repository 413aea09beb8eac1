"""The state of each camera, for those who keep it: as it is now, and when it may have changed."""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from vms_api.cameras import store as camera_store
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.store import CameraQuery
from vms_api.database import Database
from vms_api.events import EventLog, Listener

_HEALTH = "camera.health"
_GATHER_S = 0.5
"""Changes that come together are read together."""


@dataclass(frozen=True, slots=True)
class CameraTold:
    """A camera as it is told of; `state` is that of its health, `since` RFC 3339."""

    id: str
    name: str
    area_id: str
    state: str
    since: str


class CameraFeed:
    """Reads what the health board knows."""

    def __init__(self, database: Database, health: HealthBoard, events: EventLog) -> None:
        self._database = database
        self._health = health
        self._events = events

    async def cameras(self, area_ids: Collection[str]) -> Mapping[str, CameraTold]:
        """The cameras of these areas as they are now, by their ids."""
        async with self._database.read() as connection:
            cameras = await camera_store.list_cameras(connection, CameraQuery(area_ids))
        healths = [(camera, self._health.of(camera)) for camera in cameras]
        return {
            camera.id: CameraTold(camera.id, camera.name, camera.area_id, health.state, health.since.isoformat())
            for camera, health in healths
        }

    @contextmanager
    def listen(self) -> Iterator[Listener]:
        """Hears of changes for as long as the block lasts."""
        with self._events.listen(None) as listener:
            yield listener

    async def changed(self, listener: Listener) -> None:
        """Returns some moments after a camera's health has changed."""
        while True:
            await listener.wait()
            if listener.is_closed:
                await asyncio.Event().wait()  # the process ends, and this task with it
            if any(event.kind == _HEALTH for event in listener.take_passing()):
                await asyncio.sleep(_GATHER_S)
                listener.take_passing()
                return
