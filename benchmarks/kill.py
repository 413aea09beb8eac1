"""kill: node, control process or both end by SIGKILL at random instants; what was promised must still be there."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from benchmarks.open_page import OpenPage
from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

TRIALS = int(os.environ.get("XUELIANG_KILLS", "100"))
CAMERAS = 4
SEED = 20261122
VICTIMS = ("node", "control", "both")
LOST_RECORDING_LIMIT_S = 2.0
_WHOLE_PICTURE = [[0.01, 0.01], [0.99, 0.01], [0.99, 0.99], [0.01, 0.99]]


@dataclass(frozen=True, slots=True)
class _Kill:
    """One kill; each camera had been recorded since a moment before it."""

    at: datetime
    victim: str
    recorded_since: Mapping[str, datetime]


@dataclass(slots=True)
class _Findings:
    """What the trials showed. `promised` are alerts that were on the node's disk or in an answer of the API."""

    kills: list[_Kill] = field(default_factory=list)
    recovery_s: list[float] = field(default_factory=list)
    promised: set[str] = field(default_factory=set)


def measure() -> Report:
    """A site with recorded cameras on which something always moves, killed again and again."""
    dice = random.Random(SEED)  # reproducible instants
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = ClipCache(folder / "clips").play_scene(Scene(gop_s=1.0, duration_s=20.0, walker_count=8))
        cameras = [VirtualCamera(f"square-{index}", clip) for index in range(CAMERAS)]
        site_folder = folder / "site"
        site_folder.mkdir()
        with (
            (folder / "site.log").open("w", encoding="utf-8") as log,
            VirtualCameraThread(cameras) as server,
            LocalSite(SitePlan(site_folder, detector="motion", log=log)) as site,
        ):
            ids = [_watch(site, server.url(camera.name), camera.name) for camera in cameras]
            recorded_since = _wait_recording(site, ids, datetime.now(UTC) - timedelta(minutes=1))
            findings, page = _Findings(), OpenPage(site)
            for _ in range(TRIALS):
                time.sleep(dice.uniform(0.5, 4.0))
                recorded_since = _trial(site, site_folder, recorded_since, dice.choice(VICTIMS), findings)
            _wait_delivered(site_folder)
            alerts = _all_alerts(site)
            known = [alert["id"] for alert in alerts]
            page.stop(max(known, default=""))
            losses = [(_lost_s(site, kill, camera_id), kill.victim) for kill in findings.kills for camera_id in ids]
        complaints = _check(site_folder)
    return _report(findings, known, losses, complaints, _Shown(page.missed(alerts), page.twice))


class _Shown(NamedTuple):
    """Alerts that a page which was open all the time did not hear of, or heard of twice."""

    missed: int
    twice: int


def _report(
    findings: _Findings, known: Sequence[str], losses: Sequence[tuple[float, str]], complaints: int, shown: _Shown
) -> Report:
    lost_s = [seconds for seconds, _ in losses]
    worst = ", ".join(f"{seconds:.2f} s ({victim})" for seconds, victim in sorted(losses, reverse=True)[:5])
    return Report(
        "kill",
        [
            Figure("alerts lost", float(len(findings.promised - set(known))), "alerts", 0),
            Figure("alerts twice", float(len(known) - len(set(known))), "alerts", 0),
            Figure("alerts that an open page did not hear of", float(shown.missed), "alerts", 0),
            Figure("alerts that an open page heard of twice", float(shown.twice), "alerts", 0),
            Figure("differences between index and files", float(complaints), "rows", 0),
            Figure("recording lost at a kill, most", max(lost_s, default=float("nan")), "s", LOST_RECORDING_LIMIT_S),
            Figure("recording lost at a kill, p95", percentile(lost_s, 0.95), "s"),
            Figure("recording lost at a kill, p50", percentile(lost_s, 0.5), "s"),
            Figure("all cameras live and recorded again, p95", percentile(findings.recovery_s, 0.95), "s"),
            Figure("kills", float(len(findings.kills)), "kills"),
            Figure("alerts promised", float(len(findings.promised)), "alerts"),
        ],
        [
            f"{CAMERAS} drawn cameras, recorded continuously; victims {', '.join(VICTIMS)}, seed {SEED}",
            "the page resumes by Last-Event-ID; what it hears as the count of a storm it has heard of",
            "promised: an answer of the API named it, or it was in the node's outbox when the node was killed",
            "lost: from the recording's end, or from when it had begun after the kill before, to the kill",
            f"most lost (victim): {worst}",
        ],
    )


