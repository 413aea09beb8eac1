"""A virtual camera server on a thread of its own, for programs that are not asynchronous."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from ingest.camera import StreamRole
from ingest.clock import Clock
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.server import ServerStatistics, VirtualCameraServer


class VirtualCameraThread:
    """Runs a server while the `with` block lasts. `port` is known inside of it."""

    def __init__(
        self,
        cameras: Iterable[VirtualCamera],
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._server = VirtualCameraServer(host, port, cameras, clock)
        self._bound: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="virtual-camera", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event

    def __enter__(self) -> Self:
        """Starts; returns when the server can be dialled.

        Raises:
            OSError: the address cannot be bound.

        """
        self._thread.start()
        self.port = self._bound.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Cuts all clients; returns when the thread has ended."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def url(self, name: str, stream: StreamRole | str = StreamRole.MAIN) -> str:
        """The address of a stream, without credentials.

        Raises:
            KeyError: no camera has that name.

        """
        camera = {camera.name: camera for camera in self._server.cameras}[name]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"rtsp://{host}:{self.port}{camera.path(StreamRole(stream))}"

    @property
    def started_s(self) -> float:
        """When the timelines and fault scripts began, in seconds of the clock's monotonic time."""
        return self._server.started_s

    def statistics(self) -> ServerStatistics:
        """What goes on now."""
        return asyncio.run_coroutine_threadsafe(self._read_statistics(), self._loop).result()

    async def _read_statistics(self) -> ServerStatistics:
        return self._server.statistics()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        try:
            port = await self._server.start()
        except Exception as error:  # noqa: BLE001 - handed to the thread that waits for the port, or it waits for ever
            self._bound.set_exception(error)
            return
        self._bound.set_result(port)
        await self._ended.wait()
        await self._server.close()
