"""One request at a time to one device: cheap firmware reboots under a storm of them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ingest.onvif.errors import DeviceBusy

MAX_WAITING = 32


class RequestQueue:
    """Lets requests through one after the other; urgent ones (a Stop) go before those that wait."""

    def __init__(self) -> None:
        self._is_taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._ordinary: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self, *, is_urgent: bool = False) -> AsyncIterator[None]:
        """The block runs alone.

        Raises:
            DeviceBusy: too many wait already.

        """
        await self._take(is_urgent)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, is_urgent: bool) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        if len(self._ordinary) >= MAX_WAITING and not is_urgent:
            raise DeviceBusy("too many requests wait for this device")
        turn = asyncio.get_running_loop().create_future()
        (self._urgent if is_urgent else self._ordinary).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for waiting in (self._urgent, self._ordinary):
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._is_taken = False
