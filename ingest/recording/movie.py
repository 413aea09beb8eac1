"""Recorded files as one MP4 file that any player shows: an exact range, nothing encoded again.

A progressive file (ISO/IEC 14496-12): sample tables in front, then the samples as they were recorded. It begins with
the key frame before the range, for decoding needs it; an edit list (clause 8.6.6) makes players show the range alone.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from ingest.recording.boxes import box, full_box
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE
from ingest.recording.movie_track import TrackBoxes, track_boxes
from ingest.recording.segment_reader import SegmentReader, TrackName

_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)  # clause 4.3: what creation times count from
_LARGE_HEADER = 16
_UNITY = struct.pack(">9I", 0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000)


class _Taken(NamedTuple):
    """A sample with its file and fragment, and its decoding time on the epoch's clock in the track's units."""

    file: int
    fragment: int
    offset: int
    size: int
    time: int
    duration: int
    is_keyframe: bool
    composition: int

    @property
    def shown_at(self) -> int:
        return self.time + self.composition


@dataclass(frozen=True, slots=True)
class _Track:
    """What one track holds. `edit` is where showing begins on the track's own clock, `empty` how long it waits."""

    name: TrackName
    boxes: TrackBoxes
    samples: Sequence[_Taken]
    edit: int
    empty: int


class Movie:
    """One continuous run of files of one epoch and one beginning, cut to a range of our clock.

    `shown_from`, `shown_to`: the first instant that is shown, and where the last picture ends. A movie of a range in
    which no picture begins has `frame_count` 0 and cannot be written.
    """

    def __init__(self, run: Sequence[SegmentReader], start: datetime, end: datetime) -> None:
        self._run = run
        recorded = _samples(run, "video")
        shown = _shown(run, recorded, start, end)
        self.frame_count = len(shown)
        if not shown:
            return
        pictures = _with_keyframe(recorded, shown)
        first = min(sample.shown_at for sample in shown)
        last = max(sample.shown_at + sample.duration for sample in shown)
        self.shown_from = _wall(run, shown[0].file, first)
        self.shown_to = min(end, _wall(run, shown[-1].file, last))
        self._duration = round((self.shown_to - self.shown_from).total_seconds() * VIDEO_TIMESCALE)
        boxes = track_boxes(run[0].init)
        video = _Track("video", boxes["video"], pictures, first - pictures[0].time, 0)
        self._tracks = [video]
        if "audio" in boxes and (sound := _sound(run, boxes["audio"], first, self._duration)):
            self._tracks.append(sound)
        self._chunks = sorted(_chunks(self._tracks), key=lambda chunk: (chunk[0].file, chunk[0].fragment))
        self._media_size = sum(sample.size for chunk in self._chunks for sample in chunk)
        self._beginning = self._head()
        self.size_bytes = len(self._beginning) + self._media_size

    @property
    def has_sound(self) -> bool:
        """Whether there is sound beside the pictures."""
        return len(self._tracks) > 1

    def pieces(self) -> Iterator[bytes]:
        """The file's bytes, in pieces of about a second.

        Raises:
            SegmentDamaged: a recorded file has become shorter meanwhile.
            OSError: the disk does not give them.

        """
        yield self._beginning
        for chunk in self._chunks:
            reader = self._run[chunk[0].file]
            one = reader.fragments[chunk[0].fragment]
            data = reader.read(one)
            start = chunk[0].offset - one.offset
            yield data[start : start + sum(sample.size for sample in chunk)]

    def _head(self) -> bytes:
        """All before the first sample. The tables hold offsets, which depend on the length of the tables."""
        kind = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isom", b"iso2", b"mp41")
        created = round((self.shown_from.astimezone(UTC) - _EPOCH_1904).total_seconds())
        size = len(self._movie_box(created, 0))
        begins = len(kind) + size + _LARGE_HEADER
        media = struct.pack(">I4sQ", 1, b"mdat", _LARGE_HEADER + self._media_size)  # clause 4.2: a 64-bit size
        return kind + self._movie_box(created, begins) + media

    def _movie_box(self, created: int, begins: int) -> bytes:
        places: dict[tuple[int, int], int] = {}
        for chunk in self._chunks:
            places[chunk[0].file, chunk[0].fragment] = begins
            begins += sum(sample.size for sample in chunk)
        header = full_box(
            b"mvhd",
            1,
            0,
            struct.pack(">QQIQ", created, created, VIDEO_TIMESCALE, self._duration),
            struct.pack(">IH", 0x1_0000, 0x0100) + bytes(10),
            _UNITY,
            bytes(24),
            struct.pack(">I", len(self._tracks) + 1),
        )
        return box(b"moov", header, *(self._track_box(track, created, places) for track in self._tracks))

    def _track_box(self, track: _Track, created: int, places: dict[tuple[int, int], int]) -> bytes:
        length = sum(sample.duration for sample in track.samples)
        edits = [struct.pack(">QqI", track.empty, -1, 0x1_0000)] if track.empty else []
        edits.append(struct.pack(">QqI", self._duration - track.empty, track.edit, 0x1_0000))
        edit_list = full_box(b"elst", 1, 0, struct.pack(">I", len(edits)), *edits)
        tables = (*_time_tables(track), *_place_tables(track, places))
        parts = track.boxes
        media = box(b"mdia", parts.media_header(created, length), parts.handler, parts.information(*tables))
        return box(b"trak", parts.track_header(created, self._duration), box(b"edts", edit_list), media)


