"""look-back: how far behind the present the newest picture lies that can be played while a camera is recorded."""

import re
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import Figure, Report, percentile
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

LIMIT_S = 3.0
GOP_S = 4.0
WARM_UP_S, LOOKS, PAUSE_S = 12.0, 40, 0.37
_LENGTH = re.compile(r"#EXTINF:([\d.]+),")
_BEGIN = re.compile(r"#EXT-X-PROGRAM-DATE-TIME:(\S+)")


def measure() -> Report:
    """Asks again and again for the last ten seconds of a camera whose first file is not whole yet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = ClipCache(folder / "clips").play_scene(Scene(gop_s=GOP_S, duration_s=20.0, walker_count=2))
        (folder / "site").mkdir()
        plan = SitePlan(folder / "site", detector="motion")
        with VirtualCameraThread([VirtualCamera("gate", clip)]) as server, LocalSite(plan) as site:
            camera_id = site.call("POST", "/cameras", {"name": "Gate", "address": server.url("gate")})["id"]
            site.call("PUT", f"/cameras/{camera_id}/recording", {"mode": "continuous"})
            site.call("POST", "/purposes", {"key": "incident", "reference": "17", "camera_ids": [camera_id]})
            site.wait_live([camera_id])
            time.sleep(WARM_UP_S)
            looks = list(_looks(site, camera_id))
            whole = len(list(folder.rglob("*.mp4"))) - len(list((folder / "clips").rglob("*.mp4")))
    told, played, started = zip(*looks, strict=True)
    return Report(
        "look-back",
        [
            Figure("the timeline's end, p95 behind now", percentile(list(told), 0.95), "s", LIMIT_S),
            Figure("the newest picture of a playback, p50 behind now", percentile(list(played), 0.5), "s"),
            Figure("the newest picture of a playback, p95 behind now", percentile(list(played), 0.95), "s", LIMIT_S),
            Figure("opening that playback, p95", percentile(list(started), 0.95), "ms"),
        ],
        [f"{LOOKS} looks, {whole} whole files, a key frame every {GOP_S:g} s"],
    )


def _looks(site: LocalSite, camera_id: str) -> Iterator[tuple[float, float, float]]:
    """Seconds that the timeline and a playback end before now, and milliseconds to open the playback."""
    for _ in range(LOOKS):
        now = datetime.now(UTC)
        span = {"from": (now - timedelta(seconds=10)).isoformat(), "to": now.isoformat()}
        answer = site.client.get(f"/cameras/{camera_id}/recordings", params=span).raise_for_status()
        recorded = [one["to"] for one in answer.json()["spans"] if one["kind"] == "recorded"]
        told_s = (now - datetime.fromisoformat(recorded[-1])).total_seconds()
        now, begun_s = datetime.now(UTC), time.perf_counter()
        opened = site.call("POST", f"/cameras/{camera_id}/playback", span | {"to": now.isoformat()})
        taken_ms = (time.perf_counter() - begun_s) * 1000
        played_s = (now - _newest(site, opened["playlist_url"])).total_seconds()
        site.call("DELETE", f"/playbacks/{opened['id']}")
        yield told_s, played_s, taken_ms
        time.sleep(PAUSE_S)


def _newest(site: LocalSite, playlist_url: str) -> datetime:
    """When the last picture of a playlist ends."""
    text = site.client.get(site.url + playlist_url).raise_for_status().text
    last = text[text.rindex("#EXT-X-PROGRAM-DATE-TIME") :]
    begin = _BEGIN.search(last)
    if begin is None:
        raise RuntimeError("the playlist names no time")
    lengths = [float(length) for length in _LENGTH.findall(last)]
    return datetime.fromisoformat(begin[1]) + timedelta(seconds=sum(lengths))
