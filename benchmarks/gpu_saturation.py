"""How many streams a node keeps up with, found by raising their number, and what was full when it no longer did."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from analytics.detection import Detections, Outcome
from analytics.detector import Detector, ModelInfo
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from benchmarks.peers.contest import Showing, Stage, cameras
from benchmarks.peers.usage import Usage, cpu_s
from benchmarks.report import percentile, silence
from ingest.av_gpu_decoder import codecs_for
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.fleet import CameraFleet
from ingest.frame import Frame
from ingest.mask import NO_MASKS
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings

BATCH = 32
WARM_UP_S = 8.0
FULL = 0.9
"""Share of a part's time at which it counts as full."""
_FPS = 5.0
_KEPT_FPS = 4.5
_LATE_S = 0.75
_BISECTIONS = 3
_JUDGED = (Outcome.ANALYSED, Outcome.GATED)


@dataclass(frozen=True, slots=True)
class Occupation:
    """Shares of the time in which parts were busy: the GPU's decoder and cores, our processes, our inference thread.

    `stage` is that of the process which plays the cameras. NaN where it cannot be told.
    """

    nvdec: float
    cores: float
    processor: float
    thread: float
    stage: float


@dataclass(frozen=True, slots=True)
class Trial:
    """So many streams: judged frames a second of the slowest, their age, how full batches were, and who decoded."""

    count: int
    slowest_fps: float
    age_p99_s: float
    batch_fill: float
    on_gpu: int
    occupation: Occupation

    @property
    def kept_up(self) -> bool:
        """Whether every camera was looked at as often as it should be, in time."""
        return self.slowest_fps >= _KEPT_FPS and self.age_p99_s <= _LATE_S


def first_full(told: Occupation) -> str:
    """What hinders more streams. Where nothing is full it is Python: threads that wait for each other."""
    if told.stage >= FULL:
        return "the cameras' own process: the node was not at its end"
    for share, name in ((told.nvdec, "NVDEC"), (told.cores, "SM"), (told.processor, "CPU"), (told.thread, "inference")):
        if share >= FULL:
            return name
    return "Python"


