"""Key frames that viewers wait for, asked of the cameras: seldom, however many viewers wait."""

import asyncio
from collections.abc import Iterable

import structlog

from ingest.clock import Clock
from vms_api.audit.entry import SYSTEM
from vms_api.care.acts import DeviceActs
from vms_api.errors import Problem

log = structlog.get_logger()

REST_S = 10.0
"""At most so often is one camera asked: each time is an audit row, and a key frame is many pictures' worth of bytes."""
REFUSED_REST_S = 300.0
"""So long it is left alone that has no device, or one that did not do it."""


class KeyFrameWishes:
    """Lives on one event loop."""

    def __init__(self, acts: DeviceActs, clock: Clock) -> None:
        self._acts = acts
        self._clock = clock
        self._rests_until_s: dict[str, float] = {}
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def asking_count(self) -> int:
        """Cameras that are being asked."""
        return len(self._asking)

    def take(self, camera_ids: Iterable[str]) -> None:
        """Somebody waits for a key frame of each of these cameras."""
        now_s = self._clock.monotonic_s()
        self._rests_until_s = {camera: until_s for camera, until_s in self._rests_until_s.items() if until_s > now_s}
        for camera_id in camera_ids:
            if camera_id not in self._rests_until_s:
                self._rests_until_s[camera_id] = now_s + REST_S
                task = asyncio.create_task(self._ask(camera_id), name="key-frame-wish")
                self._asking.add(task)
                task.add_done_callback(self._asking.discard)

    async def close(self) -> None:
        """Waits for no device any more."""
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    async def _ask(self, camera_id: str) -> None:
        try:
            await self._acts.ask_key_frame(camera_id, SYSTEM)
        except Problem as problem:
            self._rests_until_s[camera_id] = self._clock.monotonic_s() + REFUSED_REST_S
            log.info("care.no-key-frame", camera=camera_id, code=problem.code)
