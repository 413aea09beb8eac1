"""first-picture: from `POST whep` to the first decoded frame in Chromium, at a camera with a key frame every 10 s."""

import os
import random
import tempfile
import time
from pathlib import Path

from benchmarks.browser import browser, join, log_in
from benchmarks.report import Figure, Report, percentile, silence
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.clip_file import Encoding
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.footage import find_footage
from vms_api.demo.site import LocalSite, SitePlan

JOINS = 20
GOP_S = 10.0
LIMIT_MS = 400.0


def measure() -> Report:
    """Joins at random places within the group of pictures."""
    clip = _clip()
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread([VirtualCamera("join", clip)]) as server,
        LocalSite(SitePlan(Path(folder), detector="motion")) as site,
    ):
        body = {"name": "join", "address": server.url("join"), "analysed": False}
        camera_id = site.call("POST", "/cameras", body)["id"]
        site.wait_live([camera_id])
        time.sleep(GOP_S)  # so that a whole group of pictures has passed
        joins = _join_often(site, camera_id)
    return Report(
        "first-picture",
        [
            Figure("first picture, p95", percentile([j["picture_ms"] for j in joins], 0.95), "ms", LIMIT_MS),
            Figure("first picture, p50", percentile([j["picture_ms"] for j in joins], 0.5), "ms"),
            Figure("SDP answer, p95", percentile([j["answer_ms"] for j in joins], 0.95), "ms"),
        ],
        [
            f"{JOINS} joins at random places of a {GOP_S:.0f} s GOP, {_described(clip)}",
            "everything is on loopback and Chromium decodes in software on the same cores as the site",
        ],
    )


def _clip() -> Clip:
    """Real footage where it is at hand, else a drawn scene, with few key frames."""
    footage, cache = find_footage(os.environ, silence), ClipCache(default_cache_folder())
    if footage.clips:
        return cache.play_file(footage.clips[-1], Encoding(gop_s=GOP_S))
    return cache.play_scene(Scene(width=1280, height=720, frame_rate=15, gop_s=GOP_S))


def _described(clip: Clip) -> str:
    return f"{clip.width}x{clip.height} at {clip.frame_rate:g} fps, {clip.bitrate_bps / 1e6:.2f} Mbit/s"


def _join_often(site: LocalSite, camera_id: str) -> list[dict[str, float]]:
    places = random.Random(2)
    joins = []
    with browser() as context:
        page = log_in(context, site)
        for _ in range(JOINS):
            time.sleep(places.uniform(0.3, 1.6))
            joins.append(join(page, camera_id))
    return joins
