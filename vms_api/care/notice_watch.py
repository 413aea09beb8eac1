"""Listening to devices: one pull point for each, renewed while it is used, given back at the end.

A place that a killed process held is remembered and given back by the next one before it takes its own; where that
does not work, the device ends it after a minute by itself.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence

import structlog

from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.onvif.errors import OperationRefused
from ingest.onvif.messages import DeviceEvent
from ingest.onvif.pull_point import PullPoint, Subscription
from ingest.onvif.topics import Topic
from vms_api.care.audience import Audience, Hearer, audience, concerned
from vms_api.care.desk import CareDesk
from vms_api.care.device import Subscription as Listening
from vms_api.care.notice import NoticeFilter
from vms_api.care.notice_desk import NoticeDesk
from vms_api.care.notice_store import HeldPlace
from vms_api.ptz.device_board import DeviceBoard

log = structlog.get_logger()

_GLANCE_S = 2.0
_PACE_S = 1.0
"""Pulls are no closer: many devices answer at once instead of waiting, and a storm is read in large pieces."""
_RETRY_S = 30.0

Ruled = Callable[[], Collection[str]]


class NoticeWatch:
    """Keeps listening to whom it should. `ruled` names the cameras whose rules need notices."""

    def __init__(self, care: CareDesk, notices: NoticeDesk, board: DeviceBoard, ruled: Ruled, clock: Clock) -> None:
        self._care = care
        self._notices = notices
        self._board = board
        self._ruled = ruled
        self._clock = clock
        self._audience: Audience = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled; then every place is given back."""
        try:
            while True:
                await self._follow()
                await asyncio.sleep(_GLANCE_S)
        finally:
            await self._end(list(self._tasks))

    async def _follow(self) -> None:
        """Begins to listen where somebody wants to, and ends where nobody does, or the login is another."""
        ruled = frozenset(self._ruled())
        known = await self._care.all_known(lambda camera_id, link: link.wants_notices or camera_id in ruled)
        self._audience = audience(known, ruled)
        heard = {hearer.camera_id for hearers in self._audience.values() for hearer in hearers}
        for camera_id in set(self._care.listening) - heard:
            del self._care.listening[camera_id]
        wanted = {(device, self._care.login_mark(hearers[0].cared)) for device, hearers in self._audience.items()}
        await self._end([key for key in self._tasks if key not in wanted])
        for key in wanted:
            if key not in self._tasks or self._tasks[key].done():
                self._tasks[key] = asyncio.create_task(self._listen(key[0]), name="device-notices")

    async def _end(self, keys: list[tuple[str, str]]) -> None:
        ended = [self._tasks.pop(key) for key in keys]
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)

    async def _listen(self, device: str) -> None:
        """Listens to one device until it is cancelled or fails; then it is begun anew after a while."""
        try:
            await self._pull_all(device)
        except IngestError as error:
            log.info("care.notices-failed", device=device, reason=error.code)
            self._tell(device, Listening(state="failed"))
            await asyncio.sleep(_RETRY_S)
        except Exception:  # one device's trouble ends nobody else's listening
            log.exception("care.notices-broke", device=device)
            await asyncio.sleep(_RETRY_S)
        finally:
            self._tell(device, Listening(state="none"))

    async def _pull_all(self, device: str) -> None:
        cared = self._audience[device][0].cared
        async with self._board.held(cared.camera, cared.link) as connected:
            point, states = PullPoint(connected, self._clock), NoticeFilter()
            if stale := await self._notices.place(device):
                await point.release(stale.address, stale.reference_headers)
            held: Subscription | None = None
            try:
                while True:
                    events = await _pulled(point)
                    if point.subscription is not held:
                        held = point.subscription
                        await self._notices.remember(device, _place(held))
                    self._tell(device, Listening(state="held", renewed_at=self._clock.now()))
                    await self._take(device, states, events)
                    await asyncio.sleep(_PACE_S)
            finally:
                await point.close()
                await self._notices.remember(device, None)

    async def _take(self, device: str, states: NoticeFilter, events: Sequence[DeviceEvent]) -> None:
        hearers = self._audience.get(device, ())
        for event in events:
            if event.topic is Topic.RELAY and event.state is not None:
                self._care.relays |= {(each.camera_id, event.source): event.state for each in hearers}
        for noticed in states.changes(events, self._clock.now()):
            await self._notices.take(concerned(hearers, noticed.source), noticed)

    def _tell(self, device: str, listening: Listening) -> None:
        hearers: Sequence[Hearer] = self._audience.get(device, ())
        for hearer in hearers:
            self._care.listening[hearer.camera_id] = listening


async def _pulled(point: PullPoint) -> list[DeviceEvent]:
    """The next events; a pull point that the device has forgotten, by a restart, is taken anew once.

    Raises:
        IngestError: the device could not be asked, or refused.

    """
    try:
        return await point.pull()
    except OperationRefused:
        if point.subscription is None:
            raise
        await point.close()
        return await point.pull()


def _place(held: Subscription | None) -> HeldPlace | None:
    return HeldPlace(held.endpoint.url, held.reference_headers) if held else None
