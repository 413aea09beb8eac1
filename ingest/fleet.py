"""All cameras of a node: the desired state applied as a difference, and a watchdog over their threads."""

import random as randomness
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from threading import Event, Lock, Thread

import structlog

from ingest.analysed_stream import AnalysedStream, FrameSink
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import Clock
from ingest.crash_journal import CrashJournal
from ingest.crash_loop import CrashLoop
from ingest.encoder import Codecs
from ingest.errors import MasksUnavailable
from ingest.fanout import PacketFanout
from ingest.health import CameraHealth, Fault, StreamHealth
from ingest.interest import Interest
from ingest.mask import CurrentMasks, MaskSet
from ingest.masked_stream import MaskedStream
from ingest.meter import Pace, StreamMeter
from ingest.opening_gate import OpeningGate
from ingest.picture_feed import LiftedFeed, PictureFeed
from ingest.session import SessionParts, StreamLine, StreamSession
from ingest.settings import IngestSettings
from ingest.sound import SoundFanout
from ingest.source import SourceOpener

log = structlog.get_logger()

_WATCH_S = 1.0
# How long `close` waits for all threads together; they are daemons, so a hung one does not keep the process.
_CLOSE_S = 1.5


class UnknownStream(KeyError):
    """No enabled camera of this fleet has such a stream."""


@dataclass(frozen=True, slots=True)
class _Stream:
    profile: StreamProfile
    line: StreamLine
    session: StreamSession
    feed: PictureFeed


@dataclass(frozen=True, slots=True)
class _Entry:
    camera: Camera
    masks: CurrentMasks
    streams: Mapping[StreamRole, _Stream]

    def health(self) -> CameraHealth:
        streams = (self.streams[profile.role] for profile in self.camera.streams if profile.role in self.streams)
        healths = (stream.session.health() for stream in streams)
        masks = self.masks.now
        if masks is None:
            return CameraHealth(self.camera.id, tuple(map(_without_pictures, healths)))
        return CameraHealth(self.camera.id, tuple(healths), masks.version)


