"""The recorded files of this node as they are played: their index, their beginning, groups of pictures, one picture."""

import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import cv2

from ingest.audio import AudioCodec
from ingest.av_past_picture import decode_at
from ingest.recording.errors import SegmentDamaged
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE
from ingest.recording.picture_group import PictureGroup, fragments_of, group_times, keyframes_of, picture_groups
from ingest.recording.segment import PART_SUFFIX
from ingest.recording.segment_reader import SegmentReader, TrackName
from vms_api.node.snapshot import JPEG_QUALITY, Snapshot

_PATH = re.compile(r"[A-Za-z0-9-]{1,64}/\d{4}-\d{2}-\d{2}/\d{2}/[A-Za-z0-9-]{1,64}\.mp4")
_REMEMBERED = 4096
"""Indexes kept in memory: files never change once they have their name, and a file's index takes about a kilobyte."""


class FileMissing(Exception):
    """There is no such file on any volume of this node."""


class FilePlace(NamedTuple):
    """Where a file is: the identity of its volume, and its path in it."""

    volume_id: str
    path: str


@dataclass(frozen=True, slots=True)
class FileIndex:
    """What a player needs to know of a file.

    `init` names the bytes a player needs first: files with the same name need the same. `media_start_s` is the first
    picture on the epoch's clock; `groups` are start and length of the groups of pictures, counted from that picture.
    `is_away`: the file is not to be had now, which says nothing about its bytes. `open_bytes`: it is still being
    written, and these are the groups of so many bytes.
    """

    init: str
    media_start_s: float
    groups: Sequence[tuple[float, float]]
    damage: str | None
    is_away: bool = False
    open_bytes: int | None = None

    def document(self) -> dict[str, Any]:
        """As it is told."""
        return {
            "init": self.init,
            "media_start_s": self.media_start_s,
            "groups": self.groups,
            "damage": self.damage,
            "is_away": self.is_away,
            "open_bytes": self.open_bytes,
        }


class GroupBytes(NamedTuple):
    """Fragments, and why there are not all that were asked for."""

    data: bytes
    damage: str | None


