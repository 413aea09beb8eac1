"""Compares the index with the files of a volume, and finds what does not fit."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ingest.recording.errors import SegmentDamaged
from ingest.recording.segment import PART_SUFFIX, SegmentInfo
from ingest.recording.segment_reader import SegmentReader
from ingest.recording.sweep import Recency, file_hash, inspect, segment_paths
from ingest.recording.volume import IDENTITY_FILE, VolumePlace, VolumeRefused, claim
from vms_api.recordings.inspection_store import IndexFile
from vms_api.recordings.segment import Segment
from vms_api.recordings.settings import VolumeSettings


class FindingKind(StrEnum):
    """What can be wrong."""

    VOLUME_GONE = "volume-gone"
    """The volume is not there, or another one: nothing can be said of its recordings, and nothing is done to them."""
    MISSING_FILE = "missing-file"
    WRONG_SIZE = "wrong-size"
    WRONG_HASH = "wrong-hash"
    DAMAGED = "damaged"
    """The file is as it was written, but not all of it can be played."""
    ORPHAN_FILE = "orphan-file"
    PENDING_FILE = "pending-file"
    """One of a camera's latest, unfinished or on its way: its node tells of it, at its next start if not before."""
    UNREADABLE_FILE = "unreadable-file"
    OVERLAP = "overlap"
    """Two segments claim the same time, as after a step of the clock: playback trims the later one."""


NOTES = frozenset({FindingKind.OVERLAP, FindingKind.PENDING_FILE})
"""Findings that are no fault: nothing has to be mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit. `path` is that of the file, `segment` its row in the index, if it has one."""

    kind: FindingKind
    volume: str
    path: Path
    detail: str
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class FoundVolume:
    """A volume that is there and is the right one."""

    volume_id: str
    name: str
    folder: Path


@dataclass(slots=True)
class Tally:
    """How much was looked at."""

    row_count: int = 0
    file_count: int = 0


def find_volume(settings: VolumeSettings, expected_id: str | None, now: datetime) -> FoundVolume | Finding:
    """The volume of the site file, or why there is none; a folder is never made one here."""
    place = VolumePlace(settings.name, settings.path, settings.quota_bytes, settings.reserve_bytes)
    if not (settings.path / IDENTITY_FILE).is_file():
        return Finding(FindingKind.VOLUME_GONE, settings.name, settings.path, f"there is no {IDENTITY_FILE}")
    try:
        return FoundVolume(claim(place, expected_id, now), settings.name, settings.path)
    except (VolumeRefused, OSError) as reason:
        return Finding(FindingKind.VOLUME_GONE, settings.name, settings.path, str(reason))


def inspect_volume(volume: FoundVolume, index: IndexFile, tally: Tally, *, with_hash: bool) -> Iterator[Finding]:
    """Everything that does not fit: rows against files, then files against rows, then rows against each other.

    With `with_hash` every file is read, else only looked at.
    """
    known: set[str] = set()
    for segment in index.rows(volume.volume_id):
        known.add(segment.recording_id)
        tally.row_count += 1
        if (finding := _compared(volume, segment, with_hash=with_hash)) is not None:
            yield finding
    known |= index.garbage_ids()
    recency = Recency()
    for path in segment_paths(volume.folder):
        tally.file_count += 1
        is_recent = recency.covers(path)
        if path.suffix == PART_SUFFIX or path.stem not in known:
            yield _unknown(volume, path, is_recent=is_recent)
    for segment, shared_s in index.overlapping(volume.volume_id):
        detail = f"begins {shared_s:.1f} s before the one before it has ended"
        yield Finding(FindingKind.OVERLAP, volume.name, volume.folder / segment.path, detail, segment)


def _compared(volume: FoundVolume, segment: Segment, *, with_hash: bool) -> Finding | None:
    """What is wrong with the file of a row. One that is marked as damaged already need only be there."""
    path = volume.folder / segment.path
    try:
        size = path.stat().st_size
        fault = None
        if size != segment.size_bytes and not segment.damaged:
            fault = (FindingKind.WRONG_SIZE, f"{size} bytes, the index has {segment.size_bytes}")
        elif with_hash and not segment.damaged:
            fault = _read(path, segment)
    except FileNotFoundError:
        fault = (FindingKind.MISSING_FILE, "the index has it")
    except OSError as error:
        fault = (FindingKind.UNREADABLE_FILE, error.strerror or str(error))
    return None if fault is None else Finding(fault[0], volume.name, path, fault[1], segment)


def _read(path: Path, segment: Segment) -> tuple[FindingKind, str] | None:
    damage = damage_of(path)
    if file_hash(path) != segment.sha256:
        return FindingKind.WRONG_HASH, f"not the bytes that were written ({damage or 'all of it plays'})"
    return None if damage is None else (FindingKind.DAMAGED, damage)


def damage_of(path: Path) -> str | None:
    """What of a file cannot be played.

    Raises:
        OSError: the disk does not give it.

    """
    try:
        with SegmentReader(path) as reader:
            return reader.damage
    except SegmentDamaged as damage:
        return str(damage)


def _unknown(volume: FoundVolume, path: Path, *, is_recent: bool) -> Finding:
    """What the index does not have."""
    if path.suffix == PART_SUFFIX:
        kind = FindingKind.PENDING_FILE if is_recent else FindingKind.ORPHAN_FILE
        return Finding(kind, volume.name, path, "it is being written, or its node has died")
    try:
        with SegmentReader(path) as reader:
            started_at = reader.header.started_at.isoformat(timespec="seconds")
    except (SegmentDamaged, OSError) as damage:
        return Finding(FindingKind.UNREADABLE_FILE, volume.name, path, str(damage))
    if is_recent:
        return Finding(FindingKind.PENDING_FILE, volume.name, path, f"on its way to the index; begins at {started_at}")
    return Finding(FindingKind.ORPHAN_FILE, volume.name, path, f"the index has not; it begins at {started_at}")


def segment_in(volume: FoundVolume, path: Path) -> Segment:
    """The row of a file, from the file alone, wherever it was moved to.

    Raises:
        SegmentDamaged: nothing of it can be read.
        OSError: the disk does not give it.

    """
    return row_of(volume, path, inspect(path))


def row_of(volume: FoundVolume, path: Path, info: SegmentInfo) -> Segment:
    """The row of a file that was looked into."""
    place = {"volume_id": volume.volume_id, "path": str(path.relative_to(volume.folder))}
    return Segment.model_validate({**asdict(info), **place})
