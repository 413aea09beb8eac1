"""Recorded files as frames for analysis: decoded as fast as they are read, under the masks of today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole, Transport
from ingest.clock import SystemClock
from ingest.errors import SourceEnded
from ingest.file_source import FileOpener
from ingest.frame import Frame
from ingest.mask import CurrentMasks, MaskSet
from ingest.sampler import DueSampler

SEAM_S = 1.0
"""Files farther apart are of different epochs."""


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file and the time of its first picture by our clock."""

    path: Path
    started_at: datetime
    duration_s: float


class RecordedFrames:
    """Frames of a camera's files, `fps` of them a second. Times are those of the recording, seconds from `start`."""

    def __init__(self, camera_id: CameraId, masks: MaskSet, start: datetime, fps: float) -> None:
        self._camera_id = camera_id
        self._masks = masks
        self._start = start
        self._sampler = DueSampler(fps)
        self._epoch = 0
        self._ended_at: datetime | None = None

    def of(self, file: RecordedFile) -> Iterator[Frame]:
        """The due frames of the next file, in order.

        Raises:
            IngestError: the file is not there or damaged; what was read before counts.

        """
        if self._ended_at is None or file.started_at - self._ended_at > timedelta(seconds=SEAM_S):
            self._epoch += 1
        self._ended_at = file.started_at + timedelta(seconds=file.duration_s)
        first_s: float | None = None
        for frame in self._decoded(file.path):
            first_s = frame.media_time_s if first_s is None else first_s
            at = file.started_at + timedelta(seconds=frame.media_time_s - first_s)
            now_s = (at - self._start).total_seconds()
            if self._sampler.is_due(now_s):
                yield replace(frame, epoch=self._epoch, media_time_s=now_s, received_at=at, received_monotonic_s=now_s)

    def _decoded(self, path: Path) -> Iterator[Frame]:
        profile = StreamProfile(StreamRole.MAIN, f"file:{quote(str(path))}", Transport.TCP)
        camera = Camera(self._camera_id, self._camera_id, (profile,), None, masks=self._masks)
        source = FileOpener(SystemClock(), realtime=False).open(camera, profile, self._epoch)
        decoder = AvDecoder(CurrentMasks(self._masks))
        try:
            for packet in source.packets():
                if packet is not None:
                    yield from decoder.decode(packet)
        except SourceEnded:
            return
        finally:
            decoder.close()
            source.close()


def merged(files: Sequence[RecordedFile]) -> Sequence[RecordedFile]:
    """The files without those that lie wholly inside what came before: a second volume may hold the same time."""
    kept: list[RecordedFile] = []
    for file in files:
        ends_at = file.started_at + timedelta(seconds=file.duration_s)
        if not kept or ends_at > kept[-1].started_at + timedelta(seconds=kept[-1].duration_s):
            kept.append(file)
    return kept
