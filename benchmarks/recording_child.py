"""A recorder as a process of its own, for those who kill it: clips played as cameras, recorded until the end comes.

    python -m benchmarks.recording_child CLIP FOLDER CAMERAS [SECONDS]

Files go to FOLDER/volume, the rows of the index to FOLDER/outbox.sqlite3, as on a node. With SECONDS it ends by itself
and prints the processor time that recording took.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.file_source import FileOpener
from ingest.fleet import CameraFleet
from ingest.mask import NO_MASKS
from ingest.recording.camera_recorders import CameraRecorders
from ingest.recording.gap import Gap
from ingest.recording.plan import RecordingMode, RecordingPlan
from ingest.recording.segment import SegmentInfo
from ingest.recording.settings import RecorderSettings
from ingest.recording.volume import VolumePlace, VolumeState
from ingest.recording.volume_shelf import VolumeShelf
from ingest.recording.volume_writer import VolumeWriter
from ingest.settings import IngestSettings
from vms_api.node.recording_report import segment_payload
from vms_api.node.store import OutboxStore

VOLUME, OUTBOX = "volume", "outbox.sqlite3"
SEGMENT_S = 4.0
"""Short files, so that many kills hit their ends."""


class Rows:
    """Keeps the rows that a node would send."""

    def __init__(self, store: OutboxStore) -> None:
        self._store = store

    def on_segment(self, info: SegmentInfo) -> None:
        """A file is whole."""
        self._store.put(info.recording_id, "segment", segment_payload(info))

    def on_gap(self, gap: Gap) -> None:
        """Of no interest here."""

    def on_garbage(self, recording_ids: Sequence[str]) -> None:
        """Of no interest here."""

    def on_volume(self, state: VolumeState) -> None:
        """Of no interest here."""


def record(clip: Path, folder: Path, camera_count: int, seconds: float | None) -> None:
    """Records until it is killed, or for so long."""
    clock, rows = SystemClock(), Rows(OutboxStore(folder / OUTBOX))
    fleet = CameraFleet(
        FileOpener(clock, realtime=True, loop=True),
        AV_CODECS,
        IngestSettings(start_spread_s=0),
        clock,
        lambda _frame: None,
        lambda _health: None,
    )
    settings = RecorderSettings(node_epoch=1, segment_s=60.0 if seconds else SEGMENT_S)
    writer = VolumeWriter(VolumePlace("volume", folder / VOLUME, None, 0), settings, clock, rows)
    recorders = CameraRecorders(fleet, VolumeShelf([writer]), settings, clock, rows, folder / "gaps.json")
    profile = StreamProfile(StreamRole.MAIN, f"file:{clip}")
    cameras = [
        Camera(CameraId(f"camera-{n}"), str(n), (profile,), analysed=False, masks=NO_MASKS) for n in range(camera_count)
    ]
    fleet.apply(cameras)
    recorders.start()
    if seconds is not None:
        time.sleep(3.0)
        before_s = time.process_time()
        time.sleep(seconds / 2)
        idle_s = time.process_time() - before_s
    recorders.apply([RecordingPlan(camera.id, RecordingMode.CONTINUOUS) for camera in cameras], {"volume": None})
    sys.stdout.write("recording\n")  # at once: lines of the log come from other threads
    sys.stdout.flush()
    if seconds is None:
        sys.stdin.read()
        return
    time.sleep(3.0)
    before_s = time.process_time()
    time.sleep(seconds / 2)
    print(f"cores {(time.process_time() - before_s - idle_s) / (seconds / 2) / camera_count}", flush=True)
    recorders.close()
    fleet.close()


if __name__ == "__main__":
    record(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]) if len(sys.argv) > 4 else None)  # noqa: PLR2004
