"""Cameras that somebody has moved and left turn back by themselves, where that is wished."""

import asyncio

from ingest.clock import Clock
from vms_api.database import Database
from vms_api.errors import NotFound
from vms_api.ptz import store
from vms_api.ptz.desk import PtzDesk
from vms_api.ptz.errors import DeviceUnavailable, PtzMissing

_EVERY_S = 1.0


class IdleReturn:
    """Looks after those that were moved since this process began; each turns back once."""

    def __init__(self, database: Database, desk: PtzDesk, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.turn_back()
            await asyncio.sleep(_EVERY_S)

    async def turn_back(self) -> None:
        """Turns those back that nobody has for long enough. One that does not answer is left as it is."""
        for camera_id, idle_s in self._desk.left(self._clock.monotonic_s()).items():
            async with self._database.read() as connection:
                link = await store.find_link(connection, camera_id)
            if link is None or link.idle_after_s is None:
                self._desk.forget(camera_id)
            elif idle_s >= link.idle_after_s:
                self._desk.forget(camera_id)
                try:
                    await self._desk.turn_back(camera_id, link.idle_preset)
                except (NotFound, PtzMissing, DeviceUnavailable):
                    continue  # what the device refused is in the audit log
