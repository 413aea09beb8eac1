"""One volume's only writer: a thread of its own, so that a slow or dead disk holds up nobody else."""

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Protocol

import structlog

from ingest.clock import Clock
from ingest.recording.gap import GapReason
from ingest.recording.garbage import Garbage, remove
from ingest.recording.segment import FileFacts, SegmentHeader, SegmentInfo, segment_info
from ingest.recording.segment_file import SegmentFile
from ingest.recording.segment_muxer import Piece
from ingest.recording.settings import RecorderSettings
from ingest.recording.sweep import mend
from ingest.recording.volume import (
    GAP_REASONS,
    USABLE,
    Room,
    VolumeCondition,
    VolumePlace,
    VolumeRefused,
    VolumeState,
    claim,
    condition_of,
    fill_condition,
)
from ingest.recording.volume_sweep import VolumeSweep
from ingest.recording.write_queue import WriteQueue

log = structlog.get_logger()

_POLL_S = 0.25
_CHECK_S = 2.0
_STOP_S = 3.0
SLOW_S = 1.0
"""A flush that took this long makes the volume SLOW until one is quicker again."""
STALL_S = 5.0
"""A thread that has not come back from the disk for this long: another volume is taken where there is one."""
_PROBE = ".probe"


class VolumeListener(Protocol):
    """Who hears of what is on disk. Called on volume threads; may wait for a disk of its own."""

    def on_segment(self, info: SegmentInfo) -> None:
        """A file is whole and on disk. May be told twice."""
        ...

    def on_garbage(self, recording_ids: Sequence[str]) -> None:
        """These files are gone from the disk."""
        ...


@dataclass(eq=False, slots=True)
class WriteTicket:
    """A file on its way to disk. `written_s` of its pictures are in the file; `failure`: no more will be.

    `is_given_up`: what waited of it was thrown away for newer pictures, and `failure` follows.
    """

    header: SegmentHeader
    written_s: float = 0.0
    is_whole: bool = False
    is_given_up: bool = False
    failure: GapReason | None = None


@dataclass(frozen=True, slots=True)
class _Begin:
    ticket: WriteTicket
    beginning: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Append:
    ticket: WriteTicket
    piece: Piece = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Finish:
    ticket: WriteTicket
    duration_s: float
    keyframe_count: int


@dataclass(frozen=True, slots=True)
class _Cut:
    ticket: WriteTicket


@dataclass(frozen=True, slots=True)
class _Remove:
    items: Sequence[Garbage]


class _Stop:
    """The last job."""


_Job = _Begin | _Append | _Finish | _Cut | _Remove | _Stop


