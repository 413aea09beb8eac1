"""A folder that recordings are kept in: whose it is, how full it is, whether it takes bytes."""

import errno
import json
import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from ingest.identifier import new_identifier
from ingest.recording.gap import GapReason
from ingest.recording.segment import FORMAT
from ingest.recording.segment_file import sync_folder

IDENTITY_FILE = "volume.json"
_MADE_BY_FILE_SYSTEMS = {"lost+found"}
_LONGEST_IDENTITY = 4096
_LEAST_MARGIN = 64 << 20
_QUOTA_MARGIN = 50  # a fiftieth
_FREED_SHARE, _FULL_SHARE = 0.75, 0.5
_LEAST_ROOM, _ROOM_SHARE = 64 << 20, 8  # an eighth of a disk that is smaller than anybody records to


class VolumeCondition(StrEnum):
    """FOREIGN: another volume lies there. SLOW: it takes bytes, but late."""

    OK = "ok"
    MISSING = "missing"
    FOREIGN = "foreign"
    READ_ONLY = "read-only"
    FULL = "full"
    SLOW = "slow"
    FAILED = "failed"


USABLE = frozenset({VolumeCondition.OK, VolumeCondition.SLOW})
GAP_REASONS = {
    VolumeCondition.OK: GapReason.TOO_SLOW,
    VolumeCondition.SLOW: GapReason.TOO_SLOW,
    VolumeCondition.MISSING: GapReason.VOLUME_MISSING,
    VolumeCondition.FOREIGN: GapReason.VOLUME_MISSING,
    VolumeCondition.READ_ONLY: GapReason.DISK_ERROR,
    VolumeCondition.FAILED: GapReason.DISK_ERROR,
    VolumeCondition.FULL: GapReason.DISK_FULL,
}
"""Why nothing is recorded when no volume is better than this."""


@dataclass(frozen=True, slots=True)
class VolumePlace:
    """A volume as the site file names it. `reserve_bytes` of its file system stay free."""

    name: str
    path: Path
    quota_bytes: int | None
    reserve_bytes: int


@dataclass(frozen=True, slots=True)
class VolumeState:
    """One volume at one moment. `used_bytes` is what recordings take, None until they are counted."""

    volume_id: str | None
    name: str
    state: VolumeCondition
    free_bytes: int | None
    total_bytes: int | None
    used_bytes: int | None
    at: datetime


class VolumeRefused(Exception):
    """The volume is not the one that is meant to be there."""

    def __init__(self, condition: VolumeCondition, reason: str) -> None:
        super().__init__(reason)
        self.condition = condition


def condition_of(error: OSError) -> VolumeCondition:
    """What an error of the operating system says about the disk."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return VolumeCondition.FULL
    if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return VolumeCondition.READ_ONLY
    if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENOTCONN, errno.ESTALE}:
        return VolumeCondition.MISSING
    return VolumeCondition.FAILED


def claim(place: VolumePlace, expected_id: str | None, now: datetime) -> str:
    """The identity of the volume at that place; with `expected_id` None an empty folder is given one.

    A folder without identity file is taken for a bare mount point, unless it is empty and the volume is new.

    Raises:
        VolumeRefused: missing, or another one.
        OSError: the disk does not answer.

    """
    if expected_id is None:
        place.path.mkdir(mode=0o750, parents=True, exist_ok=True)
    found = _identity(place.path)
    if found is None:
        if expected_id is not None:
            raise VolumeRefused(VolumeCondition.MISSING, "the identity file is not there: nothing may be mounted")
        if {path.name for path in place.path.iterdir()} - _MADE_BY_FILE_SYSTEMS:
            raise VolumeRefused(VolumeCondition.FOREIGN, "the folder of a new volume is not empty")
        return _give_identity(place.path, now)
    if expected_id not in {None, found}:
        raise VolumeRefused(VolumeCondition.FOREIGN, "another volume lies there")
    return found


@dataclass(frozen=True, slots=True)
class Room:
    """How full a volume is: bytes of its file system, and what recordings take of it."""

    free_bytes: int
    total_bytes: int
    used_bytes: int | None


def fill_condition(place: VolumePlace, room: Room, *, was_full: bool) -> VolumeCondition:
    """OK or FULL. Between the reserve and its half the oldest is to be deleted, and recording goes on meanwhile.

    A volume without reserve that ran full is written to again when there is room for a file or so: for the few bytes
    that an unfinished fragment has left, it would be full again at once.
    """
    used_bytes = room.used_bytes
    least = place.reserve_bytes * _FULL_SHARE
    if was_full:
        least = max(place.reserve_bytes * _FREED_SHARE, min(_LEAST_ROOM, room.total_bytes // _ROOM_SHARE))
    if room.free_bytes < least or room.free_bytes == 0:
        return VolumeCondition.FULL
    if place.quota_bytes is not None and used_bytes is not None:
        margin = 0 if was_full else max(_LEAST_MARGIN, place.quota_bytes // _QUOTA_MARGIN)
        if used_bytes > place.quota_bytes + margin:
            return VolumeCondition.FULL
    return VolumeCondition.OK


def _identity(folder: Path) -> str | None:
    """What the identity file says, None where there is none.

    Raises:
        VolumeRefused: the folder is not there, or the file is not ours.

    """
    if not folder.is_dir():
        raise VolumeRefused(VolumeCondition.MISSING, "the folder is not there")
    try:
        with (folder / IDENTITY_FILE).open("rb") as file:
            document = json.loads(file.read(_LONGEST_IDENTITY))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") != FORMAT or not isinstance(document.get("id"), str):
        raise VolumeRefused(VolumeCondition.FOREIGN, "the identity file cannot be read")
    return str(document["id"])


def _give_identity(folder: Path, now: datetime) -> str:
    identity = new_identifier()
    document = {"id": identity, "format": FORMAT, "created_at": now.isoformat()}
    temporary = folder / f".{IDENTITY_FILE}"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / IDENTITY_FILE)
    sync_folder(folder)
    return identity