class CameraFleet:
    """Runs every stream of every enabled camera and restarts what hangs.

    `on_change` gets a camera's health at every change of a state, `frame_sink` every due frame of the analysed
    streams; both are called from camera threads and must not block. With a `journal` a camera that took earlier
    processes down is dialled with care. Methods may be called from any thread.
    """

    def __init__(
        self,
        opener: SourceOpener,
        codecs: Codecs,
        settings: IngestSettings,
        clock: Clock,
        frame_sink: FrameSink,
        on_change: Callable[[CameraHealth], None],
        journal: CrashJournal | None = None,
    ) -> None:
        self._opener = opener
        self._codecs = codecs
        self._settings = settings
        self._clock = clock
        self._frame_sink = frame_sink
        self._gate = OpeningGate(settings.opening_limit, settings.opening_hold_s)
        self._on_change = on_change
        self._journal = journal
        # Replaced as a whole under the lock, read without it: health and lookups never wait for a change.
        self._entries: Mapping[CameraId, _Entry] = {}
        self._change_lock = Lock()
        self._is_pressed = False
        self._hung_count = 0
        self._suspects: frozenset[StreamSession] = frozenset()
        self._closing = Event()
        self._watchdog = Thread(target=self._watch, name="ingest-watchdog", daemon=True)
        self._watchdog.start()

    @property
    def hung_count(self) -> int:
        """Camera threads given up so far because they hung in a library."""
        return self._hung_count

    def apply(self, cameras: Iterable[Camera]) -> None:
        """Makes these, and no others, the cameras of the fleet. Streams that stay the same run on untouched.

        When it returns, no picture and no packet leaves under masks of before.
        """
        with self._change_lock:
            wanted = {camera.id: camera for camera in cameras}
            before = self._entries
            starting: list[tuple[StreamSession, Thread | None]] = []
            entries = {id_: self._entry(camera, before.get(id_), starting) for id_, camera in wanted.items()}
            self._entries = entries
            self._stop_dropped(before, entries)
            self._start(starting)
        self._tell_disabled(before, entries)

    def viewable(self, camera_id: CameraId, role: StreamRole) -> PictureFeed:
        """What may be seen of a stream; the main stream's where the camera has no such stream.

        It stays the same object while the camera keeps that stream, through reconnects and changes of address or masks.

        Raises:
            UnknownStream: no such camera, or it is disabled.

        """
        return self._stream(camera_id, role).feed

    def sound(self, camera_id: CameraId, role: StreamRole) -> SoundFanout:
        """A stream's sound, masked or not; silent while the masks are not known. For the recorder.

        It stays the same object as long as `viewable` does.

        Raises:
            UnknownStream: no such camera, or it is disabled.

        """
        return self._stream(camera_id, role).line.sound

    def lifted(self, camera_id: CameraId, role: StreamRole, seconds: float) -> LiftedFeed:
        """The stream past its masks for so many seconds: for a view that a second person has approved.

        Raises:
            UnknownStream: no such camera, or it is disabled.

        """
        return self._stream(camera_id, role).feed.lifted(self._clock, seconds)

    def masks(self, camera_id: CameraId) -> MaskSet:
        """The camera's masks in force: for pictures that were decoded a while ago, maybe under others.

        Raises:
            UnknownStream: no such camera.
            MasksUnavailable: they are not known.

        """
        entry = self._entries.get(camera_id)
        if entry is None:
            raise UnknownStream(camera_id)
        if (masks := entry.masks.now) is None:
            raise MasksUnavailable("the camera's masks are not known")
        return masks

    def _stream(self, camera_id: CameraId, role: StreamRole) -> _Stream:
        entry = self._entries.get(camera_id)
        stream = entry.streams.get(entry.camera.stream(role).role) if entry is not None else None
        if stream is None:
            raise UnknownStream(camera_id, role)
        return stream

    def note_interest(self, camera_id: CameraId, interest: Interest) -> None:
        """Something moves there, or is followed: all of the camera's analysed stream is decoded for a while."""
        entry = self._entries.get(camera_id)
        for stream in entry.streams.values() if entry is not None else ():
            stream.session.note_interest(interest)

    def press(self, *, pressed: bool) -> None:
        """Whether there is more to decode than the machine can do, so that idle cameras must sleep."""
        self._is_pressed = pressed

    def health(self) -> tuple[CameraHealth, ...]:
        """Every camera at this moment."""
        return tuple(entry.health() for entry in self._entries.values())

    def camera_health(self, camera_id: CameraId) -> CameraHealth | None:
        """One camera at this moment; None where there is no such camera."""
        entry = self._entries.get(camera_id)
        return entry.health() if entry is not None else None

    def pace(self, camera_id: CameraId, role: StreamRole) -> Pace:
        """How evenly a stream's packets have come lately.

        Raises:
            UnknownStream: no such camera, or it is disabled.

        """
        return self._stream(camera_id, role).line.meter.pace(self._clock.monotonic_s())

    def close(self) -> None:
        """Stops all streams; waits a moment for their threads, not for a hung one."""
        self._closing.set()
        with self._change_lock:
            sessions = _sessions(self._entries)
            feeds = _feeds(self._entries)
            self._entries = {}
            for session in sessions:
                session.stop()
        for feed in feeds:
            feed.close()
        due_s = self._clock.monotonic_s() + _CLOSE_S
        for thread in (self._watchdog, *(session.thread for session in sessions)):
            thread.join(max(0.0, min(_CLOSE_S, due_s - self._clock.monotonic_s())))

    def look_after(self) -> None:
        """One look of the watchdog: replaces sessions whose thread made no step for `hang_s`.

        Only a second look in a row condemns: after the machine slept every heartbeat is old for a moment.
        """
        limit_s = self._clock.monotonic_s() - self._settings.hang_s
        stale = {
            session for session in _sessions(self._entries) if session.heartbeat_s < limit_s or session.is_finished
        }
        for session in stale & self._suspects:
            self._replace(session)
        self._suspects = frozenset(stale - self._suspects)

    def _watch(self) -> None:
        while not self._closing.wait(_WATCH_S):
            try:
                self.look_after()
            except Exception:
                # The watchdog is what rescues all others; whatever happens, it looks again.
                log.exception("watchdog failed")

    def _replace(self, hung: StreamSession) -> None:
        with self._change_lock:
            entry = self._entries.get(hung.camera.id)
            stream = entry.streams.get(hung.profile.role) if entry is not None else None
            if entry is None or stream is None or stream.session is not hung or self._closing.is_set():
                return
            hung.abandon()
            self._hung_count += 1
            stream.line.crashes.crashed(self._clock.monotonic_s())
            log.error("camera thread hung and was replaced", camera=hung.camera.id, role=hung.profile.role.value)
            successor = replace(stream, session=self._session(entry.camera, stream.profile, stream.line, entry.masks))
            renewed = replace(entry, streams={**entry.streams, stream.profile.role: successor})
            self._entries = {**self._entries, entry.camera.id: renewed}
            successor.session.start()

    def _entry(
        self, camera: Camera, before: _Entry | None, starting: list[tuple[StreamSession, Thread | None]]
    ) -> _Entry:
        """The camera's entry with its streams of before where nothing changed for them."""
        masks = before.masks if before is not None else CurrentMasks()
        masks.now = camera.masks  # before anything else: every decoder and feed of the camera looks here
        streams: dict[StreamRole, _Stream] = {}
        for profile in camera.streams if camera.enabled else ():
            if profile.role in streams:
                continue  # a second stream of one role would have nowhere to go
            known = before.streams.get(profile.role) if before is not None else None
            if known is not None and _is_same(known.session.camera, camera, profile):
                streams[profile.role] = known
                continue
            line = known.line if known is not None else self._line(camera.id, masks)
            if known is not None:
                line.crashes.forgive()
            session = self._session(camera, profile, line, masks)
            feed = known.feed if known is not None else self._feed(profile.role, line, masks)
            streams[profile.role] = _Stream(profile, line, session, feed)
            starting.append((session, known.session.thread if known is not None else None))
        return _Entry(camera, masks, streams)

    def _line(self, camera_id: CameraId, masks: CurrentMasks) -> StreamLine:
        fanout = PacketFanout(self._settings.gop_cache_bytes, self._settings.gop_cache_s)
        crashes, now_s = CrashLoop(self._settings), self._clock.monotonic_s()
        for age_s in self._journal.ages_s(camera_id) if self._journal is not None else ():
            crashes.crashed(now_s - age_s)
        return StreamLine(fanout, StreamMeter(), count(1), SoundFanout(masks), crashes)

    def _note_thread(self, camera_id: CameraId) -> None:
        if self._journal is not None:
            self._journal.note_thread(camera_id)

    def _feed(self, role: StreamRole, line: StreamLine, masks: CurrentMasks) -> PictureFeed:
        masked = MaskedStream(line.fanout, role, masks, self._codecs, self._clock)
        return PictureFeed(line.fanout, masks, masked, self._codecs)

    def _session(self, camera: Camera, profile: StreamProfile, line: StreamLine, masks: CurrentMasks) -> StreamSession:
        parts = SessionParts(
            opener=self._opener,
            settings=self._settings,
            clock=self._clock,
            random=randomness.random,
            gate=self._gate,
            on_thread=lambda: self._note_thread(camera.id),
            on_change=lambda: self._tell(camera.id),
        )
        if profile.role is not camera.analysed_role:
            return StreamSession(camera, profile, line, parts)
        decoder = (self._codecs.analysed_decoder or self._codecs.decoder)(masks)
        analysed = AnalysedStream(decoder, self._frame_sink, self._settings, lambda: self._is_pressed)
        return StreamSession(camera, profile, line, parts, analysed)

    def _stop_dropped(self, before: Mapping[CameraId, _Entry], after: Mapping[CameraId, _Entry]) -> None:
        kept = set(_sessions(after))
        for session in _sessions(before):
            if session not in kept:
                session.stop()
        shown = set(_feeds(after))
        for feed in _feeds(before):
            if feed not in shown:
                feed.close()

    def _start(self, starting: list[tuple[StreamSession, Thread | None]]) -> None:
        """Spread by chance, so that a node with many cameras does not dial them all in one moment."""
        spread_s = self._settings.start_spread_s * (len(starting) - 1)
        for session, predecessor in starting:
            session.start(randomness.uniform(0, spread_s), predecessor)  # noqa: S311 - jitter, no secret

    def _tell(self, camera_id: CameraId) -> None:
        entry = self._entries.get(camera_id)
        if entry is not None:
            self._on_change(entry.health())

    def _tell_disabled(self, before: Mapping[CameraId, _Entry], after: Mapping[CameraId, _Entry]) -> None:
        """A camera without streams has no thread that could tell of it."""
        for camera_id, entry in after.items():
            was = before.get(camera_id)
            if not entry.streams and (was is None or was.streams):
                self._on_change(entry.health())


def _sessions(entries: Mapping[CameraId, _Entry]) -> tuple[StreamSession, ...]:
    return tuple(stream.session for entry in entries.values() for stream in entry.streams.values())


def _feeds(entries: Mapping[CameraId, _Entry]) -> tuple[PictureFeed, ...]:
    return tuple(stream.feed for entry in entries.values() for stream in entry.streams.values())


def _without_pictures(health: StreamHealth) -> StreamHealth:
    """The stream may well run; its fault is that nothing of it can be shown."""
    message = "The privacy masks could not be loaded: no view, no snapshot, no analysis."
    return replace(health, fault=Fault(MasksUnavailable.code, message, at=health.since))


def _is_same(before: Camera, after: Camera, profile: StreamProfile) -> bool:
    """Whether a stream can run on: a new name or a change of the other stream is no reason to hang up."""
    return (
        profile in before.streams
        and before.credential == after.credential
        and (before.analysed_role is profile.role) == (after.analysed_role is profile.role)
    )
