"""The folder that holds all data of a site: made private, and worked on by one control process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vms_api.errors import DataFolderInUse, DataFolderUnwritable


@contextmanager
def data_folder(path: Path) -> Iterator[Path]:
    """Makes the folder (mode 0700) and holds its lock, so that the database has one writing process.

    The lock is the kernel's (flock): it ends with the process, however that ends.

    Raises:
        DataFolderUnwritable: it cannot be made or written.
        DataFolderInUse: another process holds it.

    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path / "control.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataFolderUnwritable(path, error.strerror or str(error)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise DataFolderInUse(path) from None
    try:
        yield path
    finally:
        os.close(lock)
