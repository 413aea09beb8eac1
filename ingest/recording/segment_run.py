"""The file of one camera that is being recorded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from ingest.audio import AudioDescription, AudioPacket
from ingest.packet import Packet
from ingest.recording.access_unit import TrackSample, VideoLayout
from ingest.recording.epoch_timeline import EpochTimeline
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE
from ingest.recording.gap_ledger import Moment
from ingest.recording.segment import SegmentHeader
from ingest.recording.segment_muxer import Piece, SegmentMuxer
from ingest.recording.settings import RecorderSettings
from ingest.recording.volume_writer import VolumeWriter, WriteTicket

CLOCK_STEP_S = 1.0
"""Wall and monotonic clock that drift apart by this much inside one file: the wall clock was set."""

LONGEST_BREAK_S = 15.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """What all pictures and sounds of one file share; a change of any of it begins a new file."""

    video: VideoLayout
    audio: AudioDescription | None
    mask_version: int


class SegmentRun:
    """From the first picture of a file to its end. One thread uses it."""

    def __init__(
        self,
        writer: VolumeWriter,
        header: SegmentHeader,
        likeness: Likeness,
        timeline: EpochTimeline,
        settings: RecorderSettings,
        start: Moment,
    ) -> None:
        self.likeness = likeness
        self.start = start
        self._writer = writer
        self._timeline = timeline
        self._settings = settings
        self._muxer = SegmentMuxer(header, likeness.video, likeness.audio, settings.part_s)
        self._first: int | None = None
        self._wall_to_monotonic_s = start.at.timestamp() - start.s
        self._latest_s = start.s
        self._taken_s = 0.0
        self._is_flushed = False
        self.is_cut = False
        self.ticket: WriteTicket = writer.begin(header, self._muxer.beginning)

    @property
    def end(self) -> Moment:
        """Up to when it is recorded."""
        return self.moment(self._taken_s if self.is_cut else self._muxer.duration_s)

    @property
    def longest_break_s(self) -> float:
        """A camera that sends so seldom has not fallen silent."""
        return min(2.5 * self._muxer.period_s, LONGEST_BREAK_S)

    @property
    def volume_id(self) -> str:
        """Where it goes."""
        return self.ticket.header.volume_id

    def moment(self, duration_s: float) -> Moment:
        """So many seconds after its beginning."""
        return Moment(self.start.at + timedelta(seconds=duration_s), self.start.s + duration_s)

    def add_picture(self, sample: TrackSample, packet: Packet) -> bool:
        """Takes a picture; False when the volume has given up the file."""
        if self._first is None:
            self._first = sample.time
        self._latest_s = packet.received_monotonic_s
        self._is_flushed = False
        return self._hand_over(self._muxer.add_video(sample))

    def add_sound(self, packet: AudioPacket) -> bool:
        """Takes sound, if the file has a track for it; False when the volume has given up the file."""
        audio = self.likeness.audio
        if audio is None:
            return True
        sample = self._timeline.sound(packet, audio.clock_rate)
        return self._hand_over(self._muxer.add_audio(sample))

    def is_due(self, sample: TrackSample) -> bool:
        """Whether the file is long enough to end before this key frame."""
        return self._age_s(sample) >= self._settings.segment_s

    def is_overdue(self, sample: TrackSample) -> bool:
        """Whether it ends before this picture, key frame or not."""
        settings = self._settings
        too_large = self._muxer.size_bytes + len(sample.data) > settings.longest_segment_bytes
        return too_large or self._age_s(sample) >= settings.longest_segment_s

    def has_clock_stepped(self, packet: Packet) -> bool:
        """Whether the wall clock was set since the file began."""
        now_s = packet.received_at.timestamp() - packet.received_monotonic_s
        return abs(now_s - self._wall_to_monotonic_s) > CLOCK_STEP_S

    def silent_s(self, now_s: float) -> float:
        """Seconds since the latest picture."""
        return now_s - self._latest_s

    def flush(self) -> bool:
        """The camera pauses: what waits for its next picture is written now. False as in `add_picture`."""
        if self._is_flushed:
            return True
        self._is_flushed = True
        return self._hand_over(self._muxer.flush())

    def finish(self, next_picture: TrackSample | None = None) -> None:
        """The end of the file. `next_picture` is the one that follows without a break, if there is one."""
        pieces = self._muxer.close(next_picture.time if next_picture is not None else None)
        if self._hand_over(pieces):
            self._writer.finish(self.ticket, self._muxer.duration_s, self._muxer.keyframe_count)
        else:
            self.cut()

    def cut(self) -> None:
        """The end of the file after what the volume has taken."""
        self.is_cut = True
        self._writer.cut(self.ticket)

    def _hand_over(self, pieces: Iterator[Piece]) -> bool:
        for piece in pieces:
            if not self._writer.append(self.ticket, piece):
                return False
            self._taken_s = piece.end_s
        return True

    def _age_s(self, sample: TrackSample) -> float:
        return (sample.time - self._first) / VIDEO_TIMESCALE if self._first is not None else 0.0
