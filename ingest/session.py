"""One stream, one thread: dial, read, hand on, wait, dial again, until told to stop."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event, Lock, Thread

import structlog

from ingest.analysed_stream import AnalysedStream
from ingest.audio import AudioPacket
from ingest.backoff import Backoff
from ingest.camera import Camera, StreamProfile
from ingest.clock import Clock
from ingest.crash_loop import CrashLoop
from ingest.errors import CameraQuarantined, IngestError, NoKeyFrame, SourceEnded, SourceTimeout
from ingest.fanout import PacketFanout
from ingest.freeze_detector import FreezeDetector
from ingest.health import Fault, StreamHealth
from ingest.interest import Interest
from ingest.lifecycle import TRANSITIONS, StreamEvent, StreamState
from ingest.meter import StreamMeter
from ingest.opening_gate import OpeningGate
from ingest.packet import Packet
from ingest.settings import IngestSettings
from ingest.sound import SoundFanout
from ingest.source import PacketSource, SourceOpener

log = structlog.get_logger()

# How often a waiting thread shows that it is alive.
_BEAT_S = 0.25
# A camera that changes its clock or picture size more often than this is treated as broken, not as changed.
_WELL_S = 5.0
# A stream is silent after this many of its frame periods, if that is longer than the setting.
_SILENT_PERIODS = 10
# The old thread of a reconfigured camera gets this long to hang up: many cameras allow one connection only.
_HANG_UP_S = 1.5
# How often a stream that must wait before it is dialled asks whether it may.
_GATE_POLL_S = 0.05
# A camera that sends slower than this may be given more time for its next key frame.
_KEYFRAME_FPS = 10


@dataclass(frozen=True, slots=True)
class StreamLine:
    """What outlives the sessions of one stream: its subscribers, its counts, and the row of its epochs."""

    fanout: PacketFanout
    meter: StreamMeter
    epochs: Iterator[int]
    sound: SoundFanout
    crashes: CrashLoop


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What a session is built from. `random` gives numbers in [0, 1) for the jitter.

    `on_thread` is called on the session's own thread before anything else.
    """

    opener: SourceOpener
    settings: IngestSettings
    clock: Clock
    random: Callable[[], float]
    gate: OpeningGate
    on_thread: Callable[[], None]
    on_change: Callable[[], None]


