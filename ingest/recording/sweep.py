"""What a killed recorder left behind: files without an end get one, the others are looked into again."""

import errno
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.recording.errors import SegmentDamaged
from ingest.recording.fmp4_writer import file_end
from ingest.recording.segment import PART_SUFFIX, FileFacts, SegmentInfo, segment_info
from ingest.recording.segment_file import sync_folder
from ingest.recording.segment_reader import SegmentReader

_CHUNK = 1 << 20
_UNWRITTEN = bytes(512)
_RECENT = timedelta(hours=2)
_HOUR = "%Y-%m-%d/%H"
SUFFIX = ".mp4"


def segment_paths(volume: Path) -> Iterator[Path]:
    """All files of recordings, whole or not, each camera's newest hours first."""
    for camera in _folders(volume):
        for day in _folders(camera):
            for hour in _folders(day):
                yield from (path for path in _entries(hour) if SUFFIX in path.suffixes)


class Recency:
    """Tells the last two hours of each camera from what is older; asked in the order of `segment_paths`.

    These are the files that a node tells of again when it starts. They count from the camera's newest file, not from
    now: a site may have been without power for a day.
    """

    def __init__(self) -> None:
        self._camera = ""
        self._since = ""

    def covers(self, path: Path) -> bool:
        """Whether the file is among them."""
        camera, hour = path.parents[2].name, f"{path.parents[1].name}/{path.parent.name}"
        if camera != self._camera:
            self._camera, self._since = camera, _two_hours_before(hour)
        return hour >= self._since


def mend(part: Path) -> SegmentInfo | None:
    """Cuts a file that was not finished at its last whole fragment and gives it its end and its name.

    After a power cut a file may be longer than what reached the disk of it: a fragment with blocks that were never
    written ends it too.

    None: nothing of it can be played, and it was removed.

    Raises:
        OSError: the disk does not let itself be written; the file stays as it is.

    """
    try:
        with SegmentReader(part) as reader:
            header, whole_bytes = reader.header, _written_bytes(reader)
            fragments = [fragment for fragment in reader.fragments if fragment.offset < whole_bytes]
    except SegmentDamaged:
        fragments = []
    pictures = [fragment for fragment in fragments if fragment.track == "video"]
    if not pictures:
        part.unlink()
        sync_folder(part.parent)
        return None
    keyframes = [(fragment.decode_time, fragment.offset) for fragment in pictures if fragment.is_keyframe]
    file = os.open(part, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(file, whole_bytes)
        end = file_end(keyframes)
        if os.pwrite(file, end, whole_bytes) < len(end):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(part))
        os.fsync(file)
    finally:
        os.close(file)
    whole = part.with_name(part.name.removesuffix(PART_SUFFIX))
    part.rename(whole)
    sync_folder(part.parent)
    duration_s = max(fragment.time_s + fragment.duration_s for fragment in pictures)
    facts = FileFacts(duration_s, whole.stat().st_size, file_hash(whole), len(keyframes))
    return segment_info(header, facts, recovered=True)


def _written_bytes(reader: SegmentReader) -> int:
    """Up to where a file is whole fragments of which every block was written.

    A picture never holds so many zeros in a row: more than two bytes of them are forbidden in a NAL unit (ITU-T H.264
    and H.265, clause 7.4.2).
    """
    for fragment in reader.fragments:
        if fragment.track == "video" and _UNWRITTEN in reader.read(fragment):
            return fragment.offset
    return reader.whole_bytes


def inspect(path: Path) -> SegmentInfo:
    """The index row of a whole file, from the file alone. One that is damaged says so.

    Raises:
        SegmentDamaged: nothing of it can be read.
        OSError: the disk does not give it.

    """
    with SegmentReader(path) as reader:
        facts = FileFacts(reader.duration_s, reader.size_bytes, file_hash(path), reader.keyframe_count)
        return segment_info(reader.header, facts, damaged=reader.damage is not None)


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _two_hours_before(hour: str) -> str:
    try:
        return (datetime.strptime(hour, _HOUR).replace(tzinfo=UTC) - _RECENT).strftime(_HOUR)
    except ValueError:
        return hour  # a folder that is none of ours


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir() and not path.is_symlink()]


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, latest names first. A folder may go while we look, or be none of ours."""
    try:
        return sorted(folder.iterdir(), reverse=True)
    except (FileNotFoundError, PermissionError):
        return []
