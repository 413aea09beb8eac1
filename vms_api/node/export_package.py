"""Writes the moving pictures of an export into a ZIP file: stored, not packed, hashed while they are written."""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest.recording.errors import SegmentDamaged
from ingest.recording.fmp4_writer import VIDEO_TIMESCALE
from ingest.recording.movie import Movie
from ingest.recording.segment_reader import SegmentReader
from vms_api.node.export_messages import (
    CameraExportMessage,
    ExportMessage,
    FileMessage,
    PartMessage,
    SourceMessage,
    UnreadableMessage,
)
from vms_api.node.recorded_files import FileMissing, FilePlace, RecordedFiles

MAX_RUN = 60
"""Files in one part: about an hour. Longer ones are split where a file ends, and nothing is lost between them."""
_SLACK_S = 0.1


class Cancelled(Exception):
    """Nobody wants the export any more."""


@dataclass(slots=True)
class _Source:
    """A file that is open, with what is wrong with it."""

    file: FileMessage
    reader: SegmentReader
    damage: str | None

    @property
    def epoch(self) -> tuple[str, int, int]:
        header = self.reader.header
        return header.role, header.node_epoch, header.epoch

    def starts_s(self) -> float:
        return next(one.decode_time for one in self.reader.fragments if one.track == "video") / VIDEO_TIMESCALE

    def ends_s(self) -> float:
        return self.starts_s() + self.reader.duration_s

    def message(self) -> SourceMessage:
        header = self.reader.header
        return SourceMessage(
            recording_id=header.recording_id,
            sha256=self.file.sha256,
            epoch=header.epoch,
            mask_version=header.mask_version,
            clock_offset_s=header.clock_offset_s,
            damaged=self.damage,
        )


@dataclass(slots=True)
class PackageWriter:
    """Fills one package. `on_written` hears of every piece with its length; it raises Cancelled to stop."""

    files: RecordedFiles
    plan: ExportMessage
    on_written: Callable[[int], None]
    parts: list[PartMessage] = field(default_factory=list)
    unreadable: list[UnreadableMessage] = field(default_factory=list)

    def write(self, target: Path) -> None:
        """All parts of all cameras, on disk when this returns.

        Raises:
            Cancelled: as `on_written` said.
            OSError: the disk does not take it.

        """
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as package:
            for camera in self.plan.cameras:
                self._write_camera(package, camera)
        _flush(target)

    def _write_camera(self, package: zipfile.ZipFile, camera: CameraExportMessage) -> None:
        after = (0, self.plan.start)
        run: list[_Source] = []
        try:
            for source in self._sources(camera):
                if not run or _runs_on(run, source):
                    run.append(source)
                    continue
                whole, run = run, [source]
                with _closing(whole):
                    after = self._write_run(package, camera, whole, after)
            if run:
                self._write_run(package, camera, run, after)
        finally:
            for source in run:
                source.reader.close()

    def _sources(self, camera: CameraExportMessage) -> Iterator[_Source]:
        for file in camera.files:
            try:
                yield self._source(file)
            except (FileMissing, SegmentDamaged, OSError) as error:
                lost = {"camera_id": camera.camera_id, "recording_id": file.recording_id}
                self.unreadable.append(UnreadableMessage(**lost, damage=str(error)))

    def _source(self, file: FileMessage) -> _Source:
        path = self.files.find(FilePlace(file.volume_id, file.path))
        reader = SegmentReader(path)
        try:
            if not any(one.track == "video" for one in reader.fragments):
                _refuse(reader.damage)
            return _Source(file, reader, reader.damage or _changed(path, file.sha256))
        except (SegmentDamaged, OSError):
            reader.close()
            raise

    def _write_run(
        self,
        package: zipfile.ZipFile,
        camera: CameraExportMessage,
        run: Sequence[_Source],
        after: tuple[int, datetime],
    ) -> tuple[int, datetime]:
        """One part, if the run has any picture of the range that no part before has shown."""
        number, shown_to = after
        movie = Movie([source.reader for source in run], max(self.plan.start, shown_to), self.plan.end)
        if not movie.frame_count:
            return after
        name = f"{camera.label}-{number + 1:03}.mp4"
        entry = zipfile.ZipInfo(name, movie.shown_from.timetuple()[:6])
        entry.external_attr = 0o644 << 16
        entry.file_size = movie.size_bytes
        digest = hashlib.sha256()
        with package.open(entry, "w", force_zip64=movie.size_bytes > zipfile.ZIP64_LIMIT) as part:
            for piece in movie.pieces():
                part.write(piece)
                digest.update(piece)
                self.on_written(len(piece))
        header = run[0].reader.header
        written = PartMessage(
            name=name,
            sha256=digest.hexdigest(),
            size_bytes=movie.size_bytes,
            camera_id=camera.camera_id,
            shown_from=movie.shown_from,
            shown_to=movie.shown_to,
            frame_count=movie.frame_count,
            codec=header.codec,
            audio_codec=header.audio_codec if movie.has_sound else None,
            sources=tuple(source.message() for source in run),
        )
        self.parts.append(written)
        return number + 1, movie.shown_to


def add_papers(target: Path, papers: Mapping[str, bytes]) -> None:
    """Adds small files to a package; on disk when this returns.

    Raises:
        OSError: the disk does not take it.

    """
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as package:
        for name, content in papers.items():
            package.writestr(name, content)
    _flush(target)


@contextmanager
def _closing(run: Sequence[_Source]) -> Iterator[None]:
    """Lets go of the files at the end of the block."""
    try:
        yield
    finally:
        for source in run:
            source.reader.close()


def _changed(path: Path, sha256: str) -> str | None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return None if digest == sha256 else "its bytes are not those that were recorded (SHA-256)"


def _refuse(damage: str | None) -> None:
    raise SegmentDamaged(damage or "no pictures")


def _runs_on(run: Sequence[_Source], source: _Source) -> bool:
    before = run[-1]
    if len(run) >= MAX_RUN or before.epoch != source.epoch or before.reader.init != source.reader.init:
        return False
    return abs(source.starts_s() - before.ends_s()) <= _SLACK_S


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
