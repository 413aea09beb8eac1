"""Reads our recorded files, whole or damaged, and hands out what can be played of them."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from pathlib import Path
from struct import Struct, error
from types import TracebackType
from typing import Literal, NamedTuple, Self

from ingest.recording.boxes import HEADER_SIZE, BoxSpan, box, box_header, boxes, only_box
from ingest.recording.errors import SegmentDamaged
from ingest.recording.fmp4_writer import HEADER_TYPE, KEY_FLAGS, TFHD_FLAGS, TFRA_ENTRY, TRUN_ENTRY, TRUN_FLAGS, Track
from ingest.recording.segment import PART_SUFFIX, SegmentHeader

TrackName = Literal["video", "audio"]
TRACK_NAMES: dict[Track, TrackName] = {Track.VIDEO: "video", Track.AUDIO: "audio"}
_LONGEST_BEGINNING = 1 << 20
_FIRST_READ = 1 << 13
_BEGINNINGS = 256
_LONGEST_MOOF = 1 << 20
# A track's fragments follow each other. Stamps that lead further away than this were damaged, not measured.
_LONGEST_HOLE_S = 3600.0
_OVERLAP_S = 1.0
_WORD, _LONG = Struct(">I"), Struct(">Q")
_TFRA_HEAD = 16  # version and flags, track, lengths of numbers, count
_RUN_HEAD = Struct(">III")  # flags, sample count, data offset


class Sample(NamedTuple):
    """One access unit: where it lies in the file, and its times in units of its track's timescale."""

    offset: int
    size: int
    duration: int
    is_keyframe: bool
    composition_offset: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """A `moof` with its `mdat`. `time_s` counts from the file's first picture; `is_keyframe`: it begins with one.

    `decode_time` is the same in units of the track's timescale, counted from the beginning of the epoch.
    """

    track: TrackName
    offset: int
    size: int
    time_s: float
    duration_s: float
    is_keyframe: bool
    decode_time: int


