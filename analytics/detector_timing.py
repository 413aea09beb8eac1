"""What a detector costs on this machine."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from analytics.detector import Detector
from ingest.array_picture import ArrayPicture
from ingest.camera import CameraId
from ingest.frame import Frame

_WIDTH, _HEIGHT = 640, 360


@dataclass(frozen=True, slots=True)
class DetectorTiming:
    """Milliseconds per picture: of the processor (median over all threads of the process) and of the clock."""

    cpu_ms: float
    wall_ms: float


def time_detector(detector: Detector, count: int) -> DetectorTiming:
    """Times `count` single pictures of sub-stream size after one to warm up."""
    picture = ArrayPicture(np.random.default_rng(0).integers(0, 255, (_HEIGHT, _WIDTH, 3), np.uint8))
    at = datetime.now(UTC)
    frames = [Frame(CameraId("bench"), 0, index, float(index), at, float(index), picture) for index in range(count + 1)]
    detector.detect(frames[:1])
    timings = [_time_once(detector, frame) for frame in frames[1:]]
    cpu_s, wall_s = np.median(np.array(timings), axis=0).tolist()
    return DetectorTiming(cpu_s * 1000, wall_s * 1000)


def _time_once(detector: Detector, frame: Frame) -> tuple[float, float]:
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    detector.detect([frame])
    return time.process_time() - cpu_s, time.perf_counter() - wall_s
