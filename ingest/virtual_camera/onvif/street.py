"""Virtual cameras that can be found: each a device with an address of its own, on a thread of their own."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.onvif.quirks import Manners
from ingest.virtual_camera.onvif.responder import DISCOVERY_PORT, DiscoveryResponder
from ingest.virtual_camera.onvif.server import OnvifServer
from ingest.virtual_camera.server import VirtualCameraServer


@dataclass(frozen=True, slots=True)
class House:
    """A camera at an address of this machine, such as 127.0.0.9: Linux lets all of 127.0.0.0/8 be bound."""

    host: str
    camera: VirtualCamera
    manners: Manners = field(default_factory=Manners)


class VirtualStreet:
    """Serves RTSP, ONVIF and discovery of houses while the `with` block lasts. `devices` are known inside of it."""

    def __init__(self, houses: Iterable[House], discovery_port: int = DISCOVERY_PORT) -> None:
        self._houses = tuple(houses)
        self._discovery_port = discovery_port
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="virtual-street", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._ended: asyncio.Event
        self.devices: dict[str, OnvifServer] = {}

    def __enter__(self) -> Self:
        """Starts; returns when every camera can be found.

        Raises:
            OSError: an address cannot be bound.

        """
        self._thread.start()
        self._opened.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Cuts all clients; returns when the thread has ended."""
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        async with AsyncExitStack() as stack:
            try:
                for house in self._houses:
                    await self._open(stack, house)
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits, or it waits for ever
                self._opened.set_exception(error)
                return
            self._opened.set_result(None)
            await self._ended.wait()

    async def _open(self, stack: AsyncExitStack, house: House) -> None:
        rtsp = VirtualCameraServer(house.host, 0, [house.camera])
        port = await rtsp.start()
        stack.push_async_callback(rtsp.close)
        device = OnvifServer(house.camera, port, house.manners, address=(house.host, 0))
        await device.start()
        stack.push_async_callback(device.close)
        responder = DiscoveryResponder([device.presence])
        await responder.open(house.host, self._discovery_port)
        stack.callback(responder.close)
        self.devices[house.camera.name] = device
