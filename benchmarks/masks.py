"""masks: what viewers of masked cameras decode while masks change, the node dies and pictures change their size."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.mask_watch import Sight, poll_stills, watch
from benchmarks.report import Figure, Report
from ingest.av_encoder import AV_CODECS
from ingest.camera import CameraId, StreamRole
from ingest.clock import SystemClock
from ingest.mask import CurrentMasks, MaskSet
from ingest.mask_transcoder import MaskTranscoder
from ingest.packet import Packet
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import CLOCK_RATE, Clip
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.resizing import Resizing
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from vms_api.demo.site import LocalSite, SitePlan

FRAMES = 10_000
CAMERAS = 3
SCENE = Scene(320, 180, frame_rate=30, duration_s=10.0, gop_s=1.0, walker_count=8, has_counter=True)
OTHER_SIZE = Scene(480, 270, frame_rate=30, duration_s=10.0, gop_s=1.0, walker_count=8, has_counter=True)
RESIZE_EVERY_S, MASKS_EVERY_S, KILL_EVERY_S = 11.0, 4.0, 37.0

Outline = Sequence[tuple[float, float]]

STRIP: Outline = ((0, 0), (1, 0), (1, 0.1), (0, 0.1))
TALL_STRIP: Outline = ((0, 0), (1, 0), (1, 0.3), (0, 0.2))
CORNER: Outline = ((0.7, 0.7), (1, 0.7), (1, 1))
DRAWINGS: Sequence[Sequence[Outline]] = ([STRIP], [TALL_STRIP], [STRIP, CORNER], [TALL_STRIP, STRIP])
"""What the masks are changed to in turn. All of them cover the strip that the camera draws along its top edge."""

WHOLE_PICTURE = [[0.01, 0.01], [0.99, 0.01], [0.99, 0.99], [0.01, 0.99]]


@dataclass
class Trouble:
    """What was done to the site while people watched."""

    mask_changes: int = 0
    node_kills: int = 0
    sight: Sight = field(default_factory=Sight)


def measure() -> Report:
    """All cameras watched over WebRTC at once until enough pictures were decoded; every one of them is looked at."""
    trouble = run(FRAMES, CAMERAS)
    sight = trouble.sight
    return Report(
        "masks",
        [
            Figure("pictures that show what is masked", float(sight.exposed_frames), "frames", 0),
            Figure("snapshots and evidence that show it", float(sight.exposed_stills), "pictures", 0),
            Figure("pictures decoded, short of the aim", float(max(0, FRAMES - sight.frames)), "frames", 0),
            Figure("pictures decoded", float(sight.frames), "frames"),
            Figure("snapshots and evidence pictures", float(sight.stills), "pictures"),
            Figure("changes of the masks", float(trouble.mask_changes), "changes"),
            Figure("nodes killed", float(trouble.node_kills), "nodes"),
            Figure("sizes seen", float(len(sight.sizes)), "sizes"),
            *(Figure(f"masked encode of {name}", cost, "core") for name, cost in encode_costs().items()),
        ],
        [
            f"{CAMERAS} cameras of {SCENE.frame_rate} pictures/s that change their size every {RESIZE_EVERY_S:.0f} s",
            f"masks change every {MASKS_EVERY_S:.0f} s, the node is killed every {KILL_EVERY_S:.0f} s",
            "encode: decoding, covering and encoding on one thread, 15 pictures/s of a drawn scene with eight walkers",
        ],
    )


def run(frames: int, cameras: int, kill_every_s: float = KILL_EVERY_S, limit_s: float = 900.0) -> Trouble:
    """Watches masked cameras in trouble until that many pictures were decoded, or the time is over."""
    trouble = Trouble()
    with _site(cameras) as (site, urls):
        ids = [_masked_camera(site, f"camera {number}", url) for number, url in enumerate(urls)]
        site.wait_live(ids)
        asyncio.run(_stir(site, ids, trouble, (frames, kill_every_s, limit_s)))
        for alert in site.call("GET", "/alerts?limit=200")["items"]:
            if alert["has_evidence"]:
                trouble.sight.take_still(site.client.get(alert["evidence_url"].removeprefix("/api/v1")).content)
    return trouble


def encode_costs() -> Mapping[str, float]:
    """Share of a core per masked stream, by picture size."""
    return {f"{w}x{h}": _encode_cost(Scene(w, h, frame_rate=15, walker_count=8)) for w, h in ((640, 360), (1280, 720))}


@contextmanager
def _site(cameras: int) -> Iterator[tuple[LocalSite, Sequence[str]]]:
    cache = ClipCache(default_cache_folder())
    clip, other = cache.play_scene(SCENE), cache.play_scene(OTHER_SIZE)
    played = [VirtualCamera(str(n), clip, faults=Resizing(other, RESIZE_EVERY_S + n)) for n in range(cameras)]
    with (
        tempfile.TemporaryDirectory() as folder,
        VirtualCameraThread(played) as server,
        LocalSite(SitePlan(Path(folder), detector="motion")) as site,
    ):
        yield site, [server.url(camera.name) for camera in played]


def _masked_camera(site: LocalSite, name: str, url: str) -> str:
    """A camera that is masked before it is switched on, with a rule that anything moving breaks."""
    body = {"name": name, "address": url, "enabled": False}
    camera_id = str(site.call("POST", "/cameras", body)["id"])
    draw(site, camera_id, DRAWINGS[0])
    zone = site.call("POST", f"/cameras/{camera_id}/zones", {"name": "all", "kind": "area", "points": WHOLE_PICTURE})
    rule = {"name": "any", "kind": "intrusion", "zone_id": zone["id"], "labels": ["motion"], "severity": "low"}
    site.call("POST", f"/cameras/{camera_id}/rules", rule | {"cooldown_s": 0})
    site.call("PATCH", f"/cameras/{camera_id}", {"enabled": True})
    return camera_id


def draw(site: LocalSite, camera_id: str, outlines: Sequence[Outline]) -> int:
    """Replaces the masks of a camera; the new version."""
    version = site.call("GET", f"/cameras/{camera_id}/masks")["version"]
    polygons = [{"name": f"mask {number}", "points": points} for number, points in enumerate(outlines)]
    body: Mapping[str, Any] = {"polygons": polygons, "base_version": version}
    return int(site.call("PUT", f"/cameras/{camera_id}/masks", body)["version"])


async def _stir(site: LocalSite, ids: Sequence[str], trouble: Trouble, plan: tuple[int, float, float]) -> None:
    frames, kill_every_s, limit_s = plan
    started_s = killed_s = time.monotonic()
    tasks = [asyncio.create_task(task(site, id_, trouble.sight)) for id_ in ids for task in (watch, poll_stills)]
    try:
        while trouble.sight.frames < frames and time.monotonic() - started_s < limit_s:
            await asyncio.sleep(MASKS_EVERY_S)
            for task in tasks:
                if task.done():
                    task.result()
            drawing = DRAWINGS[(trouble.mask_changes // len(ids) + 1) % len(DRAWINGS)]
            for camera_id in ids:
                await asyncio.to_thread(draw, site, camera_id, drawing)
                trouble.mask_changes += 1
            if time.monotonic() - killed_s >= kill_every_s:
                killed_s = time.monotonic()
                trouble.node_kills += kill_node(site)
    finally:
        trouble.sight.is_over = True
        await asyncio.gather(*tasks)


def kill_node(site: LocalSite) -> int:
    """Ends the media node without warning; how many were there (one, or none while it is being replaced)."""
    children = Path(f"/proc/{site.pid}/task/{site.pid}/children").read_text(encoding="ascii").split()
    nodes = [int(pid) for pid in children if "vms_api.node" in _command_line(pid)]
    for pid in nodes:
        os.kill(pid, signal.SIGKILL)
    return len(nodes)


def _command_line(pid: str) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    return ""


def _encode_cost(scene: Scene) -> float:
    """Processor seconds of this thread per second of video."""
    clip = ClipCache(default_cache_folder()).play_scene(scene)
    masks = CurrentMasks(MaskSet(1, (tuple(TALL_STRIP),)))
    transcoder = MaskTranscoder(StreamRole.MAIN, masks, AV_CODECS)
    begun_s = time.thread_time()
    for packet in _packets(clip):
        for _ in transcoder.transcode(packet, packet.received_monotonic_s):
            pass
    spent_s = time.thread_time() - begun_s
    transcoder.close()
    return spent_s / (clip.duration / CLOCK_RATE)


def _packets(clip: Clip) -> Iterator[Packet]:
    """The clip as a source would yield it, all at once."""
    clock = SystemClock()
    for sequence, unit in enumerate(clip.units):
        data = b"".join(b"\0\0\0\1" + nal for nal in unit.nal_units)
        yield Packet(
            camera_id=CameraId("camera"),
            role=StreamRole.MAIN,
            codec=clip.codec,
            data=data,
            pts=unit.pts,
            dts=unit.due,
            time_base=Fraction(1, CLOCK_RATE),
            is_keyframe=unit.is_keyframe,
            epoch=1,
            sequence=sequence,
            received_at=clock.now(),
            received_monotonic_s=clock.monotonic_s(),
        )