class SegmentReader:
    """An open file. Reading it costs one look at each fragment's head, at the first use of `fragments`.

    `is_open`: it is still being written, and ends without an index, perhaps in the middle of a fragment.

    Raises:
        SegmentDamaged: the file's beginning cannot be read.
        OSError: the file cannot.

    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._damage: str | None = None
        self.is_open = path.suffix == PART_SUFFIX
        try:
            self.size_bytes = os.fstat(self._file).st_size
            self._data = self._beginning()
            self._kind, uuid, self._moov = _opening_boxes(self._data)
            self.header = _header(self._data, uuid)
            self.timescales = _timescales(self._slice(self._moov))
        except (SegmentDamaged, OSError):
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; a second time is harmless."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @property
    def init(self) -> bytes:
        """`ftyp` and `moov`: what a player needs before any fragment."""
        return self._slice(self._kind) + self._slice(self._moov)

    def init_for(self, tracks: Collection[TrackName]) -> bytes:
        """`ftyp` and a `moov` with these tracks alone; one that the file has not is not missed."""
        return self._slice(self._kind) + _movie_of(self._slice(self._moov), frozenset(tracks))

    @cached_property
    def fragments(self) -> Sequence[Fragment]:
        """All whole fragments in the order they lie in the file.

        Behind damage they go on with the next key frame that the index at the file's end knows: a flipped bit costs a
        group of pictures, not the rest of the file.
        """
        found: list[Fragment] = []
        ends: dict[TrackName, float] = {}
        at: int | None = len(self._data)
        while at is not None:
            at = self._collect(at, found, ends)
        return tuple(found)

    def _collect(self, at: int, found: list[Fragment], ends: dict[TrackName, float]) -> int | None:
        """Adds the fragments from there on up to damage; where to go on behind it."""
        origin = next((one.decode_time for one in found if one.track == "video"), None)
        try:
            while (run := self._run_at(at)) is not None:
                if origin is None and run.track == "video":
                    origin = run.decode_time
                fragment = run.fragment(self.timescales, origin or 0)
                _refuse_leap(fragment, ends)
                ends[fragment.track] = fragment.time_s + fragment.duration_s
                found.append(fragment)
                at += fragment.size
        except SegmentDamaged as damage:
            if self._damage is None:
                self._damage, self._whole_bytes = f"{damage} at byte {at}", at
            # Times count from the first picture: without it, those of the others are not known.
            may_go_on = origin is not None and not self.is_open
            behind = [place for _, place in self.keyframe_places() if place > at] if may_go_on else []
            return min(behind, default=None)
        if self._damage is None:
            self._whole_bytes = at
        return None

    def keyframe_places(self) -> Sequence[tuple[int, int]]:
        """Decoding time and offset of each fragment that begins with a key frame, as the index at the file's end says.

        Nothing but that index is read, so what is damaged before it is not noticed. Empty: there is no such index.
        """
        try:
            (size,) = _WORD.unpack(self._pread(_WORD.size, self.size_bytes - _WORD.size))
            if not HEADER_SIZE < size < min(self.size_bytes, _LONGEST_MOOF):
                return ()
            data = self._pread(size, self.size_bytes - size)
            if box_header(data) != (b"mfra", size):
                return ()
            tfra = only_box(data, b"tfra", BoxSpan(b"mfra", 0, HEADER_SIZE, size))
            entries = data[tfra.payload + _TFRA_HEAD : tfra.end]
            return [(time, offset) for time, offset, *_ in TFRA_ENTRY.iter_unpack(entries)]
        except (SegmentDamaged, OSError, error):
            return ()

    def video_end(self, at: int) -> int:
        """When the last picture ends, on the epoch's clock in units of the track; `at` is any fragment's offset.

        Raises:
            SegmentDamaged: the fragments from there on are not whole.
            OSError: the disk does not give them.

        """
        end = 0
        while (run := self._run_at(at)) is not None:
            if run.track == "video":
                end = run.decode_time + sum(entry[0] for entry in run.entries)
            at += run.moof_size + run.media_size
        return end

    @property
    def whole_bytes(self) -> int:
        """Up to where the file is whole fragments, without any damage."""
        return self._whole_bytes if self.fragments else len(self._data)

    @property
    def damage(self) -> str | None:
        """The first thing that is wrong with the file; None for a whole one."""
        return self._damage if self.fragments else self._damage or "no pictures"

    @property
    def duration_s(self) -> float:
        """Seconds of pictures that can be played."""
        return max((f.time_s + f.duration_s for f in self.fragments if f.track == "video"), default=0.0)

    @property
    def keyframe_count(self) -> int:
        """Key frames that can be played."""
        return sum(fragment.is_keyframe and fragment.track == "video" for fragment in self.fragments)

    def read(self, fragment: Fragment) -> bytes:
        """A fragment's bytes.

        Raises:
            SegmentDamaged: the file has become shorter meanwhile.
            OSError: the disk does not give them.

        """
        return self._pread(fragment.size, fragment.offset)

    def samples(self, fragment: Fragment) -> list[Sample]:
        """The fragment's access units, offsets counted from the file's beginning.

        Raises:
            SegmentDamaged: the file has changed meanwhile.
            OSError: the disk does not give them.

        """
        run = self._run_at(fragment.offset)
        if run is None:
            raise SegmentDamaged("the fragment is gone")
        return run.samples()

    def _slice(self, span: BoxSpan) -> bytes:
        return self._data[span.start : span.end]

    def _beginning(self) -> bytes:
        """The first three boxes."""
        data = os.pread(self._file, _FIRST_READ, 0)
        end = 0
        for _ in range(3):
            end += box_header(data, end)[1]
            if end > min(_LONGEST_BEGINNING, self.size_bytes):
                raise SegmentDamaged("the file's beginning is not whole")
            if end + HEADER_SIZE > len(data):
                data = os.pread(self._file, end + _FIRST_READ, 0)
        return data[:end]

    def _pread(self, size: int, at: int) -> bytes:
        data = os.pread(self._file, size, at)
        if len(data) < size:
            raise SegmentDamaged("the file ends too early")
        return data

    def _run_at(self, at: int) -> "_Run | None":
        """The fragment that begins there, None where the fragments end."""
        kind, size = box_header(self._pread(HEADER_SIZE, at))
        if kind == b"mfra":
            if at + size != self.size_bytes:
                raise SegmentDamaged("the index at the end is not whole")
            return None
        if kind != b"moof" or size > _LONGEST_MOOF:
            raise SegmentDamaged("no fragment")
        data = self._pread(size + HEADER_SIZE, at)
        kind, media_size = box_header(data, size)
        if kind != b"mdat" or at + size + media_size > self.size_bytes:
            raise SegmentDamaged("a fragment is not whole")
        try:
            return _run(data, at, size, media_size)
        except error as short:
            raise SegmentDamaged("a fragment's head is not whole") from short


@dataclass(frozen=True, slots=True)
class _Run:
    """What a fragment's head says."""

    track: TrackName
    offset: int
    moof_size: int
    media_size: int
    decode_time: int
    entries: tuple[tuple[int, int, int, int], ...]

    def fragment(self, timescales: Mapping[TrackName, int], origin: int) -> Fragment:
        timescale = timescales.get(self.track)
        if timescale is None:
            raise SegmentDamaged("a fragment of a track that is not there")
        start = origin / timescales["video"]
        return Fragment(
            track=self.track,
            offset=self.offset,
            size=self.moof_size + self.media_size,
            time_s=self.decode_time / timescale - start,
            duration_s=sum(entry[0] for entry in self.entries) / timescale,
            is_keyframe=self.entries[0][2] == KEY_FLAGS,
            decode_time=self.decode_time,
        )

    def samples(self) -> list[Sample]:
        start = self.offset + self.moof_size + HEADER_SIZE
        offsets = accumulate((entry[1] for entry in self.entries), initial=start)
        return [
            Sample(offset, size, duration, flags == KEY_FLAGS, composition)
            for offset, (duration, size, flags, composition) in zip(offsets, self.entries, strict=False)
        ]


