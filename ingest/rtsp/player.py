"""A camera that plays: packets to units, reports and keep-alives in between."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from ingest.audio import AudioCodec
from ingest.clock import Clock
from ingest.drops import DropCause
from ingest.errors import IngestError, SourceEnded
from ingest.packet import Codec
from ingest.rtsp.assembler import Assembler, EncodedUnit, PictureAssembler
from ingest.rtsp.camera_clock import CameraClock
from ingest.rtsp.h264_payload import H264Depacketiser
from ingest.rtsp.h265_payload import H265Depacketiser
from ingest.rtsp.handshake import Playing
from ingest.rtsp.jpeg_payload import JpegDepacketiser
from ingest.rtsp.message import Message
from ingest.rtsp.receiver import RtpReceiver
from ingest.rtsp.rtcp import Goodbye, SenderReport, read_compound
from ingest.rtsp.session_description import AudioTrack
from ingest.rtsp.sound_payload import AacAssembler, PlainSoundAssembler

_REPORT_INTERVAL_S = 5.0  # RFC 3550 clause 6.2: the recommended least interval
_LONGEST_PULSE_S = 30.0
_SHORTEST_PULSE_S = 1.0
_HALF_TIME, _TIMES = 0x8000_0000, 0xFFFF_FFFF

_DEPACKETISERS: dict[Codec, Callable[[], H264Depacketiser | H265Depacketiser | JpegDepacketiser]] = {
    Codec.H264: H264Depacketiser,
    Codec.H265: H265Depacketiser,
    Codec.MJPEG: JpegDepacketiser,
}


class Kind(Enum):
    """What a unit is of."""

    PICTURE = auto()
    SOUND = auto()


@dataclass(slots=True)
class _Stream:
    kind: Kind
    receiver: RtpReceiver
    report: SenderReport | None = None
    reported_s: float = 0.0

    def camera_time_s(self, timestamp: int) -> float | None:
        """The camera's wall time of a timestamp near its latest report, None where it has told none."""
        if self.report is None or self.report.unix_s is None:
            return None
        ticks = (timestamp - self.report.rtp_timestamp + _HALF_TIME & _TIMES) - _HALF_TIME
        return self.report.unix_s + ticks / self.receiver.clock_rate


