"""reconnect: how soon a camera that comes back is heard again, and what its failing costs the others."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Self

from benchmarks.report import Figure, Report, percentile, silence
from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.fleet import CameraFleet
from ingest.health import CameraHealth
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS
from ingest.packet import Packet
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.thread import VirtualCameraThread

FAULTS = 50
FIRST_AT_S, SHORTEST_S, LONGEST_S, RUN_S = 4.0, 2.0, 6.0, 28.0
_DEAF_S = 8.0
"""A black hole lasts so much longer: shorter ones cost no connection."""
RECONNECT_LIMIT_S = 10.0

HERD, HERD_LIMIT_S, HERD_PATIENCE_S = 200, 10.0, 20.0

NEIGHBOURS = 15
WARM_UP_S, WINDOW_S = 5.0, 2.2
FPS_LIMIT_PERCENT = 2.0
WAYS = (
    FaultKind.RESET,
    FaultKind.DROP,
    FaultKind.RESTART,
    FaultKind.BLACK_HOLE,
    FaultKind.SILENT,
    FaultKind.CORRUPT,
    FaultKind.TRUNCATE,
    FaultKind.LOSS,
    FaultKind.GARBAGE,
    FaultKind.TIMESTAMPS,
    FaultKind.SSRC,
    FaultKind.LONG_SDP,
)
_HARSH = {FaultKind.CORRUPT: 1e-3, FaultKind.TRUNCATE: 0.3, FaultKind.LOSS: 0.1, FaultKind.TIMESTAMPS: -3600.0}


@dataclass
class Log:
    """When packets of a camera came, and when it was to be dialled again, monotonic."""

    packets_s: list[float] = field(default_factory=list)
    retries_s: list[float] = field(default_factory=list)

    def note(self, packet: Packet) -> None:
        """A packet came."""
        self.packets_s.append(packet.received_monotonic_s)


class Watch:
    """A fleet with the settings of a site over virtual cameras, and its logs."""

    def __init__(self, server: VirtualCameraThread, names: Sequence[str]) -> None:
        settings, clock = IngestSettings(allow_loopback=True), SystemClock()
        self.logs: Mapping[str, Log] = {name: Log() for name in names}
        self._cameras = [_camera(name, server.url(name)) for name in names]
        opener = RtspOpener(settings, clock)
        self.fleet = CameraFleet(opener, AV_CODECS, settings, clock, silence, self._note_change)

    def __enter__(self) -> Self:
        self.fleet.apply(self._cameras)
        for name, log in self.logs.items():
            self.fleet.viewable(CameraId(name), StreamRole.MAIN).subscribe(log.note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.fleet.close()

    def _note_change(self, health: CameraHealth) -> None:
        if health.state is StreamState.OPENING:
            self.logs[health.camera_id].retries_s.append(time.monotonic())


def measure() -> Report:
    """Fifty cameras that fail once each, then sixteen of which one fails in every way."""
    cache = ClipCache(default_cache_folder())
    small = cache.play_scene(Scene(width=320, height=180, frame_rate=10, gop_s=1.0))
    herd_s = _herd(small)
    totals, dialled = _reconnects(small)
    changes = _neighbours(cache.play_scene(Scene(width=640, height=360, frame_rate=25, gop_s=2.0)))
    worst = max(changes, key=lambda kind: abs(changes[kind]))
    return Report(
        "reconnect",
        [
            Figure("camera back to packets, p95", percentile(totals, 0.95), "s", RECONNECT_LIMIT_S),
            Figure("camera back to packets, p50", percentile(totals, 0.5), "s"),
            Figure("of which dialling, back-off apart, p95", percentile(dialled, 0.95), "s"),
            Figure(f"{HERD} cameras dialled together, until packets of the last", herd_s, "s", HERD_LIMIT_S),
            Figure("faults after which packets came", float(len(totals)), f"of {FAULTS}"),
            Figure("worst change of 15 neighbours' fps", abs(changes[worst]), "%", FPS_LIMIT_PERCENT),
            *(Figure(f"neighbours' fps, {kind}", change, "%") for kind, change in changes.items()),
        ],
        [
            f"{FAULTS} cameras fail once: drop, reset, restart {SHORTEST_S:g} to {LONGEST_S:g} s, black hole 8 s more",
            "settings of a site: after failures a camera is dialled at about 1, 2, 4 s, up to 30 s, with jitter",
            f"the neighbours' pictures of {WINDOW_S:g} s with a fault beside those of the seconds before the first",
            f"virtual cameras and fleet share {os.cpu_count()} cores",
        ],
    )


def _herd(clip: Clip) -> float:
    """Seconds until all of many cameras are heard that are there from one moment on; NaN if some never are."""
    cameras = [VirtualCamera(f"camera-{number}", clip) for number in range(HERD)]
    with VirtualCameraThread(cameras) as server:
        begun_s = time.monotonic()
        with Watch(server, [camera.name for camera in cameras]) as watch:
            while time.monotonic() - begun_s < HERD_PATIENCE_S:
                if all(log.packets_s for log in watch.logs.values()):
                    return time.monotonic() - begun_s
                time.sleep(0.02)
    return float("nan")


def _reconnects(clip: Clip) -> tuple[list[float], list[float]]:
    """Seconds from a camera's return to its packets, and from the last dialling to them, for each fault."""
    chance = Random(5)
    kinds = (FaultKind.DROP, FaultKind.RESET, FaultKind.RESTART, FaultKind.BLACK_HOLE)
    faults: dict[str, Fault] = {}
    for number in range(FAULTS):
        kind, at_s = kinds[number % 4], FIRST_AT_S + chance.uniform(0, 3)
        length_s = chance.uniform(SHORTEST_S, LONGEST_S) + (_DEAF_S if kind is FaultKind.BLACK_HOLE else 0.0)
        faults[f"camera-{number}"] = Fault(at_s, kind, length_s)
    cameras = [VirtualCamera(name, clip, faults=ScheduledFaults([fault])) for name, fault in faults.items()]
    with VirtualCameraThread(cameras) as server, Watch(server, list(faults)) as watch:
        time.sleep(RUN_S)
        totals, dialled = [], []
        for name, fault in faults.items():
            back_s = server.started_s + fault.at_s + fault.duration_s
            heard_s = next((at_s for at_s in watch.logs[name].packets_s if at_s >= back_s), None)
            if heard_s is not None:
                totals.append(heard_s - back_s)
                latest_s = max(at_s for at_s in watch.logs[name].retries_s if at_s <= heard_s)
                dialled.append(heard_s - max(back_s, latest_s))
    return totals, dialled


