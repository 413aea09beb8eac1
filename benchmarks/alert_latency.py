"""alert-latency: from the arrival of the frame that raises an alert to the alert on the event stream."""

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from benchmarks.report import Figure, Report, percentile, silence
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.commands.demo import LOGIN, prepare_clips
from vms_api.demo.scenario import PLACES, register
from vms_api.demo.site import LocalSite, SitePlan

DURATION_S = 120.0
MIN_ALERTS = 30
P50_LIMIT_S, P99_LIMIT_S = 0.7, 2.0


def measure() -> Report:
    """The demo's four cameras with every rule's quiet time at zero, so that each event raises its alert."""
    clips = prepare_clips(os.environ, silence)
    cameras = [VirtualCamera(p.path, clips[p], credential=LOGIN, start_s=p.start_s) for p in PLACES]
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread(cameras) as server,
        LocalSite(SitePlan(Path(folder))) as site,
    ):
        ids = [register(site, place, server.url(place.path), LOGIN) for place in PLACES]
        for camera_id in ids:
            for rule in site.call("GET", f"/cameras/{camera_id}/rules")["items"]:
                site.call("PATCH", f"/cameras/{camera_id}/rules/{rule['id']}", {"cooldown_s": 0})
        site.wait_live(ids)
        delays = _collect(site, DURATION_S)
        rates = [site.call("GET", f"/cameras/{camera_id}/health")["analysis"]["analysed_fps"] for camera_id in ids]
        detector = site.call("GET", "/system")["detector"]["name"]
    enough = len(delays) >= MIN_ALERTS
    missing = float("nan")
    return Report(
        "alert-latency",
        [
            Figure("arrival to event stream, p50", percentile(delays, 0.5) if enough else missing, "s", P50_LIMIT_S),
            Figure("arrival to event stream, p99", percentile(delays, 0.99) if enough else missing, "s", P99_LIMIT_S),
            Figure("alerts", float(len(delays)), "alerts"),
            Figure("slowest camera", min(rates), "judged frames/s"),
        ],
        [
            f"{len(ids)} cameras at 5 judged frames/s for {DURATION_S:.0f} s, {detector}, at least {MIN_ALERTS} alerts",
            "the clock starts when the frame arrives on which the rule decides: up to 0.2 s after the crossing itself",
        ],
    )


def _collect(site: LocalSite, duration_s: float) -> list[float]:
    delays: list[float] = []
    ending = threading.Event()
    threading.Timer(duration_s, ending.set).start()
    for name, data, arrived in _events(site, ending):
        if name == "alert.raised":
            delays.append((arrived - datetime.fromisoformat(data["frame_received_at"])).total_seconds())
    return delays


def _events(site: LocalSite, ending: threading.Event) -> Iterator[tuple[str, dict[str, str], datetime]]:
    """The event stream as (name, data, time of arrival), until `ending`."""
    timeout = httpx.Timeout(10.0, read=20.0)  # pings come every 15 s
    with site.client.stream("GET", "/events", timeout=timeout) as stream:
        name = ""
        for line in stream.iter_lines():
            arrived = datetime.now(UTC)
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                yield name, json.loads(line.removeprefix("data:")), arrived
            if ending.is_set():
                return
            time.sleep(0)
