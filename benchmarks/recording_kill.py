"""recording-kill: recorders killed with SIGKILL at random instants; what is lost, and whether rows and files agree.

`XUELIANG_KILLS` says how often (100); the seed is fixed, the instants are the machine's.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import av

from benchmarks.recording_child import OUTBOX, VOLUME
from benchmarks.recording_clip import make_clip
from benchmarks.report import Figure, Report
from ingest.recording.segment import PART_SUFFIX, SegmentInfo
from ingest.recording.segment_reader import SegmentReader
from ingest.recording.sweep import file_hash, inspect, mend, segment_paths
from vms_api.node.store import OutboxStore

LIMIT_S = 2.0
CAMERAS = 2
_AT_ONCE = 2
_SEED = 20261122


@dataclass(frozen=True, slots=True)
class Trial:
    """What one kill cost: the longest loss of a camera in seconds, and what did not fit."""

    lost_s: float
    rows_without_file: int
    faults: tuple[str, ...]
    file_count: int

    @property
    def unplayable(self) -> int:
        """Files that do not give what they claim; `faults` says of each what it is."""
        return len(self.faults)


def measure() -> Report:
    """Kills, looks, and sums up."""
    count = int(os.environ.get("XUELIANG_KILLS", "100"))
    chance = random.Random(_SEED)
    with tempfile.TemporaryDirectory() as folder:
        clip = make_clip(Path(folder) / "clip.mp4")
        trials: list[Trial] = []
        while len(trials) < count:
            folders = [Path(folder) / f"trial-{len(trials) + n}" for n in range(min(_AT_ONCE, count - len(trials)))]
            trials += kill_some(clip, folders, chance)
    losses = sorted(trial.lost_s for trial in trials)
    return Report(
        "recording-kill",
        (
            Figure("rows without their file", sum(trial.rows_without_file for trial in trials), "rows", 0),
            Figure("files that do not play", sum(trial.unplayable for trial in trials), "files", 0),
            Figure("lost recording, longest", losses[-1], "s", LIMIT_S),
            Figure("lost recording, median", losses[len(losses) // 2], "s"),
            Figure("kills", count, "kills"),
            Figure("files looked into", sum(trial.file_count for trial in trials), "files"),
        ),
        [
            f"{CAMERAS} cameras of 25 pictures a second in each process, key frames every second, files of 4 s",
            *(fault for trial in trials for fault in trial.faults),
        ],
    )


def kill_some(clip: Path, folders: list[Path], chance: random.Random) -> list[Trial]:
    """Several recorders at a time, each killed at an instant of its own."""
    running = [start(clip, folder) for folder in folders]
    killed_at = []
    for process in running:
        time.sleep(chance.uniform(1.5, 5.0))
        killed_at.append(time.time())
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    return [look(folder, at) for folder, at in zip(folders, killed_at, strict=True)]


def start(clip: Path, folder: Path) -> "subprocess.Popen[str]":
    """A recorder that records."""
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.recording_child", str(clip), str(folder), str(CAMERAS)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    if process.stdout is not None:
        for line in process.stdout:
            if line.strip().endswith("recording"):
                break
    while len(list((folder / VOLUME).rglob(f"*{PART_SUFFIX}"))) < CAMERAS and process.poll() is None:
        time.sleep(0.05)  # a kill before the first picture would say nothing
    return process


def kill(process: "subprocess.Popen[str]", folder: Path) -> Trial:
    """SIGKILL, then what the next start would do and find."""
    killed_at = time.time()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return look(folder, killed_at)


def look(folder: Path, killed_at: float) -> Trial:
    """Mends the volume and holds rows and files against each other."""
    store = OutboxStore(folder / OUTBOX)
    rows = [json.loads(entry.payload) for entry in store.oldest(100_000) if entry.kind == "segment"]
    store.close()
    volume = folder / VOLUME
    files = [mend(path) if path.suffix == PART_SUFFIX else inspect(path) for path in segment_paths(volume)]
    kept = [info for info in files if info is not None]
    ends: dict[str, float] = {}
    for info in kept:
        end = info.started_at.timestamp() + info.duration_s
        ends[info.camera_id] = max(end, ends.get(info.camera_id, 0.0))
    lost_s = max((killed_at - end for end in ends.values()), default=float("inf"))
    missing = sum(not _is_there(volume, row) for row in rows)
    faults = tuple(fault for info in kept if (fault := _fault(volume / info.path, info)) is not None)
    return Trial(lost_s if len(ends) == CAMERAS else float("inf"), missing, faults, len(kept))


def _is_there(volume: Path, row: dict[str, str]) -> bool:
    path = volume / row["path"]
    return path.is_file() and file_hash(path) == row["sha256"]


def _fault(path: Path, info: SegmentInfo) -> str | None:
    """None where a foreign decoder gives as many pictures as the file claims, and our reader finds nothing wrong."""
    with SegmentReader(path) as reader:
        count = sum(len(reader.samples(fragment)) for fragment in reader.fragments if fragment.track == "video")
        damage = reader.damage
    try:
        with av.open(str(path)) as container:
            decoded = sum(1 for _ in container.decode(video=0))
    except (av.FFmpegError, OSError) as error:
        return f"{path.name}: {error}"
    if damage is None and decoded == count and not info.damaged:
        return None
    kind = "mended" if info.recovered else "finished"
    return f"{path.name}: {kind}, {decoded} of {count} pictures, {path.stat().st_size} bytes, {damage}"
