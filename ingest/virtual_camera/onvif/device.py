"""The state of one virtual device: who it is, what time it has, where it points, who listens to its events."""

import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingest.camera import StreamRole
from ingest.clock import Clock
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.soap import SoapFault

MAX_QUEUED = 256
_FACTORY_PRESETS = 300
_NAMES = uuid.UUID("7d3a1f5c-2f0e-4d55-9d0e-6a3c0f1b8a42")


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """One notification: topic, source and data as names with values."""

    topic: str
    source: tuple[str, str]
    data: tuple[str, str]
    at: datetime
    operation: str = "Changed"


@dataclass(slots=True)
class PullPoint:
    """One client's queue of events, until it ends."""

    id: int
    ends_at: datetime
    queue: deque[DeviceEvent] = field(default_factory=lambda: deque(maxlen=MAX_QUEUED))


@dataclass(slots=True)
class Movement:
    """Where the camera points (pan, tilt from -1 to 1, zoom from 0 to 1) and how it moves until `ends_s`."""

    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    speed: tuple[float, float, float] = (0.0, 0.0, 0.0)
    since_s: float = 0.0
    ends_s: float = 0.0

    def at(self, now_s: float) -> tuple[float, float, float]:
        """The position at a moment of monotonic time; full speed crosses half the range in a second."""
        moved = max(0.0, min(now_s, self.ends_s) - self.since_s)
        pan, tilt, zoom = (place + pace * moved for place, pace in zip(self.position, self.speed, strict=True))
        return _within(pan, -1.0), _within(tilt, -1.0), _within(zoom, 0.0)

    def is_moving(self, now_s: float) -> bool:
        """Whether it still moves."""
        return any(self.speed) and now_s < self.ends_s


class VirtualDevice:
    """One camera as ONVIF sees it. `stops`, `reboots`, `key_frames` count the requests for them that came."""

    def __init__(self, camera: VirtualCamera, rtsp_port: int, manners: Manners, clock: Clock) -> None:
        self.camera = camera
        self.rtsp_port = rtsp_port
        self.http_port = 0
        self.manners = manners
        self.clock = clock
        self.id = uuid.uuid5(_NAMES, camera.name)
        self.movement = Movement()
        self.stops = 0
        self.reboots = 0
        self.key_frames = 0
        self.presets: dict[str, tuple[str, tuple[float, float, float]]] = {}
        self.home = (0.0, 0.0, 0.0)
        self.relay_is_active = False
        self.pull_points: dict[int, PullPoint] = {}
        self._adjusted_s = manners.clock_offset_s
        self._next_pull_point = 1
        if self.has(Quirk.MANY_PRESETS):
            self.presets = {str(n): (f"%E9%A2%84%E7%BD%AE{n}", (0.0, 0.0, 0.0)) for n in range(1, _FACTORY_PRESETS + 1)}

    def has(self, quirk: Quirk) -> bool:
        """Whether a quirk is switched on."""
        return self.manners.has(quirk)

    def now(self) -> datetime:
        """The device's own time, UTC."""
        if self.has(Quirk.CLOCK_1970):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.clock.monotonic_s() % 3600)
        return self.clock.now() + timedelta(seconds=self._adjusted_s)

    def set_time(self, at: datetime) -> None:
        """Sets the device's clock."""
        self._adjusted_s = (at - self.clock.now()).total_seconds()

    @property
    def roles(self) -> tuple[StreamRole, ...]:
        """The streams it offers, the main stream first."""
        is_single = self.has(Quirk.NO_SUB) or self.camera.sub is None
        return (StreamRole.MAIN,) if is_single else (StreamRole.MAIN, StreamRole.SUB)

    def point(self) -> tuple[float, float, float]:
        """Where it points now."""
        return self.movement.at(self.clock.monotonic_s())

    def move(self, speed: tuple[float, float, float], seconds: float) -> None:
        """Begins to move, for at most so long."""
        now_s = self.clock.monotonic_s()
        self.movement = Movement(self.movement.at(now_s), speed, now_s, now_s + seconds)

    def go_to(self, position: tuple[float, float, float]) -> None:
        """Is there at once."""
        self.movement = Movement(position)

    def stop(self) -> None:
        """Stops, unless this Stop is the one that gets lost."""
        self.stops += 1
        if self.has(Quirk.STOP_LOST) and self.stops == 1:
            return
        self.movement = Movement(self.point())

    def subscribe(self, seconds: float) -> PullPoint:
        """A new pull point.

        Raises:
            SoapFault: all slots are taken.

        """
        self._forget_ended()
        if len(self.pull_points) >= self.manners.slots:
            raise SoapFault("ter:MaxSubscriptions", "no pull point is free", is_receiver=True)
        point = PullPoint(self._next_pull_point, self.clock.now() + timedelta(seconds=seconds))
        self._next_pull_point += 1
        self.pull_points[point.id] = point
        return point

    def pull_point(self, number: int) -> PullPoint:
        """A pull point that has not ended.

        Raises:
            SoapFault: there is none with that number.

        """
        self._forget_ended()
        if number not in self.pull_points:
            raise SoapFault("ter:InvalidArgVal", "no such subscription")
        return self.pull_points[number]

    def raise_event(self, topic: str, source: tuple[str, str], data: tuple[str, str]) -> None:
        """Tells everybody who listens."""
        for point in self.pull_points.values():
            point.queue.append(DeviceEvent(topic, source, data, self.now()))

    def switch_relay(self, *, is_active: bool) -> None:
        """Switches the relay, and tells everybody who listens."""
        self.relay_is_active = is_active
        state = ("LogicalState", "true" if is_active else "false")
        self.raise_event("tns1:Device/Trigger/Relay", ("RelayToken", "relay-1"), state)

    def reboot(self) -> None:
        """Starts anew: whoever listened is forgotten."""
        self.reboots += 1
        self.pull_points.clear()

    def _forget_ended(self) -> None:
        now = self.clock.now()
        self.pull_points = {number: point for number, point in self.pull_points.items() if point.ends_at > now}


def _within(value: float, lowest: float) -> float:
    return max(lowest, min(1.0, value))
