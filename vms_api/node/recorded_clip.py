"""The recording about one moment as a small MP4 file: nothing is encoded again."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple

from ingest.recording.errors import SegmentDamaged
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE
from ingest.recording.movie import Movie
from ingest.recording.segment_reader import SegmentReader
from vms_api.node.recorded_files import FileMissing, FilePlace, RecordedFiles

MAX_CLIP_BYTES = 256 << 20
_SLACK_S = 0.1


class Moment(NamedTuple):
    """An instant and the range about it that is wanted, by our clock."""

    at: datetime
    start: datetime
    end: datetime


class Clip(NamedTuple):
    """The file, and what of the range it shows."""

    data: bytes
    shown_from: datetime
    shown_to: datetime


def cut_clip(files: RecordedFiles, places: Sequence[FilePlace], moment: Moment) -> Clip:
    """The range as far as it was recorded without a break about the moment; blocks for as long as the disk does.

    `places` are files of one camera, ordered by their start.

    Raises:
        FileMissing: none of them is there.
        SegmentDamaged: no picture of the range can be read.

    """
    with ExitStack() as opened:
        readers = _readers(files, places, opened)
        movies = [Movie(run, moment.start, moment.end) for run in _runs(readers)]
        shown = [movie for movie in movies if movie.frame_count and movie.size_bytes <= MAX_CLIP_BYTES]
        if not shown:
            raise SegmentDamaged("no picture of that time can be read")
        movie = min(shown, key=lambda one: _distance_s(one, moment.at))
        return Clip(b"".join(movie.pieces()), movie.shown_from, movie.shown_to)


def _readers(files: RecordedFiles, places: Sequence[FilePlace], opened: ExitStack) -> Sequence[SegmentReader]:
    readers = []
    for place in places:
        try:
            reader = opened.enter_context(SegmentReader(files.find(place)))
        except (SegmentDamaged, FileMissing, FileNotFoundError):
            continue  # the files about it may show the moment
        if any(one.track == "video" for one in reader.fragments):
            readers.append(reader)
    if not readers:
        raise FileMissing("none of the files can be read")
    return readers


def _runs(readers: Sequence[SegmentReader]) -> Sequence[Sequence[SegmentReader]]:
    runs: list[list[SegmentReader]] = []
    for reader in readers:
        if runs and _follows(runs[-1][-1], reader):
            runs[-1].append(reader)
        else:
            runs.append([reader])
    return runs


def _follows(before: SegmentReader, after: SegmentReader) -> bool:
    """Whether the second file goes on where the first ends: one epoch, one beginning, one clock."""
    one, other = before.header, after.header
    if (one.role, one.node_epoch, one.epoch) != (other.role, other.node_epoch, other.epoch):
        return False
    ends_s = _starts_s(before) + before.duration_s
    return before.init == after.init and abs(_starts_s(after) - ends_s) <= _SLACK_S


def _starts_s(reader: SegmentReader) -> float:
    return next(one.decode_time for one in reader.fragments if one.track == "video") / VIDEO_TIMESCALE


def _distance_s(movie: Movie, at: datetime) -> float:
    """How far the moment lies from what the movie shows; 0 inside."""
    before, after = (movie.shown_from - at).total_seconds(), (at - movie.shown_to).total_seconds()
    return max(before, after, 0.0)
