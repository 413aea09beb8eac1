"""What carries links out: the desks that move cameras, switch relays and record."""

import asyncio
from datetime import timedelta

from ingest.clock import Clock
from vms_api.audit.entry import SYSTEM, Place
from vms_api.cameras.registry import CameraRegistry, existing_camera
from vms_api.care.acts import DeviceActs
from vms_api.database import Database
from vms_api.linkage import store
from vms_api.linkage.link import PresetLink, RecordLink, RelayLink
from vms_api.linkage.order import Order
from vms_api.ptz.command import GoIn
from vms_api.ptz.desk import Mover, PtzDesk
from vms_api.ptz.lease import Operator

_NOBODY = Operator("", "system", 0)
"""Stands below everybody: takes no camera from a person, and gives it to the first who asks."""


class Hands:
    """Does one thing at a time for one alert. Raises what the desks refuse."""

    def __init__(
        self, database: Database, registry: CameraRegistry, ptz: PtzDesk, acts: DeviceActs, clock: Clock
    ) -> None:
        self._database = database
        self._registry = registry
        self._ptz = ptz
        self._acts = acts
        self._clock = clock

    async def do(self, order: Order, place: Place) -> None:
        """Carries out the order; returns when it is done, of a relay when it was let go.

        Raises:
            NotFound: the camera was removed meanwhile, or its device has no such output.
            PtzTaken, PtzMissing, DeviceMissing, DeviceUnavailable: it was not done.

        """
        match order.link:
            case PresetLink(preset=preset):
                await self._ptz.go(Mover(place, _NOBODY, SYSTEM), GoIn(preset=preset))
            case RecordLink(seconds=seconds):
                await self._record(order, seconds)
            case RelayLink(token=token, seconds=seconds):
                await self._switch(order, token, seconds)

    async def end_recordings(self) -> None:
        """Ends the recordings on order whose time is over; the cameras go on as their plans say."""
        now = self._clock.now()
        async with self._database.read() as connection:
            over = [id_ for id_, until in (await store.list_bursts(connection)).items() if until <= now]
        if over:
            async with self._database.write() as transaction:
                await store.end_bursts(transaction, now)
                await self._registry.wake_node(transaction)

    async def _record(self, order: Order, seconds: int) -> None:
        until = order.at + timedelta(seconds=seconds)
        async with self._database.write() as transaction:
            await existing_camera(transaction.connection, order.camera_id)
            before = await store.find_burst(transaction.connection, order.camera_id)
            await store.put_burst(transaction, order.camera_id, max(until, before or until))
            if before is None:
                await self._registry.wake_node(transaction)

    async def _switch(self, order: Order, token: str, seconds: int) -> None:
        """On and, come what may short of a killed process, off again."""
        await self._acts.set_relay(order.camera_id, token, SYSTEM, is_active=True, rule_id=order.rule_id)
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._acts.set_relay(order.camera_id, token, SYSTEM, is_active=False, rule_id=order.rule_id)
