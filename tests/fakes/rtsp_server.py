"""Somebody else's RTSP server (aio-rtsp-toolkit) on a thread of its own."""

import asyncio
from pathlib import Path
from threading import Event, Thread
from typing import Self

from aio_rtsp_toolkit.server import RtspServer


class RtspServerThread:
    """Serves the clips of a folder on a port of the loopback interface (0: any free one)."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._ready = Event()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._port = port
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the RTSP server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    @property
    def address(self) -> str:
        """The server's address; a clip's path is its file name."""
        return f"rtsp://127.0.0.1:{self._port}"

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = RtspServer(str(self._folder), host="127.0.0.1", port=self._port)
        await server.start()
        assert server._server is not None
        self._port = server._server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        await self._end_tasks()
        await server.close()
        await self._end_tasks()

    @staticmethod
    async def _end_tasks() -> None:
        """The toolkit's own tasks start others while they end: none may be left when the loop is closed."""
        for _ in range(10):
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if not others:
                return
            for task in others:
                task.cancel()
            await asyncio.wait(others, timeout=1.0)
