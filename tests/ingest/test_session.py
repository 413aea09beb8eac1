"""One stream's thread, with a fake camera and a clock that the test moves."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from ingest.analysed_stream import AnalysedStream
from ingest.audio import AudioPacket
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.crash_loop import CrashLoop
from ingest.drops import DropCause
from ingest.errors import CredentialsRefused, HostRefused, SourceEnded, StreamChanged
from ingest.fanout import PacketFanout
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.meter import StreamMeter
from ingest.opening_gate import OpeningGate
from ingest.session import SessionParts, StreamLine, StreamSession
from ingest.settings import IngestSettings
from ingest.sound import SoundFanout
from tests.fakes.clock import START, ManualClock
from tests.fakes.decoder import DAMAGED, FakeDecoder
from tests.fakes.source import FakeOpener, FakeSource, PacketSequence

if TYPE_CHECKING:
    from ingest.frame import Frame
    from ingest.packet import Packet

PROFILE = StreamProfile(StreamRole.MAIN, "rtsp://10.0.0.5/live")
CAMERA = Camera(CameraId("cam"), "Gate", (PROFILE,))
SETTINGS = IngestSettings()


def eventually(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Waits for another thread to bring something about."""
    due = monotonic() + within_s
    while not condition():
        assert monotonic() < due, "it did not come about in time"
        sleep(0.005)


class Stage:
    """A session with everything around it, and what it did."""

    def __init__(self, opener: FakeOpener, clock: ManualClock, settings: IngestSettings) -> None:
        self.opener, self.clock = opener, clock
        self.states: list[StreamHealth] = []
        self.frames: list[Frame] = []
        self.decoder = FakeDecoder(CurrentMasks(NO_MASKS))
        self.fanout = PacketFanout()
        self.sound = SoundFanout(CurrentMasks(NO_MASKS))
        self.packets: list[Packet] = []
        self.fanout.subscribe(self.packets.append)
        parts = SessionParts(opener, settings, clock, lambda: 1.0, OpeningGate(8, 1.0), lambda: None, self._note)
        line = StreamLine(self.fanout, StreamMeter(), count(1), self.sound, CrashLoop(settings))
        analysed = AnalysedStream(self.decoder, self.frames.append, settings)
        self.session = StreamSession(CAMERA, PROFILE, line, parts, analysed)

    def _note(self) -> None:
        self.states.append(self.session.health())

    def run_of_states(self) -> list[StreamState]:
        """The states so far."""
        return [health.state for health in self.states]

    def wait_for(self, state: StreamState, times: int = 1) -> StreamHealth:
        """Waits until the session has come to a state that often."""
        eventually(lambda: self.run_of_states().count(state) >= times)
        return [health for health in self.states if health.state is state][times - 1]


