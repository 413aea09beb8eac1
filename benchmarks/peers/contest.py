"""One contender at a time looks at freshly started cameras while its processor time is taken."""

import contextlib
import json
import multiprocessing
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO, cast

from benchmarks.peers.usage import Usage
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_file import read_clip
from ingest.virtual_camera.thread import VirtualCameraThread

_START_LIMIT_S = 90.0


class NotRun(Exception):
    """The contender could not take part; the message says why."""


@dataclass(frozen=True, slots=True)
class Contender:
    """`command` without the addresses; `extra` follows them. `environment` is added to ours."""

    name: str
    command: Sequence[str]
    extra: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Showing:
    """A camera's clip, and where in it the camera begins."""

    clip: Path
    start_s: float


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the cameras are, when they began (monotonic, the same clock for all processes here), and their process."""

    urls: Sequence[str]
    started_s: float
    pid: int


@dataclass(frozen=True, slots=True)
class Toll:
    """Processor milliseconds per second and camera, and frames judged per second of the camera that was judged least.

    `elsewhere` is the share of the machine that neither the contender nor the cameras used, `dropped_share` that of the
    due frames of which the contender itself says that it had no time for them.
    """

    cpu_ms: float
    judged_fps: float
    elsewhere: float = 0.0
    dropped_share: float = 0.0


def run(contender: Contender, showings: Sequence[Showing], warm_up_s: float, seconds: float) -> Toll:
    """The contender's toll over the same seconds of the clips as any other's.

    Raises:
        NotRun: it did not start, or judged nothing.

    """
    with cameras(showings) as stage, _started(contender, stage.urls) as process:
        deadline_s = time.monotonic() + _START_LIMIT_S
        while not all(process.tally().judged):
            if time.monotonic() > deadline_s:
                opened = sum(count > 0 for count in process.tally().judged)
                raise NotRun(f"judged {opened} of {len(showings)} cameras within {_START_LIMIT_S:.0f} s")
            time.sleep(0.5)
        time.sleep(warm_up_s)
        before, usage, begun_s = process.tally(), Usage((process.pid, stage.pid)), time.monotonic()
        time.sleep(seconds)
        elapsed_s, after = time.monotonic() - begun_s, process.tally()
        spent_s, _ = usage.spent_s()
        elsewhere = usage.elsewhere(elapsed_s)
    judged = [late - early for early, late in zip(before.judged, after.judged, strict=True)]
    dropped = after.dropped - before.dropped
    spent_ms = 1000 * spent_s / (elapsed_s * len(showings))
    return Toll(spent_ms, min(judged) / elapsed_s, elsewhere, dropped / max(1, dropped + sum(judged)))


def find_ffmpeg(folder: Path) -> str:
    """An ffmpeg program: the system's, or that of PyPI's imageio-ffmpeg in `folder`/ffmpeg.

    Raises:
        NotRun: there is none.

    """
    packaged = sorted(folder.glob("ffmpeg/lib/python*/site-packages/imageio_ffmpeg/binaries/ffmpeg-*"))
    found = shutil.which("ffmpeg") or next((str(path) for path in packaged), None)
    if found is None:
        raise NotRun("no ffmpeg program is installed")
    return found


@contextlib.contextmanager
def cameras(showings: Sequence[Showing]) -> Iterator[Stage]:
    """The cameras, in a process of their own, whose time nobody pays for."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(showings, theirs), daemon=True)
    process.start()
    try:
        urls, started_s = ours.recv()
        yield Stage(urls, started_s, cast("int", process.pid))
    finally:
        ours.send(None)
        process.join()


def _serve(showings: Sequence[Showing], parent: Connection) -> None:
    clips = {path: read_clip(path) for path in {showing.clip for showing in showings}}
    shown = [VirtualCamera(f"c{n}", clips[one.clip], start_s=one.start_s) for n, one in enumerate(showings)]
    started_s = time.monotonic()
    with VirtualCameraThread(shown) as server:
        parent.send(([server.url(camera.name) for camera in shown], started_s))
        parent.recv()


@dataclass(frozen=True, slots=True)
class _Tally:
    """What a contender says of itself: frames judged of each camera so far, and dropped of all together."""

    judged: Sequence[int]
    dropped: int


class _Running:
    """A contender's process; its answers are read by a thread, so that none of its libraries' chatter blocks it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process
        self._answers: queue.Queue[_Tally | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def tally(self) -> _Tally:
        """What it has done so far.

        Raises:
            NotRun: it has ended or does not answer.

        """
        stdin = cast("TextIO", self._process.stdin)
        try:
            stdin.write("?\n")
            stdin.flush()
            answer = self._answers.get(timeout=_START_LIMIT_S)
        except BrokenPipeError:
            answer = None
        except queue.Empty:
            raise NotRun(f"said nothing within {_START_LIMIT_S:.0f} s") from None
        if answer is None:
            raise NotRun("it ended at once")
        return answer

    def _read(self) -> None:
        for line in cast("TextIO", self._process.stdout):
            if line.startswith('{"judged"'):
                self._answers.put(_Tally(**json.loads(line)))
        self._answers.put(None)


@contextlib.contextmanager
def _started(contender: Contender, urls: Sequence[str]) -> Iterator[_Running]:
    single = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [*contender.command, json.dumps(list(urls)), *contender.extra],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
        env={**os.environ, **single, **contender.environment},
    ) as process:
        try:
            yield _Running(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
