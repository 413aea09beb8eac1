"""Which camera took the whole node down.

A camera's bytes are read by libraries in C, on the camera's own thread. Where one of them breaks, the process is gone
and with it every camera; the next process would dial the same camera and die again. So the dying process writes down
the thread that broke (faulthandler, which needs no lock and no memory), and the next one finds out whose that was.
"""

import contextlib
import faulthandler
import json
import re
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import structlog

from ingest.camera import CameraId
from ingest.clock import Clock

log = structlog.get_logger()

# How the dump names the thread that broke; it lists the hundred newest threads and leaves out others.
_BROKEN = re.compile(r"^Current thread 0x([0-9a-f]+)", re.MULTILINE)
_KEPT = timedelta(days=1)


class CrashJournal:
    """Kept in the node's folder: the last words of the process before, whose thread was whose, and past crashes."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._clock = clock
        self._dump_path, self._threads_path = folder / "crash.txt", folder / "camera-threads.txt"
        self._crashes_path = folder / "camera-crashes.json"
        self._lock = threading.Lock()
        self._dump: IO[str] | None = None
        self._crashes = self._read_crashes()
        self._blame()

    def watch(self) -> None:
        """From now on a fatal signal of this process is written down. Once per process."""
        self._threads_path.write_text("", encoding="utf-8")
        self._dump = self._dump_path.open("w", encoding="utf-8")
        faulthandler.enable(self._dump, all_threads=True)

    def close(self) -> None:
        """The process ends in good order."""
        if self._dump is not None:
            faulthandler.disable()
            self._dump.close()
            self._dump_path.unlink(missing_ok=True)

    def note_thread(self, camera_id: CameraId) -> None:
        """The calling thread is that camera's."""
        if self._dump is not None:
            with self._lock, self._threads_path.open("a", encoding="utf-8") as file:
                file.write(f"{threading.get_ident():x} {camera_id}\n")

    def ages_s(self, camera_id: CameraId) -> Sequence[float]:
        """How many seconds ago the camera took the node down, oldest first; of the last day."""
        now = self._clock.now()
        return sorted(((now - at).total_seconds() for at in self._crashes.get(camera_id, ())), reverse=True)

    def _blame(self) -> None:
        """Finds out whom the process before died of, if it did."""
        with contextlib.suppress(FileNotFoundError):
            broken = _BROKEN.search(self._dump_path.read_text(encoding="utf-8", errors="replace"))
            culprit = self._owner(int(broken[1], 16)) if broken else None
            if culprit is not None:
                log.error("the node before died of a camera", camera=culprit)
                self._crashes.setdefault(culprit, []).append(self._clock.now())
                self._write_crashes()
            self._dump_path.unlink()

    def _owner(self, thread: int) -> CameraId | None:
        """Whose thread it was; of several, as numbers are used again, the latest."""
        owners = {}
        with contextlib.suppress(FileNotFoundError):
            for line in self._threads_path.read_text(encoding="utf-8").splitlines():
                number, _, camera_id = line.partition(" ")
                owners[int(number, 16)] = CameraId(camera_id)
        return owners.get(thread)

    def _read_crashes(self) -> dict[CameraId, list[datetime]]:
        try:
            kept = json.loads(self._crashes_path.read_text(encoding="utf-8"))
            since = self._clock.now() - _KEPT
            times = {CameraId(id_): [datetime.fromisoformat(at) for at in found] for id_, found in kept.items()}
            return {id_: young for id_, found in times.items() if (young := [at for at in found if at > since])}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError, TypeError):
            log.warning("the record of crashes cannot be read and begins anew", path=str(self._crashes_path))
            return {}

    def _write_crashes(self) -> None:
        told = {id_: [at.isoformat() for at in found] for id_, found in self._crashes.items()}
        scratch = self._crashes_path.with_suffix(".new")
        scratch.write_text(json.dumps(told), encoding="utf-8")
        scratch.replace(self._crashes_path)