class VolumeWriter:
    """`begin`, `append`, `finish` and `remove` only queue; everything else about the disk happens on the thread."""

    def __init__(self, place: VolumePlace, settings: RecorderSettings, clock: Clock, listener: VolumeListener) -> None:
        self.place = place
        self._settings = settings
        self._clock = clock
        self._listener = listener
        self._queue: WriteQueue[_Job] = WriteQueue(settings.queue_bytes, settings.queue_s, clock)
        self._files: dict[WriteTicket, SegmentFile] = {}
        self._lock = Lock()
        self._expected: tuple[str | None] | None = None  # None: nobody has said anything about this volume yet
        self._sweep = VolumeSweep(place.path, listener)
        self._state = VolumeState(None, place.name, VolumeCondition.MISSING, None, None, None, clock.now())
        self._check_due_s = self._sync_due_s = self._synced_s = self._beat_s = clock.monotonic_s()
        self._to_sync: deque[WriteTicket] = deque()
        self._is_slow = False
        self._untold: deque[SegmentInfo] = deque()
        self._thread = Thread(target=self._run, name=f"volume-{place.name}", daemon=True)

    def start(self) -> None:
        """Starts the thread. Call once."""
        self._thread.start()

    def close(self) -> None:
        """Writes what waits and ends the thread; a disk that hangs is not waited for."""
        self._queue.put(_Stop())
        self._sweep.stop()
        if self._thread.ident is not None:
            self._thread.join(_STOP_S)

    def expect(self, volume_id: str | None) -> None:
        """The identity this volume must have; None: it is new. Nothing is written before this is known."""
        with self._lock:
            if self._expected != (volume_id,):
                self._expected = (volume_id,)
                self._check_due_s = self._clock.monotonic_s()

    @property
    def volume_id(self) -> str | None:
        """The identity, None while the volume has not been seen."""
        return self._state.volume_id

    def state(self) -> VolumeState:
        """How the volume is at this moment. From any thread."""
        state = self._state
        if state.state is VolumeCondition.OK and (self._is_slow or self._is_stalled(SLOW_S)):
            state = replace(state, state=VolumeCondition.SLOW)
        return replace(state, used_bytes=self._sweep.used_bytes)

    def takes(self) -> bool:
        """Whether the volume is usable, and its backlog is below what is allowed."""
        return self._state.state in USABLE and not self._is_stalled(STALL_S) and self._queue.has_room()

    def begin(self, header: SegmentHeader, beginning: bytes) -> WriteTicket:
        """A new file."""
        ticket = WriteTicket(header)
        self._queue.put(_Begin(ticket, beginning), len(beginning))
        return ticket

    def append(self, ticket: WriteTicket, piece: Piece) -> bool:
        """The next bytes of a file; False when it was given up: end it, and begin another.

        While the backlog is too long, the file that waits longest is given up: what is on disk of it stays, what waits
        is thrown away. So a disk that is too slow costs the oldest pictures, a group of them or more, never the newest.
        Taking single groups out would leave files with holes, which only a file of its own for each rest could name.
        """
        while not ticket.is_given_up and not self._queue.has_room():
            if (oldest := self._queue.oldest()) is None:
                break
            self._give_up(oldest)
        if not ticket.is_given_up:
            self._queue.put(_Append(ticket, piece), len(piece.data))
        return not ticket.is_given_up

    def finish(self, ticket: WriteTicket, duration_s: float, keyframe_count: int) -> None:
        """The file is complete; it is told to the listener when it is on disk."""
        self._queue.put(_Finish(ticket, duration_s, keyframe_count))

    def cut(self, ticket: WriteTicket) -> None:
        """The file ends after what was taken of it."""
        self._queue.put(_Cut(ticket))

    def remove(self, items: Sequence[Garbage]) -> None:
        """Deletes files. What cannot be deleted now is not told to the listener: ask again."""
        self._queue.put(_Remove(items))

    def _give_up(self, oldest: _Job) -> None:
        if isinstance(oldest, _Begin | _Append):
            given_up = oldest.ticket
            given_up.is_given_up = True
            self._queue.replace(lambda job: getattr(job, "ticket", None) is given_up, _Cut(given_up))

    def _is_stalled(self, limit_s: float) -> bool:
        return self._clock.monotonic_s() - self._beat_s > limit_s

    def _run(self) -> None:
        is_open = True
        while is_open:
            try:
                is_open = self.step(_POLL_S)
            except Exception:
                # The volume's only thread: whatever happens to one file, the others are written.
                log.exception("volume writer failed unexpectedly", volume=self.place.name)

    def step(self, timeout_s: float) -> bool:
        """Does one job, waiting at most that long for it, and what is due. False after the last job.

        Files are flushed one by one, each when nothing waits to be written: what the kernel has survives the end of
        this process, what waits here does not. So a slow disk costs a killed node one flush, not those of all cameras.
        """
        job = self._queue.take(0 if self._to_sync else timeout_s)
        self._beat_s = now_s = self._clock.monotonic_s()
        if now_s >= self._check_due_s:
            self._check_due_s = now_s + _CHECK_S
            self._check()
            self._tell()
        if job is not None:
            self._perform(job)
        if self._to_sync and (job is None or now_s - self._synced_s >= self._settings.sync_s):
            self._sync(self._to_sync.popleft())
            # Counted from the end: on a disk that takes seconds for each file nothing else would ever be done.
            self._sync_due_s = self._clock.monotonic_s() + self._settings.sync_s
        if not self._to_sync and now_s >= self._sync_due_s:
            self._to_sync.extend(ticket for ticket, file in self._files.items() if file.unsynced_bytes)
        self._beat_s = self._clock.monotonic_s()
        return not isinstance(job, _Stop)

    def _perform(self, job: _Job) -> None:
        if isinstance(job, _Remove):
            self._remove(job.items)
            return
        if isinstance(job, _Stop):
            for ticket in tuple(self._files):
                self._drop(ticket, GapReason.NODE_DOWN)
            return
        if job.ticket.failure is not None:
            return
        if isinstance(job, _Cut):
            self._drop(job.ticket, GapReason.TOO_SLOW)
            return
        try:
            self._write(job)
        except OSError as error:
            condition = condition_of(error)
            log.error(  # noqa: TRY400 - the reason says all, and there may be many
                "recording could not be written",
                volume=self.place.name,
                camera=job.ticket.header.camera_id,
                reason=error.strerror,
            )
            self._drop(job.ticket, GAP_REASONS[condition])
            self._become(replace(self._state, state=condition))

    def _write(self, job: _Begin | _Append | _Finish) -> None:
        ticket = job.ticket
        if isinstance(job, _Begin):
            if self._state.state not in USABLE:
                ticket.failure = GAP_REASONS[self._state.state]
                return
            self._sweep.spare(ticket.header)
            self._files[ticket] = SegmentFile(self.place.path, ticket.header, job.beginning)
        elif isinstance(job, _Append):
            self._files[ticket].append(job.piece.data)
            ticket.written_s = job.piece.end_s
        else:
            file = self._files[ticket]
            began_s = self._clock.monotonic_s()
            sha256 = file.finish()
            self._note_flush(began_s)
            del self._files[ticket]
            facts = FileFacts(job.duration_s, file.size_bytes, sha256, job.keyframe_count)
            self._sweep.add_used(file.size_bytes)
            ticket.is_whole = True
            self._sweep.release(ticket.header)
            self._tell(segment_info(ticket.header, facts))

    def _sync(self, ticket: WriteTicket) -> None:
        """What was written of a file so far is on disk afterwards."""
        self._synced_s = began_s = self._clock.monotonic_s()
        if (file := self._files.get(ticket)) is None:
            return
        try:
            file.sync()
        except OSError as error:
            condition = condition_of(error)
            self._drop(ticket, GAP_REASONS[condition])
            self._become(replace(self._state, state=condition))
        self._note_flush(began_s)

    def _note_flush(self, began_s: float) -> None:
        self._is_slow = self._clock.monotonic_s() - began_s > SLOW_S

    def _drop(self, ticket: WriteTicket, reason: GapReason) -> None:
        """Ends a file as it is. Its whole fragments become a file at once, or in a later sweep.

        Only what became one is said to be recorded: what a broken disk was given may never be read again.
        """
        file = self._files.pop(ticket, None)
        info = None if file is None else self._mended(file)
        ticket.written_s = 0.0 if info is None else info.duration_s
        ticket.failure = reason  # from here on the recorder goes by it
        self._sweep.release(ticket.header)
        if info is not None:
            self._sweep.add_used(info.size_bytes)
            self._tell(info)

    def _tell(self, *infos: SegmentInfo) -> None:
        """These files are whole. Those that the listener does not take are told again later."""
        self._untold += infos
        while self._untold:
            try:
                self._listener.on_segment(self._untold[0])
            except Exception:
                # The listener's boundary: its disk may be full, and that says nothing about this volume.
                log.exception("a recording could not be told", volume=self.place.name, waiting=len(self._untold))
                return
            self._untold.popleft()

    def _mended(self, file: SegmentFile) -> SegmentInfo | None:
        file.abandon()
        try:
            return mend(file.part)
        except OSError as error:
            log.warning("an unfinished file waits to be mended", path=str(file.part), reason=error.strerror)
            return None

    def _check(self) -> None:
        """Looks whether the volume is there, whose it is, and how full."""
        with self._lock:
            expected = self._expected
        if expected is None:
            return
        try:
            self._become(self._looked(expected[0]))
        except VolumeRefused as refused:
            self._become(replace(self._state, state=refused.condition))
        except OSError as error:
            self._become(replace(self._state, state=condition_of(error)))

    def _looked(self, expected: str | None) -> VolumeState:
        now, before = self._clock.now(), self._state
        identity = claim(self.place, expected or before.volume_id, now)
        disk = os.statvfs(self.place.path)
        free, total = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
        used = self._sweep.used_bytes
        condition = fill_condition(self.place, Room(free, total, used), was_full=before.state is VolumeCondition.FULL)
        if disk.f_flag & os.ST_RDONLY:
            condition = VolumeCondition.READ_ONLY
        elif condition is VolumeCondition.OK and before.state not in USABLE:
            _probe(self.place.path)
        return VolumeState(identity, self.place.name, condition, free, total, used, now)

    def _become(self, state: VolumeState) -> None:
        before, self._state = self._state, state
        if before.state is not state.state:
            log.info("volume changed", volume=self.place.name, before=before.state.value, state=state.state.value)
        if state.state not in USABLE:
            for ticket in tuple(self._files):
                self._drop(ticket, GAP_REASONS[state.state])
        elif before.state not in USABLE:
            self._sweep.start()

    def _remove(self, items: Sequence[Garbage]) -> None:
        if self._state.state not in USABLE | {VolumeCondition.FULL}:
            return
        removed, freed = remove(self.place.path, items)
        self._sweep.add_used(-freed)
        if removed:
            self._listener.on_garbage(removed)
        self._check_due_s = self._clock.monotonic_s()  # what was full may be no longer


def _probe(folder: Path) -> None:
    """Writes and deletes a few bytes.

    Raises:
        OSError: the disk does not take them.

    """
    path = folder / _PROBE
    with path.open("wb") as file:
        file.write(b"\n")
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
