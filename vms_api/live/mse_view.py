"""One browser watching one stream by fragments over a WebSocket (RFC 6455; W3C Media Source Extensions)."""

import asyncio
import contextlib
import json
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import structlog

from ingest.errors import MasksUnavailable
from ingest.picture_feed import ViewFeed
from vms_api.live.mse_fragment import MseFragment, MseOpening
from vms_api.live.mse_ladder import Choice
from vms_api.live.viewer_queue import ViewerQueue

log = structlog.get_logger()

MOST_UNTOLD = 60
"""Pictures that are on their way to a player: it tells what has come, so that no buffer between hides a slow line."""
MOST_WAITING = 60
"""Live pictures that wait here on top of those; more, and the viewer goes on at the next key frame."""
MOST_TRACKS = 8
MAX_WORD_BYTES = 4096
"""Longest message of a player."""
SILENT_S = 30.0
"""A player that is owed nothing but an acknowledgement for so long is gone."""
_ENDED = 4000
"""Close code (RFC 6455 clause 7.4.2: of the application): the view has ended here; the player may ask for another."""


class MediaLine(Protocol):
    """As much of a WebSocket as a view needs. Sending raises any error when the other side is gone."""

    async def send_text(self, data: str) -> None:
        """One text message."""
        ...

    async def send_bytes(self, data: bytes) -> None:
        """One binary message."""
        ...

    async def receive_text(self) -> str:
        """The next text message."""
        ...

    async def close(self, code: int) -> None:
        """Says that it is over."""
        ...


Follow = Callable[["MseView"], Callable[[], None]]
"""Puts the view on its stream, group of pictures first; calling the answer takes it off. Raises MasksUnavailable."""


class MseView:
    """A place on a shared stream and the line to its player. Lives on one event loop.

    What is sent: `{"type": "start", codec, rung, stream, reason}`, the initialisation segment, then one fragment for
    each picture from the cached key frame on; the first two again whenever the stream changes. What comes back is
    `{"got": n}`: how many fragments the player has had. `on_ended` is called once, when the player is gone.
    """

    def __init__(
        self,
        feed: ViewFeed,
        choice: Choice,
        follow: Follow,
        on_ended: Callable[["MseView"], None],
        *,
        wants_tracks: bool,
    ) -> None:
        self.id = secrets.token_urlsafe(24)
        self.choice = choice
        self.wants_tracks = wants_tracks
        self.connected = False
        """Whether a player has come for it."""
        self._loop = asyncio.get_running_loop()
        self._feed = feed
        self._route = feed.route
        self._follow = follow
        self._on_ended = on_ended
        self._queue: ViewerQueue[MseFragment] = ViewerQueue(MOST_WAITING)
        self._tracks: deque[str] = deque(maxlen=MOST_TRACKS)
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._opening: MseOpening | None = None
        self._sent = self._got = self._replayed = 0
        self._heard_s = 0.0
        self._told_dropped = 0

    @property
    def is_misrouted(self) -> bool:
        """Whether the camera's masks were set or lifted since the view was opened, so that it has to end."""
        return self._feed.route is not self._route

    @property
    def dropped_count(self) -> int:
        """Pictures that a lagging viewer did not get."""
        return self._queue.dropped_count

    def replay(self, group: Sequence[MseFragment]) -> None:
        """Begins with the cached group of pictures."""
        self._replayed = len(group)
        self._queue.replay(group)
        self._news.set()

    def push(self, unit: MseFragment) -> None:
        """Goes on with a live picture."""
        if not self._closing.is_set():
            self._queue.push(unit)
            self._news.set()

    def send_tracks(self, message: str) -> None:
        """Sends one overlay message, in place of older ones that have not left yet."""
        if self.wants_tracks and self.connected:
            self._tracks.append(message)
            self._news.set()

    async def close(self) -> None:
        """Ends the view: what waits goes nowhere any more. Harmless when called twice."""
        self._closing.set()
        self._queue.clear()

    async def serve(self, line: MediaLine) -> None:
        """Sends until the player is gone or the view is closed; called once."""
        try:
            leave = self._follow(self)
        except MasksUnavailable:
            await self._hang_up(line)
            return
        ends = [asyncio.create_task(work) for work in (self._send(line), self._listen(line), self._closing.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leave()
            self._queue.clear()
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            await self._hang_up(line)

    async def _hang_up(self, line: MediaLine) -> None:
        try:
            await line.close(_ENDED)
        except Exception as error:  # whatever the line died of, the view ends
            log.debug("line was gone before it was closed", exc_info=error)
        self._on_ended(self)

    async def _listen(self, line: MediaLine) -> None:
        """Hears what the player has had, until it goes or says something else."""
        while True:
            word = await line.receive_text()
            with contextlib.suppress(TypeError, ValueError, KeyError):
                self._got = min(self._sent, max(self._got, int(json.loads(word)["got"])))
                self._heard_s = self._loop.time()
            self._news.set()

    async def _send(self, line: MediaLine) -> None:
        while True:
            self._news.clear()
            while self._tracks:
                await line.send_text(f'{{"type":"tracks","tracks":{self._tracks.popleft()}}}')
            while self._queue and self._may_send():
                await self._send_picture(line, self._queue.pop())
            if self._sent > self._got and self._loop.time() - self._heard_s > SILENT_S:
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SILENT_S):
                    await self._news.wait()

    def _may_send(self) -> bool:
        """The cached group of pictures goes out whole."""
        return self._sent - self._got < MOST_UNTOLD + max(0, self._replayed - self._got)

    async def _send_picture(self, line: MediaLine, picture: MseFragment) -> None:
        if self._queue.dropped_count > self._told_dropped and self._opening is not None:
            await line.send_text(_message(type="skipped", pictures=self._queue.dropped_count - self._told_dropped))
        self._told_dropped = self._queue.dropped_count
        if picture.opening is not self._opening:
            self._opening = picture.opening
            await line.send_text(
                _message(
                    type="start",
                    codec=picture.opening.codec,
                    rung=self.choice.rung,
                    stream=self.choice.role,
                    reason=self.choice.reason,
                )
            )
            await line.send_bytes(picture.opening.data)
        if self._sent == self._got:
            self._heard_s = self._loop.time()  # from now on there is something to be acknowledged
        await line.send_bytes(picture.data)
        self._sent += 1


def _message(**fields: Any) -> str:
    return json.dumps(fields, separators=(",", ":"))