def _samples(run: Sequence[SegmentReader], track: TrackName) -> list[_Taken]:
    """All samples of a track in decoding order; each lasts until the next, so that holes keep their length."""
    taken: list[_Taken] = []
    for number, reader in enumerate(run):
        for place, one in enumerate(reader.fragments):
            if one.track != track:
                continue
            time = one.decode_time
            for offset, size, duration, is_keyframe, composition in reader.samples(one):
                if not taken or time > taken[-1].time:
                    taken.append(_Taken(number, place, offset, size, time, duration, is_keyframe, composition))
                time += duration
    lasting = [sample._replace(duration=after.time - sample.time) for sample, after in pairwise(taken)]
    return lasting + taken[-1:]


def _shown(run: Sequence[SegmentReader], pictures: Sequence[_Taken], start: datetime, end: datetime) -> list[_Taken]:
    """Those that begin in [start, end), in decoding order."""
    limits = [(_stamp(run, number, start), _stamp(run, number, end)) for number in range(len(run))]
    return [s for s in pictures if limits[s.file][0] <= s.shown_at < limits[s.file][1]]


def _with_keyframe(pictures: Sequence[_Taken], shown: Sequence[_Taken]) -> Sequence[_Taken]:
    """All that decoding the shown pictures needs: from the last key frame not shown after the first of them."""
    first = min(sample.shown_at for sample in shown)
    places = {(sample.file, sample.offset): place for place, sample in enumerate(pictures)}
    until = max(places[sample.file, sample.offset] for sample in shown)
    starts = [p for p, s in enumerate(pictures[: until + 1]) if s.is_keyframe and s.shown_at <= first]
    return pictures[starts[-1] if starts else 0 : until + 1]


def _sound(run: Sequence[SegmentReader], boxes: TrackBoxes, first: int, duration: int) -> _Track | None:
    """The sound that is heard while the pictures are shown; times of pictures are in 1/90000 s."""
    scale = boxes.timescale
    start, end = first * scale // VIDEO_TIMESCALE, (first + duration) * scale // VIDEO_TIMESCALE
    heard = [s for s in _samples(run, "audio") if s.time + s.duration > start and s.time < end]
    if not heard:
        return None
    wait = max(0, heard[0].time - start)
    return _Track("audio", boxes, heard, max(0, start - heard[0].time), wait * VIDEO_TIMESCALE // scale)


def _origin(reader: SegmentReader) -> int:
    """When the file's first picture is shown, on the epoch's clock."""
    first = next(one for one in reader.fragments if one.track == "video")
    return first.decode_time + reader.samples(first)[0].composition_offset


def _stamp(run: Sequence[SegmentReader], number: int, at: datetime) -> int:
    """Our clock's time on the clock of the epoch, as that file has it."""
    since = (at - run[number].header.started_at) / timedelta(microseconds=1)
    return round(since * VIDEO_TIMESCALE / 1e6) + _origin(run[number])


def _wall(run: Sequence[SegmentReader], number: int, stamp: int) -> datetime:
    """The other way round."""
    reader = run[number]
    return reader.header.started_at + timedelta(seconds=(stamp - _origin(reader)) / VIDEO_TIMESCALE)


def _chunks(tracks: Sequence[_Track]) -> Iterator[list[_Taken]]:
    """Samples that lie beside each other in one fragment stay so."""
    for track in tracks:
        for _, chunk in groupby(track.samples, key=lambda sample: (sample.file, sample.fragment)):
            yield list(chunk)


def _time_tables(track: _Track) -> Iterator[bytes]:
    """`stts`, `ctts` and `stss` (clauses 8.6.1 and 8.6.2)."""
    lengths = [(len(list(same)), value) for value, same in groupby(sample.duration for sample in track.samples)]
    yield full_box(b"stts", 0, 0, struct.pack(">I", len(lengths)), *(struct.pack(">II", *one) for one in lengths))
    if track.name == "audio":
        return
    moves = [(len(list(same)), value) for value, same in groupby(sample.composition for sample in track.samples)]
    yield full_box(b"ctts", 1, 0, struct.pack(">I", len(moves)), *(struct.pack(">Ii", *one) for one in moves))
    keys = [number for number, sample in enumerate(track.samples, start=1) if sample.is_keyframe]
    yield full_box(b"stss", 0, 0, struct.pack(f">I{len(keys)}I", len(keys), *keys))


def _place_tables(track: _Track, places: dict[tuple[int, int], int]) -> Iterator[bytes]:
    """`stsc`, `stsz` and `co64` (clauses 8.7.3 to 8.7.5): a chunk is what comes from one fragment."""
    sizes = [sample.size for sample in track.samples]
    chunks = [list(chunk) for chunk in _chunks([track])]
    counts = [(number, len(chunk)) for number, chunk in enumerate(chunks, start=1)]
    changes = counts[:1] + [after for before, after in pairwise(counts) if before[1] != after[1]]
    yield full_box(b"stsc", 0, 0, struct.pack(">I", len(changes)), *(struct.pack(">III", *c, 1) for c in changes))
    yield full_box(b"stsz", 0, 0, struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes))
    offsets = [places[chunk[0].file, chunk[0].fragment] for chunk in chunks]
    yield full_box(b"co64", 0, 0, struct.pack(f">I{len(offsets)}Q", len(offsets), *offsets))
