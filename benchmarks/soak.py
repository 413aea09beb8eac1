"""soak: 24 recorded cameras, 8 of them analysed, each failing now and then; memory, files and threads must stay."""

import os
import random
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.report import Figure, Report, percentile, silence
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.commands.demo import prepare_clips
from vms_api.demo.scenario import PLACES
from vms_api.demo.site import LocalSite, SitePlan

MINUTES = float(os.environ.get("XUELIANG_SOAK_MINUTES", "30"))
CAMERAS, ANALYSED = 24, 8
WARM_UP_SHARE = 0.25
SLOPE_LIMIT, GROWTH_LIMIT = 1.0, 0.0
SEED = 20261122
KINDS = (
    FaultKind.RESET,
    FaultKind.RESTART,
    FaultKind.SILENT,
    FaultKind.CORRUPT,
    FaultKind.TRUNCATE,
    FaultKind.LOSS,
    FaultKind.GARBAGE,
    FaultKind.TIMESTAMPS,
    FaultKind.SSRC,
    FaultKind.FROZEN,
    FaultKind.BLACK_HOLE,
)
_SAMPLE_S = 5.0
_FAULT_EVERY_S, _FAULT_S = 90.0, 5.0


@dataclass(frozen=True, slots=True)
class _Sample:
    """The node at one moment; memory in MiB, processor time in seconds."""

    at_s: float
    rss_mib: float
    descriptors: int
    threads: int
    cpu_s: float


def measure() -> Report:
    """The node of a site, looked at from outside while its cameras fail."""
    dice = random.Random(SEED)  # reproducible faults
    clip = prepare_clips(os.environ, silence)[PLACES[0]]
    cameras = [
        VirtualCamera(f"camera-{index}", clip, start_s=3.0 * index, faults=_faults(dice)) for index in range(CAMERAS)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            (folder / "site.log").open("w", encoding="utf-8") as log,
            VirtualCameraThread(cameras) as server,
            LocalSite(SitePlan(folder, log=log)) as site,
        ):
            ids = [_add(site, server.url(camera.name), index) for index, camera in enumerate(cameras)]
            site.wait_live(ids[:1], 60)
            node = next(p for p in psutil.Process(site.pid).children() if "vms_api.node" in " ".join(p.cmdline()))
            samples = list(_samples(node, MINUTES * 60))
            healths = [site.call("GET", f"/cameras/{camera_id}/health") for camera_id in ids]
    return _report(samples, healths)


def _faults(dice: random.Random) -> ScheduledFaults:
    """One camera's script: every kind of fault in turn, from another moment and in another order for each camera."""
    kinds = dice.sample(KINDS, len(KINDS))
    turn_s = _FAULT_EVERY_S * len(kinds)
    return ScheduledFaults(
        [
            Fault(
                at_s=dice.uniform(30, 30 + _FAULT_EVERY_S) + _FAULT_EVERY_S * place,
                kind=kind,
                duration_s=_FAULT_S,
                seed=dice.randrange(1 << 30),
                every_s=turn_s,
            )
            for place, kind in enumerate(kinds)
        ]
    )


def _add(site: LocalSite, url: str, index: int) -> str:
    body = {"name": f"camera {index}", "address": url, "analysed": index < ANALYSED}
    return str(site.call("POST", "/cameras", body)["id"])


def _samples(node: psutil.Process, seconds: float) -> Iterable[_Sample]:
    started_s = time.monotonic()
    while (elapsed_s := time.monotonic() - started_s) < seconds:
        with node.oneshot():
            times = node.cpu_times()
            yield _Sample(
                elapsed_s,
                node.memory_info().rss / 2**20,
                node.num_fds(),
                node.num_threads(),
                times.user + times.system,
            )
        time.sleep(_SAMPLE_S)


def _report(samples: Sequence[_Sample], healths: Sequence[dict[str, Any]]) -> Report:
    settled = samples[int(len(samples) * WARM_UP_SHARE) :]
    slope = _slope([(sample.at_s / 3600, sample.rss_mib) for sample in settled]) / CAMERAS
    half = len(settled) // 2
    growth = {
        name: percentile([getattr(sample, name) for sample in settled[half:]], 0.5)
        - percentile([getattr(sample, name) for sample in settled[:half]], 0.5)
        for name in ("descriptors", "threads")
    }
    spent_s = settled[-1].cpu_s - settled[0].cpu_s
    recorded = sum(health["recording"]["state"] == "recording" for health in healths)
    return Report(
        "soak",
        [
            Figure("memory, slope per camera", slope, "MiB/h", SLOPE_LIMIT),
            Figure("descriptors, later half against earlier (medians)", growth["descriptors"], "", GROWTH_LIMIT),
            Figure("threads, later half against earlier (medians)", growth["threads"], "", GROWTH_LIMIT),
            Figure("memory at the end", settled[-1].rss_mib, "MiB"),
            Figure("node", spent_s / (settled[-1].at_s - settled[0].at_s), "core"),
            Figure("cameras recorded at the end", float(recorded), "cameras"),
        ],
        [
            f"{CAMERAS} cameras recorded, {ANALYSED} analysed, {MINUTES:g} min; {WARM_UP_SHARE:.0%} of it to warm up",
            f"a fault of {_FAULT_S:g} s on each camera every {_FAULT_EVERY_S:g} s: {', '.join(KINDS)}; seed {SEED}",
        ],
    )


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares: change of the second number per unit of the first."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else float("nan")
