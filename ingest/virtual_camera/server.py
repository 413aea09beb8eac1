"""The RTSP server: several cameras on one port, each at its own path."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from random import SystemRandom
from urllib.parse import unquote, urlsplit

import structlog

from ingest.camera import StreamRole
from ingest.clock import Clock, SystemClock
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.connection import RtspConnection
from ingest.virtual_camera.conversation import SESSION_TIMEOUT_S, Target
from ingest.virtual_camera.digest import DigestGate
from ingest.virtual_camera.live_stream import LiveStream, Script
from ingest.virtual_camera.sdp import SOUND_TRACK, TRACK
from ingest.virtual_camera.udp import UdpPorts

MAX_CONNECTIONS = 512

_REALM = "Xueliang virtual camera"
_LOOK_ROUND_S = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """Counts of one moment; `dropped_viewers` (too slow) and `skipped_units` (the server was late) since the start."""

    connections: int
    viewers: int
    dropped_viewers: int
    skipped_units: int


class VirtualCameraServer:
    """Serves virtual cameras on one TCP port (0: the system chooses) and one pair of UDP ports."""

    def __init__(self, host: str, port: int, cameras: Iterable[VirtualCamera], clock: Clock | None = None) -> None:
        self.cameras = tuple(cameras)
        names = [camera.name for camera in self.cameras]
        if len(set(names)) < len(names):
            raise ValueError("two cameras have the same name")
        self.clock: Clock = clock or SystemClock()
        self.gate = DigestGate(_REALM, self.clock.monotonic_s)
        self.udp = UdpPorts()
        self.started_s = 0.0
        self._address = host, port
        self._targets: dict[tuple[str, str], Target] = {}
        self._connections: set[RtspConnection] = set()
        self._deserted = asyncio.Event()
        self._deserted.set()
        self._server: asyncio.Server
        self._watch: asyncio.Task[None]

    async def start(self) -> int:
        """Begins to serve; returns the TCP port. The cameras' timelines and fault scripts start now.

        Raises:
            OSError: the address cannot be bound.

        """
        self.started_s = self.clock.monotonic_s()
        self._targets = dict(self._open_streams())
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: RtspConnection(self), *self._address)
        try:
            await self.udp.open(self._address[0])
        except OSError:
            self._server.close()
            raise
        self._watch = loop.create_task(self._look_round())
        port = int(self._server.sockets[0].getsockname()[1])
        _log.info("virtual cameras started", port=port, cameras=len(self.cameras))
        return port

    async def close(self) -> None:
        """Cuts all clients and frees the ports."""
        self._watch.cancel()
        self._server.close()
        for connection in tuple(self._connections):
            connection.cut()
        self.udp.close()
        await self._server.wait_closed()
        await self._deserted.wait()

    def find(self, uri: str) -> Target | None:
        """The stream that an address names, with or without its track; None for nothing."""
        try:
            address = urlsplit(uri)
        except ValueError:
            return None
        if address.scheme != "rtsp" or not address.netloc:
            return None
        path = address.path.rstrip("/")
        _, *parts = path.removesuffix(f"/{TRACK}").removesuffix(f"/{SOUND_TRACK}").split("/")
        match parts:
            case [name, role]:
                target = self._targets.get((unquote(name), role))
                is_lost = target is not None and target.sound is None and path.endswith(f"/{SOUND_TRACK}")
                return None if is_lost else target
        return None

    def elapsed_s(self) -> float:
        """Seconds since the start: the time of the fault scripts."""
        return self.clock.monotonic_s() - self.started_s

    def admit(self, connection: RtspConnection) -> bool:
        """Counts a connection in; False when there are too many."""
        self._connections.add(connection)
        self._deserted.clear()
        return len(self._connections) <= MAX_CONNECTIONS

    def forget(self, connection: RtspConnection) -> None:
        """Counts a connection out."""
        self._connections.discard(connection)
        if not self._connections:
            self._deserted.set()

    def cut_silent_clients(self) -> None:
        """Ends the connections whose session has timed out; called every few seconds."""
        for connection in tuple(self._connections):
            if connection.silent_s() > SESSION_TIMEOUT_S + _LOOK_ROUND_S:
                connection.cut()

    def statistics(self) -> ServerStatistics:
        """What goes on now."""
        streams = {target.stream for target in self._targets.values()}
        return ServerStatistics(
            connections=len(self._connections),
            viewers=sum(stream.viewer_count for stream in streams),
            dropped_viewers=sum(stream.dropped_viewers for stream in streams),
            skipped_units=sum(stream.skipped_units for stream in streams),
        )

    def _open_streams(self) -> Iterable[tuple[tuple[str, str], Target]]:
        rng = SystemRandom()
        for camera in self.cameras:
            script = Script(camera.faults, self.started_s, camera.start_s, camera.stand_ins)
            for role in StreamRole:
                stream = LiveStream(camera.clip(role), script, self.clock, rng)
                heard = camera.sound if role is StreamRole.MAIN else None
                sound = LiveStream(heard, script, self.clock, rng) if heard else None
                yield (camera.name, str(role)), Target(camera, role, stream, sound, camera.path(role))

    async def _look_round(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_ROUND_S)
            self.cut_silent_clients()