class Player:
    """Reads what a playing camera sends; belongs to the camera's thread."""

    def __init__(self, playing: Playing, clock: Clock) -> None:
        self._playing = playing
        self._conversation = playing.conversation
        self._carrier = playing.carrier
        self._clock = clock
        video = playing.described.video
        picture = PictureAssembler(_DEPACKETISERS[video.codec]())
        receiver = RtpReceiver(video.payload_type, video.clock_rate, picture)
        self._video = _Stream(Kind.PICTURE, receiver)
        self._streams = {playing.video.rtp: self._video}
        self._reported = {playing.video.rtcp: self._video}
        if playing.described.audio is not None and playing.audio is not None:
            sound = _Stream(Kind.SOUND, _sound_receiver(playing.described.audio))
            self._streams[playing.audio.rtp] = self._reported[playing.audio.rtcp] = sound
        self._own_ssrc = secrets.randbits(32)
        self._camera_clock = CameraClock(video.clock_rate)
        self._report_due_s = clock.monotonic_s() + _REPORT_INTERVAL_S
        timeout_s = playing.conversation.session_timeout_s
        self._pulse_s = min(max(timeout_s / 2, _SHORTEST_PULSE_S), _LONGEST_PULSE_S)
        self._pulse_due_s = clock.monotonic_s() + self._pulse_s
        self._is_over = False

    @property
    def clock_offset_s(self) -> float | None:
        """The camera's clock minus ours. From any thread."""
        return self._camera_clock.offset_s

    def lead_s(self, sound: EncodedUnit, picture: EncodedUnit) -> float | None:
        """Seconds from the picture to the sound by the camera's own clock, None before it has told of both."""
        hearing = next((stream for stream in self._streams.values() if stream.kind is Kind.SOUND), None)
        if hearing is None:
            return None
        heard_s, seen_s = hearing.camera_time_s(sound.timestamp), self._video.camera_time_s(picture.timestamp)
        return heard_s - seen_s if heard_s is not None and seen_s is not None else None

    def take_drops(self) -> Counter[DropCause]:
        """What did not arrive whole since this was asked last."""
        taken: Counter[DropCause] = Counter()
        for stream in self._streams.values():
            drops = stream.receiver.assembler.drops
            if drops:
                taken += drops
                drops.clear()
        return taken

    def units(self) -> Iterator[tuple[Kind, EncodedUnit] | None]:
        """Units as they become whole; None after every moment in which none did. Ends by an error only.

        Raises:
            IngestError: the connection ended or broke, the camera said goodbye, or began its stream anew.

        """
        for channel, packet in self._conversation.early:
            stream = self._receive(channel, memoryview(packet))
            if stream is not None:
                yield from self._ready(stream)
        self._conversation.early.clear()
        while not self._is_over:
            is_idle = True
            for item in self._carrier.receive():
                if isinstance(item, Message):
                    self._conversation.heed(item, self._playing.control)
                    continue
                stream = self._receive(item.channel, item.data)
                if stream is not None:
                    is_idle = False
                    yield from self._ready(stream)
            self._look_after(self._clock.monotonic_s())
            if is_idle:
                yield None
        raise SourceEnded("The camera ended the stream.")

    def close(self) -> None:
        """Says goodbye, if the camera still listens, and frees what was opened for its packets."""
        try:
            self._conversation.tear_down(self._playing.control)
        except IngestError:
            pass  # it has gone already
        finally:
            self._carrier.close()

    def _receive(self, channel: int, packet: memoryview) -> _Stream | None:
        """The stream whose units are ready after this packet, None mostly."""
        stream = self._streams.get(channel)
        if stream is None:
            self._receive_report(channel, packet)
            return None
        stream.receiver.receive(packet, self._clock.monotonic_s())
        return stream if stream.receiver.assembler.ready else None

    def _ready(self, stream: _Stream) -> Iterator[tuple[Kind, EncodedUnit]]:
        ready = stream.receiver.assembler.ready
        while ready:
            unit = ready.popleft()
            if stream is self._video:
                now_s = self._clock.monotonic_s()
                self._camera_clock.observe(unit.timestamp, self._clock.now().timestamp(), now_s)
            yield stream.kind, unit

    def _receive_report(self, channel: int, packet: memoryview) -> None:
        stream = self._reported.get(channel)
        if stream is None:
            return
        for part in read_compound(packet, self._clock.now().timestamp()):
            if stream.receiver.ssrc not in {part.ssrc, None}:
                continue
            if isinstance(part, Goodbye):
                self._is_over |= stream is self._video
                continue
            stream.report, stream.reported_s = part, self._clock.monotonic_s()
            if stream is self._video and part.unix_s is not None:
                self._camera_clock.report(part.unix_s, part.rtp_timestamp)

    def _look_after(self, now_s: float) -> None:
        """Reception reports and keep-alives, when they are due."""
        if now_s >= self._report_due_s:
            self._report_due_s = now_s + _REPORT_INTERVAL_S
            for channel, stream in self._streams.items():
                reception = stream.receiver.reception(stream.report, now_s - stream.reported_s)
                if reception is not None:
                    self._carrier.report(channel, reception.encode(self._own_ssrc))
        if now_s >= self._pulse_due_s:
            self._pulse_due_s = now_s + self._pulse_s
            self._conversation.keep_alive(self._playing.control)


def _sound_receiver(track: AudioTrack) -> RtpReceiver:
    is_aac = track.description.codec is AudioCodec.AAC
    assembler: Assembler = AacAssembler(track.aac_sizes) if is_aac else PlainSoundAssembler()
    return RtpReceiver(track.payload_type, track.description.clock_rate, assembler)
