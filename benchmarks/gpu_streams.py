"""How many streams one GPU sustains at five analysed pictures a second, and what is full first.

First the detector alone: a network of random weights that costs about as much as YOLOX-nano, behind the real
letterbox, batching, graphs and head. Then the whole chain: real RTSP cameras, 360p at 15 pictures a second and 1080p at
25, decoded by NVDEC where it takes them, more and more of them until they are no longer looked at in time. Without a
GPU nothing is measured, and the benchmark says so.

`XUELIANG_BENCH_SECONDS` sets for how long each number of streams is watched (10).
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.model_store import known_models
from analytics.torch_detector import BUCKETS, TorchDetector
from analytics.torch_picture import has_torch
from benchmarks.analysed_footage import drawn_frame
from benchmarks.gpu_saturation import Node, find_most, first_full
from benchmarks.peers.clips import LOOP_S, busy_sub, calm_main
from benchmarks.report import Figure, Report
from ingest.frame import Frame

_ANALYSED_FPS = 5.0
_SECONDS = 3.0
_TRIAL_S = float(os.environ.get("XUELIANG_BENCH_SECONDS", "10"))
_SUB = (640, 360)
_SUB_TARGET, _MAIN_TARGET = 400, 80
_MOST = 1024
_CELLS, _FIELDS = 3549, 85


def measure() -> Report:
    """What batches of each size allow, then what the chain sustains with either kind of stream."""
    if not has_torch() or not _has_gpu():
        return Report("gpu-streams", (), ("skipped: there is no GPU, or the extra gpu is not installed",))
    detector = _detector()
    picture = np.random.default_rng(0).integers(0, 255, (_SUB[1], _SUB[0], 3), np.uint8)
    figures = [
        Figure(f"streams that batches of {count} allow, uploaded", _streams(detector, picture, count), "")
        for count in BUCKETS
    ]
    detector.close()
    media = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media"
    sub, sub_note = _sustained("360p15", busy_sub(media), 16, _SUB_TARGET)
    main, main_note = _sustained("1080p25", calm_main(media), 8, _MAIN_TARGET)
    figures += [*sub, *main, Figure("memory of the GPU that torch took", _memory_mb(), "MiB")]
    return Report("gpu-streams", figures, (sub_note, main_note))


def _sustained(name: str, clip: Path, first: int, target: int) -> tuple[Sequence[Figure], str]:
    """The figures of the largest number of streams that was kept up with, and what was full beyond it."""
    kept, failed = find_most(Node(_detector, clip, float(LOOP_S), _TRIAL_S).attempt, first, _MOST)
    told = kept or failed
    if told is None:
        return (), f"{name}: nothing was tried"
    count = kept.count if kept is not None else 0
    figures = [
        Figure(f"{name}: streams sustained", count, ""),
        Figure(f"{name}: wanted against found", target / max(count, 1), "", at_most=1.0),
        Figure(f"{name}: decoded on the GPU", told.on_gpu, ""),
        Figure(f"{name}: batch fill", told.batch_fill, "share"),
        Figure(f"{name}: packet to judged, p99", told.age_p99_s, "s"),
        Figure(f"{name}: NVDEC busy", told.occupation.nvdec, "share"),
        Figure(f"{name}: SM busy", told.occupation.cores, "share"),
        Figure(f"{name}: CPU busy", told.occupation.processor, "share"),
    ]
    if failed is None:
        return figures, f"{name}: {count} were kept up with, and no more were tried"
    return figures, f"{name}: full first, at {failed.count}: {first_full(failed.occupation)}"


def _detector() -> TorchDetector:
    return TorchDetector(known_models().entry("yolox-nano"), _network(), 0.25, "cuda")


def _has_gpu() -> bool:
    import torch  # noqa: PLC0415 - an optional extra

    return bool(torch.cuda.is_available())


def _network() -> Callable[[Any], Any]:
    """Convolutions of about one GFLOP at 416 pixels, whose answer has the shape of YOLOX's and finds nothing."""
    import torch  # noqa: PLC0415 - an optional extra

    layers: list[Any] = []
    for before, after in ((3, 16), (16, 32), (32, 64), (64, 128), (128, 256)):
        layers += [torch.nn.Conv2d(before, after, 3, stride=2, padding=1), torch.nn.SiLU()]
        layers += [
            torch.nn.Conv2d(after, after, 3, padding=1, groups=after),
            torch.nn.Conv2d(after, after, 1),
            torch.nn.SiLU(),
        ]
    body = torch.nn.Sequential(*layers).cuda().half().eval()

    def run(pictures: Any) -> Any:
        return (0 * body(pictures).mean(dim=(1, 2, 3)))[:, None, None].expand(-1, _CELLS, _FIELDS)

    return run


def _streams(detector: TorchDetector, picture: np.ndarray[Any, Any], count: int) -> float:
    """Pictures a second in batches of that size, upload and head included, by the analysed rate."""
    batch: Sequence[Frame] = [drawn_frame(number, 0.0, picture) for number in range(count)]
    detector.detect(batch)
    done, started_s = 0, time.perf_counter()
    while time.perf_counter() - started_s < _SECONDS:
        detector.detect(batch)
        done += count
    return done / (time.perf_counter() - started_s) / _ANALYSED_FPS


def _memory_mb() -> float:
    import torch  # noqa: PLC0415 - an optional extra

    return float(torch.cuda.max_memory_allocated()) / (1 << 20)