def _neighbours(clip: Clip) -> dict[FaultKind, float]:
    """By how many percent the neighbours' frame rate differs while one camera fails, for each way."""
    starts = {kind: WARM_UP_S + WINDOW_S * (index + 1) for index, kind in enumerate(WAYS)}
    faults = [Fault(at_s, kind, WINDOW_S, _HARSH.get(kind), seed=3) for kind, at_s in starts.items()]
    names = [f"neighbour-{number}" for number in range(NEIGHBOURS)]
    cameras = [VirtualCamera(name, clip, start_s=index / NEIGHBOURS) for index, name in enumerate(names)]
    failing = VirtualCamera("failing", clip, faults=ScheduledFaults(faults))
    with VirtualCameraThread([*cameras, failing]) as server, Watch(server, [*names, "failing"]) as watch:
        time.sleep(WARM_UP_S + WINDOW_S * (len(WAYS) + 1))
        packets = sorted(at_s - server.started_s for name in names for at_s in watch.logs[name].packets_s)

    def count(begin_s: float) -> int:
        return sum(begin_s <= at_s < begin_s + WINDOW_S for at_s in packets)

    usual = count(WARM_UP_S)
    return {kind: 100 * (count(at_s) / usual - 1) for kind, at_s in starts.items()}


def _camera(name: str, address: str) -> Camera:
    profile = StreamProfile(StreamRole.MAIN, address)
    return Camera(CameraId(name), name, (profile,), analysed=False, masks=NO_MASKS)