def _run(data: bytes, at: int, moof_size: int, media_size: int) -> _Run:
    """Takes a `moof` apart, and takes nothing that our writer would not have written."""
    moof = BoxSpan(b"moof", 0, HEADER_SIZE, moof_size)
    traf = only_box(data, b"traf", moof)
    tfhd, tfdt, trun = (only_box(data, kind, traf) for kind in (b"tfhd", b"tfdt", b"trun"))
    flags, number = _word(data, tfhd.payload), _word(data, tfhd.payload + 4)
    run_flags, count, data_offset = _RUN_HEAD.unpack_from(data, trun.payload)
    entries = data[trun.payload + _RUN_HEAD.size : trun.end]
    is_ours = flags == TFHD_FLAGS and run_flags == 1 << 24 | TRUN_FLAGS and data_offset == moof_size + HEADER_SIZE
    if not is_ours or number not in set(Track) or not count or count * TRUN_ENTRY.size != len(entries):
        raise SegmentDamaged("a fragment's head makes no sense")
    values = tuple(TRUN_ENTRY.iter_unpack(entries))
    if sum(entry[1] for entry in values) != media_size - HEADER_SIZE:
        raise SegmentDamaged("a fragment's sizes do not add up")
    (decode_time,) = _LONG.unpack_from(data, tfdt.payload + 4)
    return _Run(TRACK_NAMES[Track(number)], at, moof_size, media_size, decode_time, values)


def _refuse_leap(fragment: Fragment, ends: dict[TrackName, float]) -> None:
    expected_s = ends.get(fragment.track, 0.0)
    if not expected_s - _OVERLAP_S <= fragment.time_s <= expected_s + _LONGEST_HOLE_S:
        raise SegmentDamaged("a fragment's time makes no sense")
    if fragment.duration_s > _LONGEST_HOLE_S:
        raise SegmentDamaged("a fragment's length makes no sense")


def _opening_boxes(data: bytes) -> tuple[BoxSpan, BoxSpan, BoxSpan]:
    spans = tuple(boxes(data, 0, len(data)))
    if tuple(span.kind for span in spans) != (b"ftyp", b"uuid", b"moov"):
        raise SegmentDamaged("the file does not begin as ours do")
    return spans[0], spans[1], spans[2]


def _header(data: bytes, uuid: BoxSpan) -> SegmentHeader:
    user_type = data[uuid.payload : uuid.payload + len(HEADER_TYPE)]
    if user_type != HEADER_TYPE:
        raise SegmentDamaged("the file's header is not ours")
    return SegmentHeader.from_json(data[uuid.payload + len(HEADER_TYPE) : uuid.end])


@lru_cache(maxsize=_BEGINNINGS)
def _timescales(moov: bytes) -> Mapping[TrackName, int]:
    """Units per second of each track. Remembered: the files of a camera begin alike for as long as it is the same."""
    found: dict[TrackName, int] = {}
    for trak in boxes(moov, HEADER_SIZE, len(moov)):
        if trak.kind != b"trak":
            continue
        number = _track_number(moov, trak)
        timescale = _word(moov, only_box(moov, b"mdhd", only_box(moov, b"mdia", trak)).payload + 12)
        if number not in set(Track) or not timescale:
            raise SegmentDamaged("a track makes no sense")
        found[TRACK_NAMES[Track(number)]] = timescale
    if "video" not in found:
        raise SegmentDamaged("the track of pictures is missing")
    return found


@lru_cache(maxsize=_BEGINNINGS)
def _movie_of(moov: bytes, tracks: frozenset[TrackName]) -> bytes:
    """A `moov` with these tracks alone."""
    numbers = {number for number, name in TRACK_NAMES.items() if name in tracks}
    kept: list[bytes] = []
    for child in boxes(moov, HEADER_SIZE, len(moov)):
        if child.kind == b"mvex":
            extensions = boxes(moov, child.payload, child.end)
            kept.append(
                box(b"mvex", *(moov[e.start : e.end] for e in extensions if _word(moov, e.payload + 4) in numbers))
            )
        elif child.kind != b"trak" or _track_number(moov, child) in numbers:
            kept.append(moov[child.start : child.end])
    return box(b"moov", *kept)


def _track_number(data: bytes, trak: BoxSpan) -> int:
    return _word(data, only_box(data, b"tkhd", trak).payload + 12)


def _word(data: bytes, at: int) -> int:
    if at + _WORD.size > len(data):
        raise SegmentDamaged("a box is too short")
    value: int = _WORD.unpack_from(data, at)[0]
    return value
