"""A file that is being written: whole fragments only, and a name of its own once it is complete and on disk."""

import contextlib
import hashlib
import os
from pathlib import Path

from ingest.recording.segment import PART_SUFFIX, SegmentHeader


class SegmentFile:
    """Appends pieces to `<path>.part` and gives it its name at the end. One thread uses it.

    Raises:
        OSError: from every method; what was written before stays on disk for the sweep to mend.

    """

    def __init__(self, volume: Path, header: SegmentHeader, beginning: bytes) -> None:
        self._path = volume / header.path
        self.part = self._path.with_name(self._path.name + PART_SUFFIX)
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.unsynced_bytes = 0
        make_folders(volume, self._path.parent)
        self._file = os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self.append(beginning)

    def append(self, piece: bytes) -> None:
        """Writes a whole piece with one call, or none of it."""
        written = os.write(self._file, piece)
        if written < len(piece):
            # A disk that ran full in the middle: the file stays whole fragments.
            os.ftruncate(self._file, self.size_bytes)
            raise OSError(28, "No space left on device", str(self.part))  # ENOSPC
        self._hash.update(piece)
        self.size_bytes += written
        self.unsynced_bytes += written

    def sync(self) -> None:
        """Everything written is on disk when this returns."""
        os.fdatasync(self._file)
        self.unsynced_bytes = 0

    def finish(self) -> str:
        """The file is complete: on disk, and under its own name. Returns the SHA-256 of its bytes in hex."""
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1
        self.part.rename(self._path)
        sync_folder(self._path.parent)
        return self._hash.hexdigest()

    def abandon(self) -> None:
        """Lets go of the file as it is.

        After a flush that failed the kernel takes its copy for written. It is dropped, so that whoever reads the file
        next gets what the disk has.
        """
        if self._file >= 0:
            with contextlib.suppress(OSError):  # the disk is gone already; that is why
                os.posix_fadvise(self._file, 0, 0, os.POSIX_FADV_DONTNEED)
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = -1


def sync_folder(folder: Path) -> None:
    """Names that came or went are on disk when this returns."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folders(volume: Path, folder: Path) -> None:
    """Makes the folders from the volume, which must exist, down to `folder`; they are on disk when this returns."""
    missing = [folder]
    while not missing[-1].is_dir() and missing[-1] != volume:
        missing.append(missing[-1].parent)
    for path in reversed(missing[:-1]):
        path.mkdir(mode=0o750, exist_ok=True)
        sync_folder(path.parent)
