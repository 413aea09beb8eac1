"""The background look at every device, one after the other, for as long as the process runs."""

import asyncio
from datetime import datetime

import structlog

from ingest.clock import Clock
from vms_api.care.desk import CareDesk, CaredFor
from vms_api.care.round import due_at, next_turns
from vms_api.care.settings import DeviceSettings

log = structlog.get_logger()

_GLANCE_S = 5.0
_SPACING_S = 0.1


class CareRounds:
    """Looks at whoever is due, at most `checks_at_once` at a time."""

    def __init__(self, desk: CareDesk, settings: DeviceSettings, clock: Clock) -> None:
        self._desk = desk
        self._settings = settings
        self._clock = clock
        self._known_since: dict[tuple[str, str], datetime] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        await self._desk.note_refusals()
        try:
            while True:
                await self.begin_due()
                await asyncio.sleep(_GLANCE_S)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def begin_due(self) -> None:
        """Begins to look at those whose turn it is, as far as there is room."""
        known = await self._desk.all_known()
        now = self._clock.now()
        marks = {(id_, self._desk.login_mark(cared)) for id_, (cared, _) in known.items()}
        self._known_since = {key: self._known_since.get(key, now) for key in marks}
        due = {}
        for id_, mark in marks:
            state, since = known[id_][1], self._known_since[id_, mark]
            due[id_] = due_at(id_, state, mark, since, self._settings.check_every_s)
        waiting = {id_: at for id_, at in due.items() if id_ not in self._running}
        for turn in next_turns(waiting, now, self._settings.checks_at_once - len(self._running)):
            task = asyncio.create_task(self._look(known[turn.camera_id][0]), name="care-look")
            self._running[turn.camera_id] = task
            await asyncio.sleep(_SPACING_S)

    async def settled(self) -> None:
        """Returns when no look is running."""
        await asyncio.gather(*self._running.values())

    async def _look(self, cared: CaredFor) -> None:
        camera_id = cared.camera.id
        try:
            state = await self._desk.look(cared)
            if state.state != "reachable":
                log.info("care.device", camera=camera_id, state=state.state, reason=state.fault)
        except Exception:  # one device's trouble ends no round
            log.exception("care.look-failed", camera=camera_id)
        finally:
            self._running.pop(camera_id, None)
