"""demux: processor time of reading one 2 Mbit/s camera, by our RTSP client and by libav beside it."""

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path

import av
import numpy as np

from benchmarks.report import Figure, Report
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole, Transport
from ingest.clock import SystemClock
from ingest.packet import Codec, Packet, StreamDescription
from ingest.packet_builder import PacketBuilder, StreamPlace
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_file import read_clip
from ingest.virtual_camera.thread import VirtualCameraThread

WIDTH, HEIGHT, FPS, GOP, LOOP_S = 1280, 720, 25, 50, 4
BITRATE = 2_000_000
WARM_UP_S, DURATION_S = 2.0, 20.0
LIMIT_CORE, LIMIT_RATIO = 0.006, 1.0


def measure() -> Report:
    """Both readers look at the same camera at the same time, each on a thread whose own time is counted."""
    with tempfile.TemporaryDirectory() as folder, _camera(Path(folder) / "clip.mp4") as (url, bitrate_bps):
        readers = {
            "ours": _Reader(lambda: _read_ours(url, Transport.TCP)),
            "udp": _Reader(lambda: _read_ours(url, Transport.UDP)),
            "libav": _Reader(lambda: _read_libav(url)),
        }
        for reader in readers.values():
            reader.thread.join()
    ours, libav = readers["ours"], readers["libav"]
    return Report(
        "demux",
        [
            Figure("our client, per camera", ours.core, "core", LIMIT_CORE),
            Figure("ours : libav", ours.core / libav.core, "ratio", LIMIT_RATIO),
            Figure("libav, per camera", libav.core, "core"),
            Figure("our client by UDP, per camera", readers["udp"].core, "core"),
        ],
        [
            f"{bitrate_bps / 1e6:.2f} Mbit/s, {WIDTH}x{HEIGHT}, {FPS} pictures/s, H.264, {DURATION_S:.0f} s",
            f"pictures read: ours {ours.pictures}, by UDP {readers['udp'].pictures}, libav {libav.pictures}",
            "both to the finished packet (parameter sets, timestamps); the camera's own time is not counted",
        ],
    )


class _Reader:
    """Runs a reader on its own thread; `core` is its share of a core after the warm-up."""

    def __init__(self, read: Callable[[], Generator[Packet]]) -> None:
        self._read = read
        self.core = float("nan")
        self.pictures = 0
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        packets = self._read()
        warm_s = time.monotonic() + WARM_UP_S
        while time.monotonic() < warm_s:
            next(packets)
        spent_s, begun_s = time.thread_time(), time.monotonic()
        while time.monotonic() < begun_s + DURATION_S:
            next(packets)
            self.pictures += 1
        self.core = (time.thread_time() - spent_s) / (time.monotonic() - begun_s)
        packets.close()


def _read_ours(url: str, transport: Transport) -> Generator[Packet]:
    profile = StreamProfile(StreamRole.MAIN, url, transport)
    camera = Camera(CameraId("yard"), "yard", (profile,))
    source = RtspOpener(IngestSettings(allow_loopback=True), SystemClock()).open(camera, profile, 1)
    try:
        for packet in source.packets():
            if isinstance(packet, Packet):
                yield packet
    finally:
        source.close()


def _read_libav(url: str) -> Generator[Packet]:
    """As streams were read before: PyAV's demuxer, and our builder behind it."""
    options = {"rtsp_transport": "tcp", "allowed_media_types": "video", "fpsprobesize": "0"}
    place = StreamPlace(CameraId("yard"), StreamRole.MAIN, 1)
    description = StreamDescription(Codec.H264, WIDTH, HEIGHT, "High", FPS)
    with av.open(url, format="rtsp", options=options, timeout=(5, 0.8)) as container:
        stream = container.streams.video[0]
        extradata = stream.codec_context.extradata or b""
        builder = PacketBuilder(place, description, Fraction(1, 90_000), SystemClock(), extradata)
        for raw in container.demux(stream):
            yield builder.build(bytes(raw), raw.pts, raw.dts, is_keyframe=raw.is_keyframe)


@contextmanager
def _camera(path: Path) -> Iterator[tuple[str, int]]:
    """Address and bit rate of a camera in a process of its own, so that it does not take turns with the readers."""
    _make_clip(path)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(path, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _serve(path: Path, parent: Connection) -> None:
    clip = read_clip(path)
    with VirtualCameraThread([VirtualCamera("yard", clip)]) as server:
        parent.send((server.url("yard"), clip.bitrate_bps))
        parent.recv()


def _make_clip(path: Path) -> None:
    """Noise that moves over a still scene, encoded at a constant bit rate, as a busy street is."""
    rng = np.random.default_rng(7)
    scene = rng.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    scene[:, : WIDTH // 2] = 90
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate, stream.gop_size, stream.max_b_frames = BITRATE, GOP, 0
        rate = BITRATE // 1000
        control = f"scenecut=0:vbv-maxrate={rate}:vbv-bufsize={rate}:nal-hrd=cbr"
        stream.options = {"preset": "ultrafast", "x264-params": control}
        for index in range(FPS * LOOP_S):
            frame = av.VideoFrame.from_ndarray(np.roll(scene, 4 * index, axis=1), format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