def _watch(site: LocalSite, url: str, name: str) -> str:
    camera_id = str(site.call("POST", "/cameras", {"name": name, "address": url})["id"])
    zone = site.call("POST", f"/cameras/{camera_id}/zones", {"name": "all", "kind": "area", "points": _WHOLE_PICTURE})
    rule = {"name": "any", "kind": "intrusion", "zone_id": zone["id"], "labels": ["motion"], "severity": "low"}
    site.call("POST", f"/cameras/{camera_id}/rules", rule | {"cooldown_s": 0})
    return camera_id


def _trial(
    site: LocalSite, folder: Path, recorded_since: Mapping[str, datetime], victim: str, findings: _Findings
) -> Mapping[str, datetime]:
    """Kills, waits until all is recorded again, and tells since when."""
    findings.promised.update(alert["id"] for alert in site.call("GET", "/alerts?limit=200")["items"])
    node = next(p for p in psutil.Process(site.pid).children() if "vms_api.node" in " ".join(p.cmdline()))
    started_s = time.monotonic()
    killed_at = datetime.now(UTC)
    findings.kills.append(_Kill(killed_at, victim, recorded_since))
    if victim in ("node", "both"):
        node.send_signal(signal.SIGKILL)
    if victim in ("control", "both"):
        os.kill(site.pid, signal.SIGKILL)
    psutil.wait_procs([node], timeout=15)  # a node whose control process is gone ends by itself
    findings.promised.update(_in_outbox(folder))
    if victim != "node":
        site.restart()
    again_since = _wait_recording(site, recorded_since, killed_at)
    findings.recovery_s.append(time.monotonic() - started_s)
    return again_since


def _in_outbox(folder: Path) -> set[str]:
    """Alerts on the dead node's disk. A copy is read: the next node may open the file at any moment."""
    with tempfile.TemporaryDirectory() as name:
        for path in (folder / "data" / "nodes").glob("*/outbox.sqlite3*"):
            shutil.copy(path, name)
        copies = list(Path(name).glob("outbox.sqlite3"))
        if not copies:
            return set()
        connection = sqlite3.connect(copies[0])
        try:
            return {row[0] for row in connection.execute("SELECT id FROM outbox WHERE kind = 'alert'")}
        finally:
            connection.close()


def _wait_delivered(folder: Path, timeout_s: float = 30.0) -> None:
    """Gives the node's outbox, whose tries may be 5 s apart, the time to deliver what it held at this moment."""
    due, deadline = _in_outbox(folder), time.monotonic() + timeout_s
    while due & _in_outbox(folder) and time.monotonic() < deadline:
        time.sleep(0.5)


def _wait_recording(
    site: LocalSite, ids: Collection[str], after: datetime, timeout_s: float = 60.0
) -> Mapping[str, datetime]:
    """Since when each camera is recorded, as soon as all are by a node begun after that moment.

    Right after a kill the health of the dead node is still told: until its control process has noticed.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        since = {camera_id: _recorded_since(site, camera_id) for camera_id in ids}
        begun = {camera_id: at for camera_id, at in since.items() if at is not None and at > after}
        if len(begun) == len(since):
            return begun
        time.sleep(0.1)
    raise RuntimeError("the cameras were not recorded again in time")


def _recorded_since(site: LocalSite, camera_id: str) -> datetime | None:
    health = site.call("GET", f"/cameras/{camera_id}/health")
    recording = health["recording"]
    if health["state"] != "live" or recording is None or recording["state"] != "recording":
        return None
    return datetime.fromisoformat(recording["since"])


def _all_alerts(site: LocalSite) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page: dict[str, Any] = site.call("GET", f"/alerts?limit=200{cursor}")
        found.extend(page["items"])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _lost_s(site: LocalSite, kill: _Kill, camera_id: str) -> float:
    """Seconds before the kill in which the camera was being recorded and of which no recording is left."""
    begun = kill.recorded_since[camera_id]
    query = f"from={_query_time(min(begun, kill.at - timedelta(seconds=30)))}&to={_query_time(kill.at)}"
    spans = site.call("GET", f"/cameras/{camera_id}/recordings?{query}")["spans"]
    ends = [datetime.fromisoformat(span["to"]) for span in spans if span["kind"] == "recorded"]
    return (kill.at - max([begun, *ends])).total_seconds()


def _query_time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _check(folder: Path) -> int:
    """Lines that `xueliang recordings check` has to say about the stopped site."""
    command = [sys.executable, "-m", "vms_api", "recordings", "check", "--hash", "--config", str(folder / "site.toml")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return 0 if answer.returncode == 0 else max(1, len(answer.stdout.splitlines()))
