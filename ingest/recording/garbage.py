"""Deleting files that the index has already forgotten."""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from ingest.recording.segment_file import sync_folder

log = structlog.get_logger()

_OUR_PATH = re.compile(r"[0-9A-Za-z_-]{1,64}/\d{4}-\d{2}-\d{2}/\d{2}/[0-9A-Za-z-]{1,64}\.mp4")


@dataclass(frozen=True, slots=True)
class Garbage:
    """A file to delete. `path` is relative to the volume."""

    recording_id: str
    path: str


def remove(volume: Path, items: Sequence[Garbage]) -> tuple[list[str], int]:
    """Unlinks the files; those that are gone from the disk for good, and the bytes that became free.

    Files that are not there count as gone. Only paths of the form that the recorder makes are ever touched.
    """
    gone: dict[Path, list[str]] = {}
    freed = 0
    for item in items:
        if not _OUR_PATH.fullmatch(item.path):
            log.error("refused to delete a path that is none of the recorder's", path=item.path)
            continue
        path = volume / item.path
        try:
            freed += _unlink(path)
        except OSError as error:
            log.warning("recording could not be deleted", path=item.path, reason=error.strerror)
        else:
            gone.setdefault(path.parent, []).append(item.recording_id)
    return [recording_id for folder, ids in gone.items() if _settled(folder) for recording_id in ids], freed


def _unlink(path: Path) -> int:
    try:
        size = path.lstat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def _settled(folder: Path) -> bool:
    """Whether the folder's names are on disk; an empty folder goes too, and its day with it."""
    try:
        sync_folder(folder)
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()
            folder.parent.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        log.warning("deletion could not be flushed", folder=str(folder), reason=error.strerror)
        return False
    return True
