"""How many streams one GPU sustains at five analysed pictures a second, and what is full first.

Decoding is on the processor (decoding on the GPU is not built), the detector on the GPU: a network of random weights
that costs about as much as YOLOX-nano, behind the real letterbox, batching, graphs and head. Without a GPU nothing is
measured, and the benchmark says so.
"""

import os
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from analytics.model_store import known_models
from analytics.torch_detector import BUCKETS, TorchDetector, has_torch
from benchmarks.analysed_footage import drawn_frame, footage
from benchmarks.report import Figure, Report
from ingest.frame import Frame

_ANALYSED_FPS = 5.0
_SECONDS = 3.0
_SUB, _MAIN = (640, 360), (1920, 1080)
_SUB_TARGET = 400
_CELLS, _FIELDS = 3549, 85


def measure() -> Report:
    """What the GPU, the upload and the decoding each allow; the least of them is the answer."""
    if not has_torch() or not _has_gpu():
        return Report("gpu-streams", (), ("skipped: there is no GPU, or the extra gpu is not installed",))
    detector = TorchDetector(known_models().entry("yolox-nano"), _network(), 0.25, "cuda")
    rng = np.random.default_rng(0)
    pictures = {size: rng.integers(0, 255, (size[1], size[0], 3), np.uint8) for size in (_SUB, _MAIN)}
    figures = [
        Figure(f"streams that batches of {count} allow", _streams(detector, pictures[_SUB], count), "")
        for count in BUCKETS
    ]
    fill = max(figures, key=lambda figure: figure.value)
    main = _streams(detector, pictures[_MAIN], BUCKETS[-1])
    decoded = _decoding_streams()
    answer = min(fill.value, decoded)
    figures += [
        Figure("main streams that batches of 32 allow", main, ""),
        Figure("sub-streams that decoding on all cores allows", decoded, ""),
        Figure("sub-streams in all", answer, ""),
        Figure("wanted against found", _SUB_TARGET / answer, "", at_most=1.0),
        Figure("memory of the GPU", _memory_mb(), "MiB"),
    ]
    first = (
        "decoding on the processor"
        if decoded < fill.value
        else f"the detector, best at {fill.name.split()[-2]} a batch"
    )
    return Report("gpu-streams", figures, (f"full first: {first}", "decoding is on the processor: NVDEC is not built"))


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


def _decoding_streams() -> float:
    """Streams like the town square that all cores decode: its own pictures, 10 a second."""
    clip = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media" / "town-square.mp4"
    started_s = time.thread_time()
    last = [frame.media_time_s for frame in islice(footage(clip), 200)][-1]
    return last / (time.thread_time() - started_s) * (os.cpu_count() or 1)


def _memory_mb() -> float:
    import torch  # noqa: PLC0415 - an optional extra

    return float(torch.cuda.max_memory_allocated()) / (1 << 20)
