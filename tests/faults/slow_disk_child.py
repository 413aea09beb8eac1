"""A recorder as a process of its own, whose flushes somebody makes slow: `python -m tests.faults.slow_disk_child`.

Arguments: a clip, a folder, seconds. It records two cameras for so long and prints what it saw as one line of JSON.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.file_source import FileOpener
from ingest.fleet import CameraFleet
from ingest.mask import NO_MASKS
from ingest.recording.camera_recorders import CameraRecorders
from ingest.recording.plan import RecordingMode, RecordingPlan
from ingest.recording.settings import RecorderSettings
from ingest.recording.volume import VolumePlace
from ingest.recording.volume_shelf import VolumeShelf
from ingest.recording.volume_writer import VolumeWriter
from ingest.settings import IngestSettings
from tests.fakes.recording_room import Account

QUEUE_S = 5.0
CAMERAS = ("a", "b")


def record(clip: Path, folder: Path, seconds: float) -> dict[str, object]:
    clock, account, seen = SystemClock(), Account(), []
    opener = FileOpener(clock, realtime=True, loop=True)
    ingest = IngestSettings(start_spread_s=0)
    fleet = CameraFleet(opener, AV_CODECS, ingest, clock, lambda _frame: None, lambda _health: None)
    profile = StreamProfile(StreamRole.MAIN, f"file:{clip}")
    fleet.apply([Camera(CameraId(name), name, (profile,), analysed=False, masks=NO_MASKS) for name in CAMERAS])
    settings = RecorderSettings(node_epoch=1, segment_s=4.0, sync_s=1.0, queue_s=QUEUE_S)
    writer = VolumeWriter(VolumePlace("disk", folder / "volume", None, 0), settings, clock, account)
    recorders = CameraRecorders(fleet, VolumeShelf([writer]), settings, clock, account, folder / "gaps.json")
    fleet.viewable(CameraId("a"), StreamRole.MAIN).subscribe(lambda _packet: seen.append(monotonic()))
    recorders.apply([RecordingPlan(CameraId(name), RecordingMode.CONTINUOUS) for name in CAMERAS], {"disk": None})
    began_at = clock.now()
    recorders.start()
    loads, due = [], monotonic() + seconds
    while monotonic() < due:
        sleep(0.1)
        loads.append(writer._queue._load())
    ended_at = clock.now()
    recorders.apply([], {"disk": None})
    due = monotonic() + 20
    while recorders.states() and monotonic() < due:
        sleep(0.1)  # until it is known what of the last files has reached the disk
    recorders.close()
    fleet.close()
    return {
        "began_s": began_at.timestamp(),
        "ended_s": ended_at.timestamp(),
        "files": [
            [info.camera_id, info.started_at.timestamp(), info.started_at.timestamp() + info.duration_s]
            for info in account.in_order()
        ],
        "gaps": [
            [gap.camera_id, gap.reason, gap.started_at.timestamp(), (gap.ended_at or ended_at).timestamp()]
            for gap in account.gaps.values()
        ],
        "states": [state.state.value for state in account.volumes],
        "longest_load": max(loads),
        "longest_pause_s": max(after - before for before, after in pairwise(seen)),
    }


if __name__ == "__main__":
    sys.stdout.write(f"FOUND {json.dumps(record(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])))}\n")
