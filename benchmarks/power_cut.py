"""power-cut: the power fails while cameras are recorded; what is on the disk afterwards.

An ext4 image is mounted through a loop device and recorded to, index rows included. At a random instant the image file
is copied: it holds what had reached the device, and nothing of what was still in memory. A copy takes a moment, in
which the device may be written: one that is not the same when it is read again is of no instant at all (its journal may
tell of blocks that were copied before they were written), so the next is taken. The copy is mounted, which replays its
journal, and looked through as after a start. Needs root and loop devices; without them it says so and
counts nothing. `XUELIANG_CUTS` says how often (50).
"""

import contextlib
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.recording_clip import make_clip
from benchmarks.recording_kill import Trial, kill, look, start
from benchmarks.report import Figure, Report

LIMIT_S = 8.0
"""A flush every 5 s, a fragment of 1 s, and the time that the flush and the copy take."""
_IMAGE_BYTES = 96 << 20
_SEED = 20261122


def measure() -> Report:
    """Cuts, looks, and sums up."""
    count = int(os.environ.get("XUELIANG_CUTS", "50"))
    chance = random.Random(_SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if (reason := _why_not(folder)) is not None:
            return Report("power-cut", (Figure("power cuts", 0, "cuts"),), (f"skipped: {reason}",))
        clip = make_clip(folder / "clip.mp4")
        trials = [cut(clip, folder, chance) for _ in range(count)]
    losses = sorted(trial.lost_s for trial in trials)
    return Report(
        "power-cut",
        (
            Figure("rows without their file", sum(trial.rows_without_file for trial in trials), "rows", 0),
            Figure("files that do not play", sum(trial.unplayable for trial in trials), "files", 0),
            Figure("lost recording, longest", losses[-1], "s", LIMIT_S),
            Figure("lost recording, median", losses[len(losses) // 2], "s"),
            Figure("power cuts", count, "cuts"),
            Figure("files looked into", sum(trial.file_count for trial in trials), "files"),
        ),
        [fault for trial in trials for fault in trial.faults],
    )


def cut(clip: Path, folder: Path, chance: random.Random) -> Trial:
    """One power cut."""
    image, copy = folder / "disk.img", folder / "copy.img"
    _make_image(image)
    with _mounted(image, folder / "disk") as disk:
        process = start(clip, disk / "node")
        time.sleep(chance.uniform(7.0, 14.0))
        cut_at = _copy_of_an_instant(image, copy)
        kill(process, disk / "node")
    with _mounted(copy, folder / "after") as after:
        return look(after / "node", cut_at)


def _copy_of_an_instant(image: Path, copy: Path) -> float:
    """Copies what the device holds; when that was, in seconds since 1970."""
    found = image.read_bytes()
    while True:
        at_s, before = time.time(), found
        if (found := image.read_bytes()) == before:
            copy.write_bytes(found)
            return at_s


def _make_image(image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(_IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)  # noqa: S607 - where it lies is the system's


@contextlib.contextmanager
def _mounted(image: Path, place: Path) -> Iterator[Path]:
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)  # noqa: S607
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)  # noqa: S607


def _why_not(folder: Path) -> str | None:
    """Why this machine cannot do it."""
    if os.geteuid() != 0:
        return "not root"
    image = folder / "probe.img"
    try:
        _make_image(image)
        with _mounted(image, folder / "probe"):
            return None
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no loop devices: {error}"
