"""Real file systems for tests that break them: a small one in memory, and one in a file behind a loop device."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


class SmallDisk:
    """A file system of so many bytes in memory; `folder` is where it is mounted."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=750", "tmpfs", str(folder))

    def close(self) -> None:
        _run("umount", "-l", str(self.folder))


class LoopDisk:
    """An ext4 file system behind a loop device, which turns read-only by itself when it finds something wrong.

    The device lies in memory that can be sealed: then it answers every write with an error.
    """

    def __init__(self, folder: Path, size: int = 16 << 20) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._medium = os.memfd_create("disk", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.ftruncate(self._medium, size)
        self._image = f"/proc/{os.getpid()}/fd/{self._medium}"
        try:
            _run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", self._image)
            self.mount()
        except subprocess.CalledProcessError:
            os.close(self._medium)
            raise

    def mount(self) -> None:
        """As it is found after a reboot: checked first."""
        _try("e2fsck", "-fp", self._image)  # not 0 also when it has mended something
        device = _run("losetup", "--find", "--show", self._image).strip()
        try:
            _run("mount", "-o", "errors=remount-ro", device, str(self.folder))
        finally:
            _run("losetup", "--detach", device)  # as soon as nobody uses it any more

    def unmount(self) -> None:
        """Pulled from under whoever writes to it; the bare mount point stays."""
        _run("umount", "-l", str(self.folder))

    def turn_read_only(self) -> None:
        """What the kernel does on finding the file system inconsistent, with files open for writing."""
        device = _run("findmnt", "-no", "SOURCE", str(self.folder)).strip().rpartition("/")[2]
        (Path("/sys/fs/ext4") / device / "trigger_fs_error").write_text("test")

    def take_no_writes(self) -> None:
        """The device answers every write with an error from here on."""
        fcntl.fcntl(self._medium, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)

    def close(self) -> None:
        _try("umount", "-l", str(self.folder))
        os.close(self._medium)


@cache
def _why_not() -> str | None:
    """Why file systems cannot be mounted here; None: they can."""
    if os.geteuid() != 0:
        return "mounting needs root"
    missing = [name for name in ("mount", "losetup", "mkfs.ext4", "e2fsck", "findmnt") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    with TemporaryDirectory() as folder:
        try:
            disk = LoopDisk(Path(folder) / "disk")
        except subprocess.CalledProcessError as error:
            return f"no loop device can be mounted: {error.stderr.strip()}"
        disk.close()
    return None


@contextmanager
def disks() -> Iterator[list[SmallDisk | LoopDisk]]:
    """Those that are put into the list are unmounted at the end. Skips the test where nothing can be mounted."""
    if (reason := _why_not()) is not None:
        pytest.skip(reason)
    mounted: list[SmallDisk | LoopDisk] = []
    try:
        yield mounted
    finally:
        for disk in mounted:
            disk.close()


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _try(*command: str) -> None:
    subprocess.run(command, capture_output=True, check=False)
