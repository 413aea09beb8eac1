"""recorded-again: a camera comes back after a fault, and how soon it is recorded again, as a site's timeline tells."""

import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

CAMERAS, ROUNDS = 50, 1
FIRST_AT_S, EVERY_S = 25.0, 35.0
SHORTEST_S, LONGEST_S, BLACK_HOLE_S = 2.0, 6.0, 8.0
LIMIT_S = 10.0
KINDS = (FaultKind.DROP, FaultKind.RESET, FaultKind.RESTART, FaultKind.BLACK_HOLE)
_SETTLE_S = 20.0
_SEGMENT_S = 90.0
"""A file is in the index when it is whole: so long after its last picture at most."""


def measure() -> Report:
    """Fifty recorded cameras, each of which fails once: what fails again and again is dialled more and more rarely."""
    clip = ClipCache(default_cache_folder()).play_scene(Scene(width=320, height=180, frame_rate=10, gop_s=2.0))
    scripts = _scripts(random.Random(11))
    cameras = [VirtualCamera(name, clip, faults=ScheduledFaults(faults)) for name, faults in scripts.items()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            (folder / "site.log").open("w", encoding="utf-8") as log,
            VirtualCameraThread(cameras) as server,
        ):
            begun_at = datetime.now(UTC)
            with LocalSite(SitePlan(folder, detector="motion", log=log)) as site:
                bodies = [{"name": name, "address": server.url(name), "analysed": False} for name in scripts]
                ids = {str(body["name"]): str(site.call("POST", "/cameras", body)["id"]) for body in bodies}
                time.sleep(FIRST_AT_S + EVERY_S * ROUNDS + _SETTLE_S + _SEGMENT_S)
                waits_s = [
                    _recorded_after_s(site, ids[name], begun_at + timedelta(seconds=fault.at_s + fault.duration_s))
                    for name, faults in scripts.items()
                    for fault in faults
                ]
    return Report(
        "recorded-again",
        [
            Figure("camera back to its first recorded picture, p95", percentile(waits_s, 0.95), "s", LIMIT_S),
            Figure("camera back to its first recorded picture, p50", percentile(waits_s, 0.5), "s"),
            Figure("faults", float(len(waits_s)), "faults"),
        ],
        [
            f"{CAMERAS} cameras, {ROUNDS} faults each of {SHORTEST_S:g} to {LONGEST_S:g} s: {', '.join(KINDS)}",
            f"a black hole lasts {BLACK_HOLE_S:g} s more; GOP 2 s; the back-off is counted in",
        ],
    )


def _scripts(chance: random.Random) -> Mapping[str, Sequence[Fault]]:
    """What each camera suffers, and when."""
    scripts = {}
    for number in range(CAMERAS):
        faults = []
        for turn in range(ROUNDS):
            kind = KINDS[(number + turn) % len(KINDS)]
            longer_s = BLACK_HOLE_S if kind is FaultKind.BLACK_HOLE else 0.0
            at_s = FIRST_AT_S + EVERY_S * turn + chance.uniform(0, 25)
            faults.append(Fault(at_s, kind, chance.uniform(SHORTEST_S, LONGEST_S) + longer_s))
        scripts[f"camera-{number}"] = faults
    return scripts


def _recorded_after_s(site: LocalSite, camera_id: str, back_at: datetime) -> float:
    """Seconds from then to the next recorded picture; infinite if there is none."""
    until = back_at + timedelta(seconds=EVERY_S - LONGEST_S - BLACK_HOLE_S - 5)
    query = f"from={_text(back_at)}&to={_text(until)}"
    spans = site.call("GET", f"/cameras/{camera_id}/recordings?{query}")["spans"]
    starts = [datetime.fromisoformat(span["from"]) for span in spans if span["kind"] == "recorded"]
    return max(0.0, (min(starts) - back_at).total_seconds()) if starts else float("inf")


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
