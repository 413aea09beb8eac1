"""Virtual cameras that go wrong, a fleet with short time-outs that watches them, and notes of what it said."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import pytest

from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole, Transport
from ingest.clock import SystemClock
from ingest.fleet import CameraFleet
from ingest.frame import Frame
from ingest.health import CameraHealth, StreamHealth
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS
from ingest.packet import Packet
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene

SETTINGS = IngestSettings(
    allow_loopback=True,
    open_timeout_s=1.0,
    read_timeout_s=3.0,
    silence_s=0.5,
    hang_s=8.0,
    keyframe_timeout_s=1.5,
    frozen_s=2.0,
    backoff_min_s=0.2,
    backoff_max_s=0.8,
    refused_retry_min_s=0.5,
    refused_retry_max_s=0.8,
    start_spread_s=0,
)
SCENE = Scene(width=320, height=180, frame_rate=10, duration_s=7.0, gop_s=0.5)


def eventually(condition: Callable[[], bool], within_s: float = 15.0) -> None:
    """Waits for other threads to bring something about."""
    due = monotonic() + within_s
    while not condition():
        assert monotonic() < due, "it did not come about in time"
        sleep(0.02)


@dataclass
class Diary:
    """What became of one camera: its states with their faults, its packets' epochs and times, its frames' epochs."""

    changes: list[StreamHealth] = field(default_factory=list)
    packets: list[tuple[float, Packet]] = field(default_factory=list)
    frames: list[tuple[float, Frame]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def states(self) -> list[StreamState]:
        """Its states in order, without repetitions."""
        with self.lock:
            states = [change.state for change in self.changes]
        return [state for index, state in enumerate(states) if index == 0 or states[index - 1] is not state]

    def codes(self) -> set[str]:
        """The codes of all faults it had."""
        with self.lock:
            return {change.fault.code for change in self.changes if change.fault}

    def epochs(self) -> list[int]:
        """The epochs of its packets, each once."""
        return list(dict.fromkeys(packet.epoch for _, packet in tuple(self.packets)))

    def latest_packet_s(self) -> float:
        """Monotonic time of the last packet."""
        return self.packets[-1][0] if self.packets else 0.0

    def latest_frame_s(self) -> float:
        """Monotonic time of the last frame handed to analysis."""
        return self.frames[-1][0] if self.frames else 0.0


class Watch:
    """A fleet over some addresses, for as long as the block lasts."""

    def __init__(self, addresses: dict[str, str], transport: Transport = Transport.TCP) -> None:
        self._cameras = [camera_at(name, address, transport) for name, address in addresses.items()]
        self.diaries = {name: Diary() for name in addresses}
        opener = RtspOpener(SETTINGS, SystemClock())
        self.fleet = CameraFleet(opener, AV_CODECS, SETTINGS, SystemClock(), self._note_frame, self._note_change)

    def __enter__(self) -> Self:
        self.fleet.apply(self._cameras)
        for name, diary in self.diaries.items():
            feed = self.fleet.viewable(CameraId(name), StreamRole.MAIN)
            feed.subscribe(lambda packet, diary=diary: diary.packets.append((monotonic(), packet)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.fleet.close()

    def health(self, name: str) -> StreamHealth:
        """The camera's only stream now."""
        return next(health.streams[0] for health in self.fleet.health() if health.camera_id == name)

    def is_live(self, names: Iterable[str]) -> bool:
        """Whether all of them are, with a packet of the last second."""
        now_s = monotonic()
        return all(
            self.health(name).state is StreamState.LIVE and now_s - self.diaries[name].latest_packet_s() < 1.0
            for name in names
        )

    def _note_change(self, health: CameraHealth) -> None:
        if health.streams:
            diary = self.diaries[health.camera_id]
            with diary.lock:
                diary.changes.append(health.streams[0])

    def _note_frame(self, frame: Frame) -> None:
        self.diaries[frame.camera_id].frames.append((monotonic(), frame))


def camera_at(name: str, address: str, transport: Transport = Transport.TCP) -> Camera:
    """A camera with one stream and no masks."""
    return Camera(CameraId(name), name, (StreamProfile(StreamRole.MAIN, address, transport),), masks=NO_MASKS)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """What the cameras show: seven seconds of a village scene, a key frame twice a second."""
    return ClipCache(tmp_path_factory.mktemp("clips")).play_scene(SCENE)
