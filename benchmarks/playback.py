"""playback: how long it takes until a player has what it needs, with 30 days of 24 cameras in the index."""

import asyncio
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import httpx
import sqlalchemy as sa
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from benchmarks.recording_index import START, fill_index
from benchmarks.recording_index import camera_id as indexed_camera
from benchmarks.report import Figure, Report, percentile
from ingest.camera import CameraId, StreamRole
from ingest.identifier import new_identifier
from ingest.recording.access_unit import TrackSample, length_prefixed, video_layout
from ingest.recording.segment import SegmentHeader
from ingest.recording.segment_file import SegmentFile
from ingest.recording.segment_muxer import SegmentMuxer
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from vms_api.app import create_app
from vms_api.control import PASSWORD_VARIABLE, Control
from vms_api.database import Database, to_us
from vms_api.node.export_builds import ExportBuilds
from vms_api.node.recorded_files import RecordedFiles
from vms_api.node.recording_routes import answer_refusals, recording_router
from vms_api.nodes.delivery import Registration
from vms_api.recordings.store import segments
from vms_api.settings import NodeSettings, ServerSettings, SiteFile, StorageSettings

LIMIT_MS = 300.0
HOURS, FILES_AN_HOUR = 6, 60
WINDOW = START + timedelta(days=20, hours=8)
ROUNDS = 20
_PASSWORD = "three wet umbrellas"  # noqa: S105 - of a site that lives for a minute
_FILLER_CAMERA = 5


@dataclass(slots=True)
class _Times:
    """Milliseconds of each round, by the clock and of the processor (control process and node together)."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator[None]:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        yield
        self.wall.append((time.perf_counter() - wall_s) * 1000)
        self.cpu.append((time.process_time() - cpu_s) * 1000)


def measure() -> Report:
    """Plays windows of a recording of six hours in real files."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        times = asyncio.run(_measured(Path(name)))
    hour, six, seek, keys = times["hour"], times["six"], times["seek"], times["keys"]
    return Report(
        "playback",
        [
            Figure("start of one hour, p95", percentile(hour.cpu, 0.95), "ms CPU", LIMIT_MS),
            Figure("start of six hours, files never read before", six.cpu[0], "ms CPU"),
            Figure("start of six hours, p95 of later ones", percentile(six.cpu[1:], 0.95), "ms CPU", LIMIT_MS),
            Figure("start of one hour of key frames, p95", percentile(keys.cpu, 0.95), "ms CPU", LIMIT_MS),
            Figure("seek: a piece of what is open, p95", percentile(seek.cpu, 0.95), "ms CPU", LIMIT_MS),
            Figure("start of one hour by the clock, p50", percentile(hour.wall, 0.5), "ms"),
            Figure("seek by the clock, p50", percentile(seek.wall, 0.5), "ms"),
        ],
        [
            "a start is: open the playback, read its playlist, the beginning and the first piece",
            f"24 cameras x 30 days in the index, {HOURS * FILES_AN_HOUR} real files of a minute behind the window",
            "control process and the node's routes in one process, HTTP between them",
        ],
    )


async def _measured(folder: Path) -> dict[str, _Times]:
    data, volume = folder / "data", folder / "volume"
    settings = SiteFile(
        server=ServerSettings(port=0),
        storage=StorageSettings(data_dir=data),
        node=NodeSettings(heartbeat_timeout_s=60),
    )
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    app = create_app(settings, environ={PASSWORD_VARIABLE: _PASSWORD}, hasher=hasher)
    async with app.router.lifespan_context(app), _logged_in(app) as http:
        control: Control = app.state.control
        camera_id = await _recorded(control.database, http, volume)
        with _node(volume, folder / "exports") as address:
            epoch = await control.node.begin_epoch()
            control.node.register(Registration(address=address, pid=0, epoch=epoch, version="0"))
            return await _timed(http, camera_id)


async def _timed(http: httpx.AsyncClient, camera_id: str) -> dict[str, _Times]:
    random = Random(7)
    times = {name: _Times() for name in ("hour", "six", "seek", "keys")}
    for _ in range(3):
        with times["six"].taken():
            await _start(http, camera_id, WINDOW, HOURS, "normal")
    for _ in range(ROUNDS):
        begins = WINDOW + timedelta(minutes=random.randrange((HOURS - 1) * 60))
        with times["hour"].taken():
            base, parts = await _start(http, camera_id, begins, 1, "normal")
        with times["seek"].taken():
            await _got(http, base + random.choice(parts))
        with times["keys"].taken():
            await _start(http, camera_id, begins, 1, "keyframes")
    return times