class RecordedFiles:
    """Reads files, blocking for as long as the disk does: call it in a thread. Safe to use from several."""

    def __init__(self, folder_of: Callable[[str], Path | None]) -> None:
        self._folder_of = folder_of
        self._lock = Lock()
        self._indexes: OrderedDict[tuple[FilePlace, bool], FileIndex] = OrderedDict()
        self._damaged: set[FilePlace] = set()

    def find(self, place: FilePlace) -> Path:
        """The file itself, under its own name or the one that it has while it is written.

        Raises:
            FileMissing: no such volume or file, or a place that no recorder would have chosen.

        """
        folder = self._folder_of(place.volume_id)
        if folder is None or not _PATH.fullmatch(place.path):
            raise FileMissing("no such recording on this node")
        root = os.path.realpath(folder)
        # It may get its own name while we look for the other.
        for name in (place.path, place.path + PART_SUFFIX, place.path):
            path = os.path.realpath(f"{root}/{name}")
            if path.startswith(f"{root}/") and os.path.isfile(path):  # noqa: PTH113 - hundreds of files at a time
                return Path(path)
        raise FileMissing("the file is not there")

    def index(self, place: FilePlace, *, keyframes: bool) -> FileIndex:
        """The index of a file; of one that is gone or unreadable an empty one, which says so.

        It is what the file's end says, unless that is missing or `groups` has met damage: then the whole file is read.
        That of a file that is still being written is of this moment.
        """
        with self._lock:
            known = self._indexes.get((place, keyframes))
        if known is not None:
            return known
        try:
            with self._opened(place) as reader:
                read = _index(reader, keyframes=keyframes, is_damaged=place in self._damaged)
        except FileMissing:
            return FileIndex("", 0.0, (), "missing", is_away=True)
        except OSError as error:
            return FileIndex("", 0.0, (), str(error), is_away=True)
        except SegmentDamaged as damage:
            return FileIndex("", 0.0, (), str(damage))
        if read.open_bytes is not None:
            return read
        with self._lock:
            self._indexes[place, keyframes] = read
            if len(self._indexes) > _REMEMBERED:
                self._indexes.popitem(last=False)
        return read

    def init(self, place: FilePlace, *, keyframes: bool) -> bytes:
        """What a player needs before any fragment of the file.

        Raises:
            FileMissing: it is not there.
            SegmentDamaged: its beginning cannot be read.

        """
        with self._opened(place) as reader:
            return reader.init_for(_tracks(reader, keyframes=keyframes))

    def groups(
        self, place: FilePlace, first: int, last: int, *, keyframes: bool, open_bytes: int | None = None
    ) -> GroupBytes:
        """The groups `first` to `last`, both included, as far as they can be read.

        `open_bytes` is that of the index: the last group has grown since then, and is given as it was.

        Raises:
            FileMissing: it is not there.
            SegmentDamaged: nothing of them can be read.

        """
        with self._opened(place) as reader:
            wanted = picture_groups(reader, open_bytes)[first : last + 1]
            damage = _damage(reader)
            if damage:
                self._remember_damage(place)
            if not wanted:
                raise SegmentDamaged(damage or "the file has no such groups of pictures")
            if keyframes:
                return GroupBytes(keyframes_of(reader, wanted), damage)
            return GroupBytes(fragments_of(reader, wanted, _tracks(reader, keyframes=False)), damage)

    def picture(self, place: FilePlace, at: datetime) -> Snapshot:
        """The picture that was to be seen at that instant, or the file's last before.

        Raises:
            FileMissing: it is not there.
            SegmentDamaged: no picture of that time can be decoded.

        """
        with self._opened(place) as reader:
            started_at = reader.header.started_at
            at_s = (at - started_at).total_seconds()
            group = _group_at(picture_groups(reader), at_s)
            origin = _origin(reader)
            data = reader.init_for({"video"}) + fragments_of(reader, [group], {"video"})
        found = decode_at(data, origin + round(at_s * VIDEO_TIMESCALE))
        if found is None:
            raise SegmentDamaged("no picture can be decoded")
        encoded, jpeg = cv2.imencode(".jpg", found.bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not encoded:
            raise SegmentDamaged("the picture cannot be encoded")
        return Snapshot(jpeg.tobytes(), started_at + timedelta(seconds=(found.time - origin) / VIDEO_TIMESCALE))

    def _remember_damage(self, place: FilePlace) -> None:
        with self._lock:
            self._damaged.add(place)
            for keyframes in (True, False):
                self._indexes.pop((place, keyframes), None)

    @contextmanager
    def _opened(self, place: FilePlace) -> Iterator[SegmentReader]:
        try:
            reader = SegmentReader(self.find(place))
        except FileNotFoundError:  # it got its own name after it was found
            reader = SegmentReader(self.find(place))
        with reader:
            yield reader


def _index(reader: SegmentReader, *, keyframes: bool, is_damaged: bool) -> FileIndex:
    init = hashlib.sha256(reader.init_for(_tracks(reader, keyframes=keyframes))).hexdigest()
    times = () if is_damaged else group_times(reader)
    if times:
        origin = times[0][0]
        quick = [((start - origin) / VIDEO_TIMESCALE, (end - start) / VIDEO_TIMESCALE) for start, end in times]
        return FileIndex(init, origin / VIDEO_TIMESCALE, quick, None)
    groups = [(group.time_s, group.duration_s) for group in picture_groups(reader)]
    start = next((one.decode_time for one in reader.fragments if one.track == "video"), 0)
    open_bytes = reader.whole_bytes if reader.is_open else None
    return FileIndex(init, start / VIDEO_TIMESCALE, groups, _damage(reader), open_bytes=open_bytes)


def _damage(reader: SegmentReader) -> str | None:
    """What is wrong with the file; that one which is being written has no end yet is as it should be."""
    return None if reader.is_open else reader.damage


def _tracks(reader: SegmentReader, *, keyframes: bool) -> set[TrackName]:
    """What browsers play: AAC beside the pictures. They refuse G.711 in MP4; key frames are played without sound."""
    has_sound = not keyframes and reader.header.audio_codec is AudioCodec.AAC
    return {"video", "audio"} if has_sound else {"video"}


def _group_at(groups: Sequence[PictureGroup], at_s: float) -> PictureGroup:
    found = [group for group in groups if group.time_s <= max(at_s, 0.0)]
    if not found:
        raise SegmentDamaged("no picture of that time can be read")
    return found[-1]


def _origin(reader: SegmentReader) -> int:
    """The time of the file's first picture on its own clock, in 1/90000 s."""
    first = next(one for one in reader.fragments if one.track == "video")
    return first.decode_time + reader.samples(first)[0].composition_offset
