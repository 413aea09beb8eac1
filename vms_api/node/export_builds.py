"""Exports on this node: built in a thread, kept in a folder until they are fetched or nobody wants them any more."""

import os
import re
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path

import structlog

from vms_api.node.export_messages import BuildMessage, ExportMessage
from vms_api.node.export_package import Cancelled, PackageWriter, add_papers
from vms_api.node.recorded_files import FileMissing, FilePlace, RecordedFiles

log = structlog.get_logger()

RESERVE_BYTES = 1 << 30
"""What an export leaves free on the disk: recording and the database go before it."""
_ID = re.compile(r"[0-9a-f-]{1,64}")
_MARGIN = 1.02
"""Tables and papers beside the samples."""

NO_SPACE, DISK_ERROR, NOTHING = "export-no-space", "export-disk-error", "nothing-recorded"


class ExportUnknown(Exception):
    """The node has no such export, or not any more."""


class ExportUnfinished(Exception):
    """It is not where this could be done."""


class _Build:
    """One export that is being built."""

    def __init__(self, files: RecordedFiles, plan: ExportMessage, total_bytes: int) -> None:
        self.writer = PackageWriter(files, plan, self.wrote)
        self.total_bytes = total_bytes
        self.written_bytes = 0
        self.is_cancelled = False
        self.is_done = False
        self.failure: str | None = None

    def wrote(self, count: int) -> None:
        """So many bytes more."""
        if self.is_cancelled:
            raise Cancelled
        self.written_bytes += count


class ExportBuilds:
    """One thread builds at a time. What a node that died had begun is begun anew."""

    def __init__(self, folder: Path, files: RecordedFiles) -> None:
        self._folder = folder
        self._files = files
        self._builds: dict[str, _Build] = {}
        self._turn = threading.Lock()

    def start(self, export_id: str, plan: ExportMessage) -> None:
        """Begins to build, unless it has begun. Blocks shortly, for the sizes of the files.

        Raises:
            ExportUnknown: no id of ours.

        """
        target = self._path(export_id)
        if export_id in self._builds and not self._builds[export_id].failure:
            return
        self._builds[export_id] = build = _Build(self._files, plan, self._size(plan))
        thread = threading.Thread(target=self._run, args=(build, target), name=f"export-{export_id}", daemon=True)
        thread.start()

    def state(self, export_id: str) -> BuildMessage:
        """How far it has come.

        Raises:
            ExportUnknown: never begun here, or the node was started anew meanwhile.

        """
        build, target = self._builds.get(export_id), self._path(export_id)
        if build is None:
            if not target.is_file():
                raise ExportUnknown("no such export")
            return BuildMessage(state="ready", progress=1.0, size_bytes=target.stat().st_size)
        if build.failure:
            return BuildMessage(state="failed", progress=0.0, failure=build.failure)
        if not build.is_done:
            share = build.written_bytes / build.total_bytes if build.total_bytes else 0.0
            return BuildMessage(state="building", progress=round(min(share, 0.99), 3))
        parts, unreadable = tuple(build.writer.parts), tuple(build.writer.unreadable)
        return BuildMessage(state="built", progress=0.99, parts=parts, unreadable=unreadable)

    def finish(self, export_id: str, papers: Mapping[str, bytes]) -> int:
        """Adds the papers and gives the package its name; returns its size.

        Raises:
            ExportUnknown: never begun here.
            ExportUnfinished: its parts are not all built.
            OSError: the disk does not take it.

        """
        target = self._path(export_id)
        build = self._builds.get(export_id)
        if build is None:
            raise ExportUnknown("no such export")
        if not build.is_done or build.failure:
            raise ExportUnfinished("the parts are not built")
        part = _unfinished(target)
        add_papers(part, papers)
        part.rename(target)
        _sync_folder(self._folder)
        del self._builds[export_id]
        return target.stat().st_size

    def package(self, export_id: str) -> Path:
        """The finished package.

        Raises:
            ExportUnknown: there is none.

        """
        path = self._path(export_id)
        if not path.is_file():
            raise ExportUnknown("no such package")
        return path

    def drop(self, export_id: str) -> None:
        """Nobody wants it any more; harmless when there is none."""
        target = self._path(export_id)
        if (build := self._builds.pop(export_id, None)) is not None:
            build.is_cancelled = True
        for path in (target, _unfinished(target)):
            path.unlink(missing_ok=True)

    def _path(self, export_id: str) -> Path:
        if not _ID.fullmatch(export_id):
            raise ExportUnknown("no such export")
        return self._folder / f"{export_id}.zip"

    def _size(self, plan: ExportMessage) -> int:
        total = 0
        for camera in plan.cameras:
            for file in camera.files:
                try:
                    total += self._files.find(FilePlace(file.volume_id, file.path)).stat().st_size
                except (FileMissing, OSError):
                    continue  # the writer says so
        return total

    def _run(self, build: _Build, target: Path) -> None:
        part = _unfinished(target)
        with self._turn:
            try:
                self._write(build, part)
            except Cancelled:
                part.unlink(missing_ok=True)
            except OSError:
                log.exception("export.failed", export=target.stem, reason="the disk")
                build.failure = DISK_ERROR
            except Exception:  # the thread's boundary: the export fails, and says so, and the node goes on
                log.exception("export.failed", export=target.stem, reason="a mistake of ours")
                build.failure = "internal-error"
        if build.failure:
            part.unlink(missing_ok=True)

    def _write(self, build: _Build, part: Path) -> None:
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < build.total_bytes * _MARGIN + RESERVE_BYTES:
            build.failure = NO_SPACE
            return
        build.wrote(0)  # cancelled while it waited for its turn
        build.writer.write(part)
        build.failure = None if build.writer.parts else NOTHING
        build.is_done = True


def _unfinished(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
