"""One view's way through the network, begun anew as often as the browser asks (ICE restart, RFC 8445 clause 9).

aiortc knows no restart: DTLS, RTP and data channel keep the connection object that they were given. So each restart
makes another connection with credentials and sockets of its own; once it has found a way, the first object sends and
receives by it, and the sockets of before are closed. Until then, and if it finds none, the way of before goes on.

Of aioice 0.13 is used beyond its published interface:

=========================================  ==========================================================================
`Connection._nominated`                    the pair that is sent by, handed to the first connection
`Connection._protocols`                    the sockets of the way before, which nobody needs any more
`Connection._query_consent_task`           asks for consent by the way before, with credentials that hold no longer
=========================================  ==========================================================================

`tests/vms_api/live/test_ice_restart.py` restarts a view and watches on; another version answers a restart with 422.
"""

import asyncio
from collections.abc import Coroutine, Iterable
from importlib.metadata import version

import structlog
from aioice import ice
from aiortc import RTCIceCandidate
from aiortc.rtcicetransport import candidate_to_aioice

log = structlog.get_logger()

KNOWN_VERSION = "0.13."
RESTART_S = 15.0
"""A restart that has found no way by then is given up; the way of before is not touched."""
_COMPONENT = 1


def can_restart() -> bool:
    """Whether the installed aioice is one that was looked into."""
    return version("aioice").startswith(KNOWN_VERSION)


class _Another(ice.Connection):
    """Finds a way; what comes in by it is the first connection's."""

    def __init__(self, first: ice.Connection) -> None:
        super().__init__(ice_controlling=False)
        self._first = first

    def data_received(self, data: bytes, component: int) -> None:
        self._first.data_received(data, component)


class IceSession:
    """The connection that aiortc knows, and the one that took its place. Lives on one event loop."""

    def __init__(self, first: ice.Connection) -> None:
        self._first = first
        self._present = first
        self._next: _Another | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_first(self) -> bool:
        """Whether nothing has been restarted yet."""
        return self._next is None and self._present is self._first

    async def restart(self, user: str, password: str, candidates: Iterable[RTCIceCandidate]) -> str:
        """Begins anew towards the browser's new credentials; the lines of SDP that tell it ours, with all candidates.

        Returns at once: whether a way is found shows later.

        Raises:
            ValueError: these cannot be credentials.

        """
        ice.validate_username(user)
        ice.validate_password(password)
        if self._next is not None:
            await self._next.close()
        self._next = another = _Another(self._first)
        another.remote_username, another.remote_password = user, password
        await another.gather_candidates()
        for candidate in candidates:
            await another.add_remote_candidate(candidate_to_aioice(candidate))
        self._do(self._connect(another))
        return _described(another)

    async def add_candidate(self, candidate: RTCIceCandidate) -> None:
        """One more address of the browser, for the newest restart."""
        newest = self._next or self._present
        await newest.add_remote_candidate(candidate_to_aioice(candidate))

    async def close(self) -> None:
        """Closes what a restart has opened; the first connection is aiortc's to close."""
        for connection in {self._next, self._present} - {self._first, None}:
            if connection is not None:
                await connection.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, another: _Another) -> None:
        try:
            async with asyncio.timeout(RESTART_S):
                await another.connect()
        except (ConnectionError, TimeoutError):
            log.info("view found no other way", reason="ICE restart has failed")
            await another.close()
            self._next = None if self._next is another else self._next
            return
        if self._next is another:
            await self._take(another)

    async def _take(self, another: _Another) -> None:
        before, self._present, self._next = self._present, another, None
        self._first._nominated[_COMPONENT] = another._nominated[_COMPONENT]  # noqa: SLF001
        self._do(self._watch(another))
        if before is self._first:
            await self._hush_first()
        else:
            await before.close()
        log.info("view goes another way")

    async def _hush_first(self) -> None:
        consent = self._first._query_consent_task  # noqa: SLF001
        if consent is not None:
            consent.cancel()
        sockets, self._first._protocols = self._first._protocols, []  # noqa: SLF001
        for socket in sockets:
            await socket.close()

    async def _watch(self, another: _Another) -> None:
        """The browser's consent to what we send has ended (RFC 7675): so has the view."""
        await another.get_event()
        if self._present is another:
            await self._first.close()

    def _do(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _described(connection: ice.Connection) -> str:
    lines = [f"a=ice-ufrag:{connection.local_username}", f"a=ice-pwd:{connection.local_password}"]
    lines += [f"a=candidate:{candidate.to_sdp()}" for candidate in connection.local_candidates]
    return "".join(f"{line}\r\n" for line in [*lines, "a=end-of-candidates"])
