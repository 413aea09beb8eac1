"""Looks through a whole volume beside the recording: mends, tells again what is recent, counts what is used."""

from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol

import structlog

from ingest.recording.errors import SegmentDamaged
from ingest.recording.segment import PART_SUFFIX, SegmentHeader, SegmentInfo
from ingest.recording.sweep import Recency, inspect, mend, segment_paths

log = structlog.get_logger()

_REST_S = 0.001
_FILES_BETWEEN_RESTS = 50


class SegmentListener(Protocol):
    """Who hears of whole files."""

    def on_segment(self, info: SegmentInfo) -> None:
        """A file is whole and on disk. May be told twice."""
        ...


class VolumeSweep:
    """Runs on a thread of its own whenever the volume has come (back). Methods may be called from any thread."""

    def __init__(self, volume: Path, listener: SegmentListener) -> None:
        self._volume = volume
        self._listener = listener
        self._lock = Lock()
        self._spared: set[str] = set()
        self._used: int | None = None
        self._changed = 0
        self._stopping = Event()
        self._thread: Thread | None = None

    @property
    def used_bytes(self) -> int | None:
        """What recordings take, None until they were counted once."""
        with self._lock:
            return None if self._used is None else max(0, self._used + self._changed)

    def add_used(self, size: int) -> None:
        """A file has come, or gone where negative."""
        with self._lock:
            self._changed += size

    def spare(self, header: SegmentHeader) -> None:
        """That file is being written: it is not to be mended."""
        with self._lock:
            self._spared.add(header.recording_id)

    def release(self, header: SegmentHeader) -> None:
        """That file is whole, or left behind."""
        with self._lock:
            self._spared.discard(header.recording_id)

    def start(self) -> None:
        """Begins unless a sweep is under way."""
        if self._stopping.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = Thread(target=self._run, name=f"sweep-{self._volume.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends a sweep before its time; the next start of the node makes up for it."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Waits for a sweep to end."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._look_through()
        except OSError as error:
            log.warning("sweep ended early", volume=self._volume.name, reason=error.strerror)
        except Exception:
            # The thread's boundary: recording goes on without it.
            log.exception("sweep failed unexpectedly", volume=self._volume.name)

    def _look_through(self) -> None:
        recency, used = Recency(), 0
        with self._lock:
            self._changed = 0
        for number, path in enumerate(segment_paths(self._volume)):
            if self._stopping.is_set():
                return
            used += self._visit(path, is_recent=recency.covers(path))
            if number % _FILES_BETWEEN_RESTS == 0:
                self._stopping.wait(_REST_S)  # millions of files must not take the processor from the cameras
        with self._lock:
            self._used = used

    def _visit(self, path: Path, *, is_recent: bool) -> int:
        """The bytes that the file takes; mends it if need be."""
        with self._lock:
            is_spared = path.name.partition(".")[0] in self._spared
        if is_spared:
            return 0
        try:
            if path.suffix == PART_SUFFIX:
                info = mend(path)
                log.info("unfinished recording mended", path=str(path), kept=info is not None)
            elif is_recent:
                info = inspect(path)
            else:
                return path.stat().st_size
        except FileNotFoundError:
            return 0  # deleted or finished meanwhile
        except (SegmentDamaged, OSError) as error:
            # One file on bad sectors must not keep the others from being mended, told and counted.
            log.warning("recording cannot be read", path=str(path), reason=str(error))
            return _size(path)
        if info is not None:
            self._listener.on_segment(info)
        return info.size_bytes if info is not None else 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