def find_most(attempt: Callable[[int], Trial], first: int, most: int) -> tuple[Trial | None, Trial | None]:
    """The largest trial that kept up and the smallest that did not, by doubling and then halving the gap."""
    kept: Trial | None = None
    failed: Trial | None = None
    count = first
    while failed is None and count <= most:
        trial = attempt(count)
        kept, failed = (trial, None) if trial.kept_up else (kept, trial)
        count *= 2
    for _ in range(_BISECTIONS if failed is not None else 0):
        low, high = kept.count if kept is not None else 0, failed.count if failed is not None else 0
        if high - low < max(2, high // 20):
            break
        trial = attempt((low + high) // 2)
        kept, failed = (trial, failed) if trial.kept_up else (kept, trial)
    return kept, failed


@dataclass(slots=True)
class _Counted:
    """A detector that counts its batches."""

    detector: Detector
    pictures: int = 0
    batches: int = 0
    busy_s: float = 0.0

    @property
    def model(self) -> ModelInfo:
        """That of the detector."""
        return self.detector.model

    def detect(self, frames: Sequence[Frame]) -> Sequence[Detections]:
        """As the detector."""
        began_s = time.thread_time()
        found = self.detector.detect(frames)
        self.busy_s += time.thread_time() - began_s
        self.pictures, self.batches = self.pictures + len(frames), self.batches + 1
        return found

    def close(self) -> None:
        """As the detector."""
        self.detector.close()


@dataclass(slots=True)
class Node:
    """Fleet and pipeline as a media node runs them, decoding on the GPU where that takes the streams."""

    open_detector: Callable[[], Detector]
    clip: Path
    loop_s: float
    seconds: float
    _ages_s: list[float] = field(default_factory=list)

    def attempt(self, count: int) -> Trial:
        """So many cameras that show the clip, each from another moment on."""
        with cameras([Showing(self.clip, self.loop_s * number / count) for number in range(count)]) as stage:
            return self._measured(stage, count)

    def _measured(self, stage: Stage, count: int) -> Trial:
        settings, clock = IngestSettings(allow_loopback=True, gpu_decoding=True, gpu_memory_mib=1 << 16), SystemClock()
        counted = _Counted(self.open_detector())
        analytics = AnalyticsSettings(batch_size=BATCH)
        pipeline = AnalysisPipeline(counted, analytics, clock, silence, self._hear)
        fleet = CameraFleet(RtspOpener(settings, clock), codecs_for(settings), settings, clock, pipeline.offer, silence)
        names = [CameraId(str(number)) for number in range(count)]
        pipeline.apply([CameraPlan(name) for name in names])
        pipeline.start()
        profiles = [(StreamProfile(StreamRole.MAIN, url),) for url in stage.urls]
        fleet.apply([Camera(n, n, profile, masks=NO_MASKS) for n, profile in zip(names, profiles, strict=True)])
        try:
            time.sleep(WARM_UP_S)
            return self._trial(stage, pipeline, fleet, counted, names)
        finally:
            fleet.close()
            pipeline.close()

    def _trial(
        self,
        stage: Stage,
        pipeline: AnalysisPipeline,
        fleet: CameraFleet,
        counted: _Counted,
        names: Sequence[CameraId],
    ) -> Trial:
        self._ages_s.clear()
        counted.pictures, counted.batches, counted.busy_s = 0, 0, 0.0
        before, usage, staged_s = _judged(pipeline, names), Usage((os.getpid(),)), cpu_s(stage.pid)
        began_s = time.monotonic()
        with _watched_gpu() as readings:
            time.sleep(self.seconds)
        elapsed_s = time.monotonic() - began_s
        after, staged_s = _judged(pipeline, names), cpu_s(stage.pid) - staged_s
        streams = [stream for health in fleet.health() for stream in health.streams]
        return Trial(
            len(names),
            min(late - early for early, late in zip(before, after, strict=True)) / elapsed_s,
            percentile(self._ages_s, 0.99),
            counted.pictures / max(counted.batches, 1) / BATCH,
            sum(stream.decoding is not None and stream.decoding.on_gpu for stream in streams),
            Occupation(
                _mean([reading[0] for reading in readings]),
                _mean([reading[1] for reading in readings]),
                (usage.spent_s()[0] - staged_s) / elapsed_s / (os.cpu_count() or 1),
                counted.busy_s / elapsed_s,
                staged_s / elapsed_s,
            ),
        )

    def _hear(self, update: TrackUpdate) -> None:
        if update.outcome in _JUDGED and update.received_at is not None:
            self._ages_s.append((SystemClock().now() - update.received_at).total_seconds())


def _judged(pipeline: AnalysisPipeline, names: Sequence[CameraId]) -> Sequence[int]:
    return [sum(pipeline.stats(name).counts[one] for one in _JUDGED) for name in names]


@contextmanager
def _watched_gpu() -> Iterator[list[tuple[float, float]]]:
    """Shares of its decoder and its cores once a second, as the driver tells them; none without its program."""
    readings: list[tuple[float, float]] = []
    program, ended = shutil.which("nvidia-smi"), threading.Event()
    ask = "--query-gpu=utilization.decoder,utilization.gpu"

    def watch() -> None:
        while program is not None and not ended.wait(1.0):
            told = subprocess.run(
                (program, ask, "--format=csv,noheader,nounits"), capture_output=True, text=True, timeout=5, check=False
            )
            shares = [part.strip() for part in told.stdout.splitlines()[0].split(",")] if told.stdout else []
            if all(share.isdigit() for share in shares) and shares:
                readings.append((int(shares[0]) / 100, int(shares[1]) / 100))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield readings
    ended.set()
    watcher.join()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
