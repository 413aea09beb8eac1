"""From the samples of one file to its bytes, in pieces that are each written at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.audio import AudioCodec, AudioDescription
from ingest.recording.access_unit import TrackSample, VideoLayout
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE, Track, file_beginning, file_end, fragment
from ingest.recording.segment import SegmentHeader

_ASSUMED_RATE = 25
_AAC_FRAME = 1024  # ISO/IEC 14496-3 clause 4.5.1.1: samples of one access unit


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that belong to the end of the file. With them it holds `end_s` seconds of pictures."""

    data: bytes
    end_s: float


class SegmentMuxer:
    """Makes one file: `beginning`, then every piece in the order it is given out, then that of `close`.

    Sample times count from the epoch's beginning in units of the track's timescale: 90 kHz for video, the clock rate
    for audio. Fragments are at most `part_s` long; a key frame always begins one.
    """

    def __init__(
        self, header: SegmentHeader, video: VideoLayout, audio: AudioDescription | None, part_s: float
    ) -> None:
        self.beginning = file_beginning(header, video, audio)
        self.size_bytes = len(self.beginning)
        self.keyframe_count = 0
        self._video = _Run(Track.VIDEO, VIDEO_TIMESCALE, part_s, VIDEO_TIMESCALE // _ASSUMED_RATE)
        self._audio = _Run(Track.AUDIO, audio.clock_rate, part_s, _first_period(audio)) if audio is not None else None
        self._first: int | None = None
        self._given_s = 0.0
        self._fragment_count = 0
        self._keyframes: list[tuple[int, int]] = []

    @property
    def duration_s(self) -> float:
        """Seconds of pictures that were taken, the latest one with its presumed length."""
        return (self._video.end - self._first) / VIDEO_TIMESCALE if self._first is not None else 0.0

    @property
    def period_s(self) -> float:
        """Seconds between the latest two pictures."""
        return self._video.period / VIDEO_TIMESCALE

    def add_video(self, sample: TrackSample) -> Iterator[Piece]:
        """Takes a picture; the file's first is a key frame, and times grow. Gives the pieces that are now complete."""
        if self._first is None:
            self._first = sample.time
        if self._video.ends_before(sample):
            yield from self.flush(sample.time)
        self._video.add(sample)
        self.keyframe_count += sample.is_keyframe

    def add_audio(self, sample: TrackSample) -> Iterator[Piece]:
        """Takes sound. Sound that does not come after what is there is left out, as is all before the first picture."""
        run = self._audio
        if run is None or self._first is None or not run.follows(sample):
            return
        if run.ends_before(sample):
            yield from self._flushed(run, sample.time)
        run.add(sample)

    def flush(self, video_end: int | None = None) -> Iterator[Piece]:
        """All that waits, as fragments. `video_end`: when the next picture begins, if that is known."""
        yield from self._flushed(self._video, video_end)
        if self._audio is not None:
            yield from self._flushed(self._audio, None)

    def close(self, video_end: int | None = None) -> Iterator[Piece]:
        """All that waits, and the file's end."""
        yield from self.flush(video_end)
        yield self._piece(file_end(self._keyframes))

    def _flushed(self, run: "_Run", end: int | None) -> Iterator[Piece]:
        if not run.samples:
            return
        self._fragment_count += 1
        first = run.samples[0]
        if first.is_keyframe and run.track is Track.VIDEO:
            self._keyframes.append((first.time, self.size_bytes))
        samples, until = run.cut(end)
        if run.track is Track.VIDEO:
            self._given_s = self.duration_s
        yield self._piece(fragment(run.track, self._fragment_count, samples, until))

    def _piece(self, data: bytes) -> Piece:
        self.size_bytes += len(data)
        return Piece(data, self._given_s)


class _Run:
    """The samples of one track that wait to become a fragment."""

    def __init__(self, track: Track, timescale: int, part_s: float, period: int) -> None:
        self.track = track
        self.samples: list[TrackSample] = []
        self.end = 0
        self.period = period
        self._longest = round(part_s * timescale)
        self._last: int | None = None

    def follows(self, sample: TrackSample) -> bool:
        return self._last is None or sample.time > self._last

    def ends_before(self, sample: TrackSample) -> bool:
        """Whether what waits is a fragment, and this sample belongs to the next."""
        if not self.samples:
            return False
        begins_group = self.track is Track.VIDEO and sample.is_keyframe
        return begins_group or sample.time + self.period - self.samples[0].time > self._longest

    def add(self, sample: TrackSample) -> None:
        if self._last is not None and sample.time > self._last:
            self.period = sample.time - self._last
        self._last = sample.time
        self.end = sample.time + self.period
        self.samples.append(sample)

    def cut(self, end: int | None) -> tuple[list[TrackSample], int]:
        """What waits and where it ends; nothing waits afterwards."""
        samples, self.samples = self.samples, []
        until = end if end is not None and end > samples[-1].time else samples[-1].time + self.period
        self.end = until
        return samples, until


def _first_period(audio: AudioDescription) -> int:
    """Length of the only packet of a file: an access unit of AAC, 20 ms of G.711 (RFC 3551 clause 4.2)."""
    return _AAC_FRAME if audio.codec is AudioCodec.AAC else audio.clock_rate // 50