async def _start(
    http: httpx.AsyncClient, camera_id: str, begins: datetime, hours: int, speed_class: str
) -> tuple[str, list[str]]:
    ends = begins + timedelta(hours=hours)
    body = {"from": begins.isoformat(), "to": ends.isoformat(), "speed_class": speed_class}
    opened = await http.post(f"/api/v1/cameras/{camera_id}/playback", json=body)
    opened.raise_for_status()
    url = opened.json()["playlist_url"]
    base = url.removesuffix("index.m3u8")
    parts = [line for line in (await _got(http, url)).decode().splitlines() if line.endswith(".m4s")]
    await _got(http, f"{base}init-0.mp4")
    await _got(http, base + parts[0])
    return base, parts


async def _got(http: httpx.AsyncClient, url: str) -> bytes:
    answer = await http.get(url)
    answer.raise_for_status()
    return answer.content


@asynccontextmanager
async def _logged_in(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        body = {"username": "admin", "password": _PASSWORD}
        (await http.post("/api/v1/login", json=body)).raise_for_status()
        yield http


async def _recorded(database: Database, http: httpx.AsyncClient, volume: Path) -> str:
    """Fills the index, gives one of its cameras real files in the window, and states why that camera is looked at."""
    camera = {"name": "Gate", "address": "rtsp://192.0.2.7/main"}
    camera_id = str((await http.post("/api/v1/cameras", json=camera)).json()["id"])
    await fill_index(database, Random(7))
    files = await asyncio.to_thread(_write_files, volume, camera_id)
    async with database.write() as transaction:
        own = segments.update().where(segments.c.camera_id == indexed_camera(_FILLER_CAMERA))
        await transaction.connection.execute(own.values(camera_id=camera_id))
        named = segments.update().where(segments.c.camera_id == camera_id, segments.c.started_at == sa.bindparam("at"))
        await transaction.connection.execute(named.values(path=sa.bindparam("place"), volume_id="volume"), files)
    purpose = {"key": "incident", "reference": "benchmark", "camera_ids": [camera_id]}
    (await http.post("/api/v1/purposes", json=purpose)).raise_for_status()
    return camera_id


def _write_files(volume: Path, camera_id: str) -> list[dict[str, object]]:
    """A file for each minute of the window, of one epoch."""
    volume.mkdir()
    clip = ClipCache(volume.parent / "clips").play_scene(Scene(gop_s=2.0, duration_s=20.0, walker_count=2))
    begins_with = b"".join(b"\0\0\0\1" + unit for unit in clip.units[0].nal_units)
    layout = video_layout(clip.codec, begins_with)
    written: list[dict[str, object]] = []
    for minute in range(HOURS * FILES_AN_HOUR):
        started_at = WINDOW + timedelta(minutes=minute)
        header = SegmentHeader(
            recording_id=new_identifier(),
            camera_id=CameraId(camera_id),
            role=StreamRole.MAIN,
            epoch=1,
            node_epoch=1,
            started_at=started_at,
            clock_offset_s=None,
            mask_version=0,
            codec=clip.codec,
            width=layout.width,
            height=layout.height,
            profile=layout.profile,
            audio_codec=None,
            volume_id="volume",
        )
        muxer = SegmentMuxer(header, layout, None, part_s=1.0)
        file = SegmentFile(volume, header, muxer.beginning)
        for sample in _minute(clip, minute):
            for piece in muxer.add_video(sample):
                file.append(piece.data)
        for piece in muxer.close((minute + 1) * 60 * 90_000):
            file.append(piece.data)
        file.finish()
        written.append({"at": to_us(started_at), "place": str(header.path)})
    return written


def _minute(clip: Clip, minute: int) -> Iterator[TrackSample]:
    """The clip three times over, at its place in the epoch."""
    for repeat in range(3):
        start = (minute * 60 + repeat * 20) * 90_000
        for unit in clip.units:
            data = length_prefixed(clip.codec, b"".join(b"\0\0\0\1" + nal for nal in unit.nal_units))
            yield TrackSample(data, start + unit.due, unit.pts - unit.due, unit.is_keyframe)


@contextmanager
def _node(volume: Path, exports: Path) -> Iterator[str]:
    """The node's routes over the files, on a port of their own."""
    files = RecordedFiles(lambda _volume_id: volume)
    app = FastAPI()
    app.include_router(recording_router(files, ExportBuilds(exports, files)), prefix="/internal/v1")
    answer_refusals(app)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()