Begin = Callable[..., Stage]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts a session whose camera answers by the given function, and ends it after the test."""
    stages: list[Stage] = []

    def start(answer: Callable[..., FakeSource], settings: IngestSettings = SETTINGS) -> Stage:
        stage = Stage(FakeOpener(answer), ManualClock(), settings)
        stages.append(stage)
        stage.session.start()
        return stage

    yield start
    for stage in stages:
        stage.session.stop()
        stage.session.thread.join(5)
        assert not stage.session.thread.is_alive()


def failing(*errors: Exception) -> Callable[..., FakeSource]:
    """A camera that fails in turn with these, and then is well but quiet."""
    left = list(errors)

    def answer(*_: object) -> FakeSource:
        if left:
            raise left.pop(0)
        return FakeSource()

    return answer


def test_packets_go_to_the_fan_out_and_due_frames_to_analysis(begin: Begin) -> None:
    """Every packet is published; of 25 frames a second five are analysed."""
    stage = begin(lambda _c, _p, epoch: FakeSource(PacketSequence(50, epoch=epoch)))
    eventually(lambda: len(stage.packets) == 50)
    eventually(lambda: stage.session.health().packet_count == 50)
    eventually(lambda: len(stage.frames) == 10)
    assert stage.run_of_states() == [StreamState.OPENING, StreamState.LIVE]
    assert stage.session.health().description is not None


def test_a_stream_on_which_nothing_moves_is_told_to_be_asleep(begin: Begin) -> None:
    """Whoever sees two frames a second on the page shall know why."""
    sleepy = SETTINGS.model_copy(update={"sleep_after_s": 1.0, "sleep_onsets": 0})
    stage = begin(lambda _c, _p, epoch: FakeSource(PacketSequence(50, epoch=epoch)), sleepy)
    eventually(lambda: stage.session.health().packet_count == 50)
    eventually(lambda: stage.session.health().asleep)


def test_a_failed_first_connection_is_an_ordinary_state(begin: Begin) -> None:
    """The camera is WAITING with its reason and the time of the next try, and comes up at that time."""
    stage = begin(failing(HostRefused("Nobody listens.")))
    waiting = stage.wait_for(StreamState.WAITING)
    assert waiting.fault is not None
    assert (waiting.fault.code, waiting.fault.message) == ("host-refused", "Nobody listens.")
    assert waiting.retry_at is not None
    assert (waiting.retry_at - waiting.since).total_seconds() == 1.0
    stage.clock.advance(0.9)
    sleep(0.3)
    assert len(stage.opener.calls) == 1
    stage.clock.advance(0.2)
    live = stage.wait_for(StreamState.LIVE)
    assert (live.retry_at, live.epoch) == (None, 2)
    assert live.fault == waiting.fault


def test_a_wrong_password_waits_for_a_minute(begin: Begin) -> None:
    """REFUSED is not retried after seconds, because cameras lock accounts."""
    stage = begin(failing(CredentialsRefused("Wrong password.")))
    refused = stage.wait_for(StreamState.REFUSED)
    assert refused.retry_at is not None
    assert (refused.retry_at - refused.since).total_seconds() == 60
    stage.clock.advance(59)
    sleep(0.3)
    assert len(stage.opener.calls) == 1
    stage.clock.advance(2)
    stage.wait_for(StreamState.LIVE)


def test_silence_is_a_state_and_not_a_failure(begin: Begin) -> None:
    """After five seconds without packets the stream is SILENT, with the next one LIVE; nothing is redialled."""
    stage = begin(lambda *_: FakeSource())
    stage.wait_for(StreamState.LIVE)
    stage.clock.advance(4.9)
    sleep(0.1)
    assert stage.run_of_states()[-1] is StreamState.LIVE
    stage.clock.advance(0.2)
    stage.wait_for(StreamState.SILENT)
    stage.opener.sources[0].put(*PacketSequence(1, start_s=stage.clock.monotonic_s()))
    stage.wait_for(StreamState.LIVE, times=2)
    assert len(stage.opener.calls) == 1


def test_every_connection_has_its_own_epoch(begin: Begin) -> None:
    """After a reconnect epoch and reconnect count are higher; counts go on."""
    stage = begin(lambda _c, _p, epoch: FakeSource([*PacketSequence(3, epoch=epoch), SourceEnded("gone")]))
    stage.wait_for(StreamState.WAITING)
    stage.clock.advance(2)
    stage.wait_for(StreamState.WAITING, times=2)
    assert [packet.epoch for packet in stage.packets] == [1, 1, 1, 2, 2, 2]
    health = stage.session.health()
    assert (health.reconnect_count, health.packet_count) == (1, 6)


def test_a_changed_picture_is_redialled_at_once_but_not_without_end(begin: Begin) -> None:
    """A camera that was well for a while is not made to wait; one that changes all the time is."""
    stage = begin(lambda *_: FakeSource())
    stage.wait_for(StreamState.LIVE)
    stage.clock.advance(6)
    stage.opener.sources[0].put(StreamChanged("The picture changed."))
    stage.wait_for(StreamState.LIVE, times=2)
    stage.opener.sources[1].put(StreamChanged("The picture changed."))
    waiting = stage.wait_for(StreamState.WAITING, times=2)
    assert waiting.retry_at is not None
    assert (waiting.retry_at - waiting.since).total_seconds() > 0


def test_a_mistake_in_our_own_code_does_not_end_the_camera(begin: Begin) -> None:
    """Even an unforeseen error leads to another try."""
    stage = begin(failing(ZeroDivisionError("a mistake")))
    waiting = stage.wait_for(StreamState.WAITING)
    assert waiting.fault is not None
    assert waiting.fault.code == "ingest-failed"
    assert "a mistake" not in waiting.fault.message
    stage.clock.advance(1.1)
    stage.wait_for(StreamState.LIVE)


def test_a_camera_that_breaks_its_reader_again_and_again_is_left_alone(begin: Begin) -> None:
    """The third crash is quarantine: a fault of its own, with the time of the next try; then it has another chance."""
    stage = begin(failing(*[ZeroDivisionError("a mistake")] * 3))
    for crash in (1, 2):
        stage.wait_for(StreamState.WAITING, times=crash)
        stage.clock.advance(5)
    refused = stage.wait_for(StreamState.REFUSED)
    assert refused.fault is not None
    assert refused.fault.code == "quarantined"
    assert refused.retry_at is not None
    assert (refused.retry_at - refused.since).total_seconds() == SETTINGS.quarantine_s
    stage.clock.advance(SETTINGS.quarantine_s - 1)
    sleep(0.3)
    assert len(stage.opener.calls) == 3
    stage.clock.advance(2)
    stage.wait_for(StreamState.LIVE)


def test_a_stream_without_key_frames_is_dialled_anew(begin: Begin) -> None:
    """Packets that nothing can be made of are no stream, however many come."""
    sequence = PacketSequence(60, gop=1000, start_s=0.0)
    stage = begin(lambda *_: FakeSource(sequence), IngestSettings(keyframe_timeout_s=2.0))
    waiting = stage.wait_for(StreamState.WAITING)
    assert waiting.fault is not None
    assert waiting.fault.code == "no-keyframe"
    assert waiting.packet_count == 51


def test_sound_alone_does_not_keep_a_camera(begin: Begin) -> None:
    """A camera that is heard but not seen for the read time-out is dialled anew."""
    stage = begin(lambda *_: FakeSource())
    stage.wait_for(StreamState.LIVE)
    stage.clock.advance(SETTINGS.read_timeout_s + 0.1)
    packet = AudioPacket(CameraId("cam"), StreamRole.MAIN, b"", 0, Fraction(1, 8000), 1, START, 10.1)
    stage.opener.sources[0].put(packet)
    waiting = stage.wait_for(StreamState.WAITING)
    assert waiting.fault is not None
    assert waiting.fault.code == "source-timeout"


def test_damaged_packets_are_counted(begin: Begin) -> None:
    """What cannot be decoded shows in the health, and the stream goes on."""
    stage = begin(lambda *_: FakeSource(PacketSequence(20).damage(3, data=DAMAGED).damage(7, data=DAMAGED)))
    eventually(lambda: stage.session.health().decode_failed_count == 2)
    assert stage.run_of_states()[-1] is StreamState.LIVE


def test_b_frames_show_in_the_health(begin: Begin) -> None:
    """Pictures in another order than they are shown are noticed, because a WHEP view cannot play them."""
    stage = begin(lambda *_: FakeSource(PacketSequence(20).damage(4, pts=10 * 3600)))
    eventually(lambda: stage.session.health().has_b_frames)


def test_sound_goes_to_its_listeners_and_is_no_sign_of_life(begin: Begin) -> None:
    """A camera that is heard but not seen is SILENT, and heard on."""
    stage = begin(lambda *_: FakeSource())
    heard: list[AudioPacket] = []
    stage.sound.subscribe(heard.append)
    stage.wait_for(StreamState.LIVE)
    stage.clock.advance(5.1)
    packet = AudioPacket(CameraId("cam"), StreamRole.MAIN, b"", 0, Fraction(1, 8000), 1, START, 5.1)
    stage.opener.sources[0].put(packet)
    stage.wait_for(StreamState.SILENT)
    eventually(lambda: heard == [packet])
    assert stage.session.health().packet_count == 0


def test_the_camera_s_clock_and_what_got_lost_show_in_the_health(begin: Begin) -> None:
    """Drops are summed up over connections, by cause; the offset is that of the present connection."""

    def answer(_camera: Camera, _profile: StreamProfile, epoch: int) -> FakeSource:
        source = FakeSource(PacketSequence(2, epoch=epoch))
        source.drops, source.clock_offset_s = {DropCause.LOST: 3}, -86400.5
        return source

    stage = begin(answer)
    eventually(lambda: stage.session.health().drops == {DropCause.LOST: 3})
    assert stage.session.health().clock_offset_s == -86400.5
    stage.opener.sources[0].put(SourceEnded("gone"))
    waiting = stage.wait_for(StreamState.WAITING)
    assert waiting.clock_offset_s is None
    stage.clock.advance(2)
    eventually(lambda: stage.session.health().drops == {DropCause.LOST: 6})


def test_stopping_takes_less_than_a_second(begin: Begin) -> None:
    """Whether live or waiting, the thread ends, hangs up and frees the decoder."""
    live = begin(lambda *_: FakeSource())
    live.wait_for(StreamState.LIVE)
    waiting = begin(failing(*[HostRefused("no")] * 9))
    waiting.wait_for(StreamState.WAITING)
    begun = monotonic()
    for stage in (live, waiting):
        stage.session.stop()
        stage.session.thread.join(1)
    assert monotonic() - begun < 1
    assert live.run_of_states()[-2:] == [StreamState.CLOSING, StreamState.DISABLED]
    assert waiting.run_of_states()[-1] is StreamState.DISABLED
    assert live.opener.sources[0].close_count == 1
    assert live.decoder.is_closed


def test_stopping_while_dialling_is_heeded_when_the_camera_answers(begin: Begin) -> None:
    """A camera that answers after it was dropped is hung up on and never becomes live."""
    answered, dialled = Event(), Event()

    def slow(*_: object) -> FakeSource:
        dialled.set()
        answered.wait(5)
        return FakeSource()

    stage = begin(slow)
    assert dialled.wait(5)
    stage.session.stop()
    answered.set()
    stage.session.thread.join(5)
    assert StreamState.LIVE not in stage.run_of_states()
    assert stage.opener.sources[0].close_count == 1


def test_nobody_hears_of_an_abandoned_session(begin: Begin) -> None:
    """A thread that was given up publishes nothing and tells nothing when it comes back."""
    stage = begin(lambda *_: FakeSource())
    stage.wait_for(StreamState.LIVE)
    stage.session.abandon()
    stage.session.thread.join(5)
    assert stage.run_of_states() == [StreamState.OPENING, StreamState.LIVE]