class StreamSession:
    """Keeps one stream of one camera running.

    The session's own thread owns its state and its source. Other threads may call `stop`, `abandon`, `note_interest`
    and `health` and read `heartbeat_s`; none of these waits for the camera.
    """

    def __init__(
        self,
        camera: Camera,
        profile: StreamProfile,
        line: StreamLine,
        parts: SessionParts,
        analysed: AnalysedStream | None = None,
    ) -> None:
        self.camera = camera
        self.profile = profile
        self._line = line
        self._parts = parts
        self._analysed = analysed
        self._clock = parts.clock
        self._backoff = Backoff(parts.settings, parts.random)
        self._freezing = FreezeDetector(parts.settings.frozen_s)
        self._stopping = Event()
        self._muted = False
        self._lock = Lock()
        self._health = StreamHealth(profile.role, StreamState.DISABLED, since=self._clock.now())
        self._source: PacketSource | None = None
        self._heartbeat_s = self._latest_packet_s = self._opened_s = self._clock.monotonic_s()
        self._keyframe_s = self._opened_s
        self._since_keyframe = 0
        self._log = log.bind(camera=camera.id, role=profile.role.value)
        self.thread = Thread(target=self.run, name=f"ingest-{camera.id}-{profile.role}", daemon=True)
        self._delay_s = 0.0
        self._predecessor: Thread | None = None

    def start(self, delay_s: float = 0.0, predecessor: Thread | None = None) -> None:
        """Starts the thread. It dials after `delay_s`, and lets `predecessor` hang up before that."""
        self._delay_s = delay_s
        self._predecessor = predecessor
        self.thread.start()

    def stop(self) -> None:
        """Asks the session to end. Returns at once; a blocked read is left within a second."""
        self._stopping.set()
        source = self._source
        if source is not None:
            source.interrupt()

    def abandon(self) -> None:
        """Gives up a thread that hangs in a library: whatever it does later, nobody hears of it."""
        self._muted = True
        self.stop()

    def note_interest(self, interest: Interest) -> None:
        """What there is in the latest frames; if anything, all of the stream is decoded for a while."""
        if self._analysed is not None:
            self._analysed.note_interest(interest)

    @property
    def heartbeat_s(self) -> float:
        """Monotonic time of the thread's last step."""
        return self._heartbeat_s

    @property
    def is_finished(self) -> bool:
        """Whether the thread has come to its end by itself, which only `stop` should cause."""
        return self.thread.ident is not None and not self.thread.is_alive()

    def health(self) -> StreamHealth:
        """State, counts and rates at this moment. From any thread."""
        with self._lock:
            health = self._health
        reading = self._line.meter.read(self._clock.monotonic_s())
        source = self._source
        return replace(
            health,
            has_b_frames=reading.has_b_frames,
            last_packet_at=reading.last_packet_at,
            last_keyframe_at=reading.last_keyframe_at,
            frame_rate=reading.frame_rate,
            bitrate_bps=reading.bitrate_bps,
            packet_count=reading.packet_count,
            reconnect_count=reading.reconnect_count,
            decode_failed_count=reading.decode_failed_count,
            drops=reading.drops,
            decoding=self._analysed.place if self._analysed is not None else None,
            asleep=self._analysed is not None and self._analysed.is_asleep,
            clock_offset_s=source.clock_offset_s if source is not None else None,
        )

    def run(self) -> None:
        """The thread: the only place where anything is retried."""
        self._parts.on_thread()
        self._change_state(StreamEvent.ENABLED)
        if self._predecessor is not None:
            self._predecessor.join(_HANG_UP_S)
        self._rest(self._delay_s)
        while not self._stopping.is_set():
            wait_s = self._attempt()
            if not self._stopping.is_set():
                self._rest(wait_s)
                if not self._stopping.is_set():
                    self._change_state(StreamEvent.RETRY_DUE)
        self._finish()

    def run_once(self) -> None:
        """One connection, straight from dialling to its end.

        Raises:
            IngestError: why it ended; no error only when the session was stopped.

        """
        epoch = next(self._line.epochs)
        source = self._open(epoch)
        try:
            self._source = source
            if self._stopping.is_set():
                return
            self._opened(source, epoch)
            for packet in source.packets():
                self._beat()
                if self._stopping.is_set():
                    return
                self._count_drops(source)
                if packet is None:
                    self._notice_silence()
                elif isinstance(packet, AudioPacket):
                    self._pass_sound(packet)
                else:
                    self._take(packet)
            raise SourceEnded("The stream ended.")
        finally:
            self._source = None
            self._count_drops(source)
            source.close()

    def _open(self, epoch: int) -> PacketSource:
        """Dials once the gate lets this stream through; the wait shows on the watchdog's clock as life."""
        ticket = object()
        try:
            while not self._parts.gate.may_open(ticket, self._clock.monotonic_s()):
                self._beat()
                if self._stopping.wait(_GATE_POLL_S):
                    raise SourceEnded("The stream was closed by us.")
            self._beat()
            return self._parts.opener.open(self.camera, self.profile, epoch)
        finally:
            self._parts.gate.leave(ticket)

    def _attempt(self) -> float:
        """Runs one connection to its end and returns the seconds to wait before the next."""
        self._opened_s = self._clock.monotonic_s()
        if wait_s := self._line.crashes.wait_s(self._opened_s):
            return self._quarantined(wait_s)
        try:
            self.run_once()
        except IngestError as error:
            return self._failed(error)
        except Exception:  # noqa: BLE001 - logged with its traceback just below
            # The thread's last boundary: a mistake of ours or of a library must not end a camera for good.
            self._log.exception("stream session failed unexpectedly")
            now_s = self._clock.monotonic_s()
            self._line.crashes.crashed(now_s)
            if wait_s := self._line.crashes.wait_s(now_s):
                return self._quarantined(wait_s)
            return self._failed(IngestError("The camera's stream could not be handled; the node's log says why."))
        return 0.0

    def _opened(self, source: PacketSource, epoch: int) -> None:
        self._opened_s = self._latest_packet_s = self._keyframe_s = self._clock.monotonic_s()
        self._since_keyframe = 0
        self._line.meter.count_connect()
        self._change_state(StreamEvent.OPENED, epoch=epoch, description=source.description, retry_at=None)

    def _take(self, packet: Packet) -> None:
        self._latest_packet_s = packet.received_monotonic_s
        self._line.meter.add(packet)
        self._expect_keyframe(packet)
        if self._health.state is StreamState.SILENT:
            self._change_state(StreamEvent.PACKET)
        if self._muted:
            return
        self._line.fanout.publish(packet)
        if self._analysed is not None:
            self._decode(self._analysed, packet)

    def _expect_keyframe(self, packet: Packet) -> None:
        """Without key frames nothing can be shown, analysed or recorded, however many packets come.

        Raises:
            NoKeyFrame: there has been none for long; a new connection makes most cameras send one.

        """
        self._since_keyframe += 1
        if packet.is_keyframe:
            self._keyframe_s, self._since_keyframe = packet.received_monotonic_s, 0
        limit_s = self._parts.settings.keyframe_timeout_s
        is_late = packet.received_monotonic_s - self._keyframe_s >= limit_s
        if is_late and self._since_keyframe >= limit_s * _KEYFRAME_FPS:
            raise NoKeyFrame(f"No picture of the last {limit_s:g} s could start a decoder.")

    def _pass_sound(self, packet: AudioPacket) -> None:
        """Sound is no sign of life: a camera that is heard but not seen is SILENT, and then dialled anew.

        Raises:
            SourceTimeout: no picture has come for the read time-out.

        """
        if not self._muted:
            self._line.sound.publish(packet)
        self._notice_silence()
        limit_s = self._parts.settings.read_timeout_s
        if self._clock.monotonic_s() - self._latest_packet_s >= limit_s:
            raise SourceTimeout(f"The camera sent sound but no picture for {limit_s:g} s.")

    def _count_drops(self, source: PacketSource) -> None:
        if drops := source.take_drops():
            self._line.meter.count_drops(drops)

    def _decode(self, analysed: AnalysedStream, packet: Packet) -> None:
        failed_before = analysed.failed_count
        for frame in analysed.take(packet, self._line.fanout.gop):
            self._beat()
            self._note_freeze(frozen=self._freezing.look(frame))
        if analysed.failed_count != failed_before:
            self._line.meter.count_decode_failures(analysed.failed_count - failed_before)

    def _note_freeze(self, *, frozen: bool) -> None:
        if frozen is self._health.frozen:
            return
        with self._lock:
            self._health = replace(self._health, frozen=frozen)
        self._log.info("picture frozen" if frozen else "picture moves again")
        self._parts.on_change()

    def _notice_silence(self) -> None:
        if self._health.state is not StreamState.LIVE:
            return
        description = self._health.description
        rate = description.frame_rate if description is not None else None
        limit_s = max(self._parts.settings.silence_s, _SILENT_PERIODS / rate if rate else 0.0)
        if self._clock.monotonic_s() - self._latest_packet_s >= limit_s:
            self._change_state(StreamEvent.SILENCE)

    def _quarantined(self, wait_s: float) -> float:
        self._log.error("stream in quarantine", seconds=round(wait_s))
        error = CameraQuarantined("The stream broke its reader several times in a row; the node's log says how.")
        return self._failed(error, wait_s)

    def _failed(self, error: IngestError, quarantine_s: float = 0.0) -> float:
        """Waits as the error asks for, or for the quarantine."""
        if self._stopping.is_set():
            return 0.0
        was_connected = self._health.state in {StreamState.LIVE, StreamState.SILENT}
        uptime_s = self._clock.monotonic_s() - self._opened_s if was_connected else 0.0
        wait_s = self._backoff.next_wait_s(refused=error.slow_retry, uptime_s=uptime_s)
        if error.at_once and uptime_s >= _WELL_S:
            wait_s = 0.0
        wait_s = quarantine_s or wait_s
        now = self._clock.now()
        self._change_state(
            StreamEvent.REFUSED if error.slow_retry else StreamEvent.FAILED,
            fault=Fault(error.code, str(error), at=now),
            retry_at=now + timedelta(seconds=wait_s),
            frozen=False,
        )
        return wait_s

    def _finish(self) -> None:
        self._change_state(StreamEvent.DISABLED)
        if self._health.state is StreamState.CLOSING:
            self._change_state(StreamEvent.CLOSED)
        if self._analysed is not None:
            self._analysed.close()

    def _change_state(self, event: StreamEvent, **learnt: object) -> None:
        """The one place that sets the state, logs the change and tells of it."""
        before = self._health
        state = TRANSITIONS.after(before.state, event)
        changed = replace(before, state=state, since=self._clock.now(), **learnt)  # type: ignore[arg-type]
        if state not in {StreamState.WAITING, StreamState.REFUSED}:
            changed = replace(changed, retry_at=None)
        with self._lock:
            self._health = changed
        if self._muted:
            return
        fault = changed.fault.code if changed.fault is not None and changed.retry_at is not None else None
        self._log.info("stream state changed", before=before.state.value, state=state.value, fault=fault)
        self._parts.on_change()

    def _rest(self, seconds: float) -> None:
        """Waits in small steps, so that a stop is heeded and the watchdog sees the thread alive."""
        due_s = self._clock.monotonic_s() + seconds
        while (left_s := due_s - self._clock.monotonic_s()) > 0:
            self._beat()
            if self._stopping.wait(min(left_s, _BEAT_S)):
                return

    def _beat(self) -> None:
        self._heartbeat_s = self._clock.monotonic_s()
