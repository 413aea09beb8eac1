"""A camera that takes the whole process down is found out, and in the end left alone."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.crash_journal import CrashJournal
from ingest.fleet import CameraFleet
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS
from ingest.settings import IngestSettings
from tests.fakes.clock import ManualClock
from tests.fakes.decoder import FAKE_CODECS
from tests.fakes.source import FakeOpener, FakeSource

PROCESS = """
import ctypes, sys, threading
from pathlib import Path
from ingest.clock import SystemClock
from ingest.crash_journal import CrashJournal

journal = CrashJournal(Path(sys.argv[1]), SystemClock())
journal.watch()
ready = threading.Barrier(3)

def run(camera_id, breaks):
    journal.note_thread(camera_id)
    ready.wait()
    if breaks:
        ctypes.string_at(0)
    threading.Event().wait()

for camera_id in ("good", "bad"):
    threading.Thread(target=run, args=(camera_id, camera_id == sys.argv[2]), daemon=True).start()
ready.wait()
threading.Event().wait(5 if sys.argv[2] == "bad" else 0)
journal.close()
"""


def run(folder: Path, breaks: str = "bad") -> int:
    """A process with a thread for each of two cameras, one of which may break it; its exit status."""
    return subprocess.run([sys.executable, "-c", PROCESS, str(folder), breaks], check=False, timeout=20).returncode


def fleet_of(folder: Path) -> CameraFleet:
    """The two cameras, well behaved now, in a process that knows of the past."""
    journal = CrashJournal(folder, SystemClock())
    opener = FakeOpener(lambda *_: FakeSource())
    settings = IngestSettings(start_spread_s=0)
    fleet = CameraFleet(opener, FAKE_CODECS, settings, SystemClock(), lambda _: None, lambda _: None, journal)
    cameras = [
        Camera(CameraId(name), name, (StreamProfile(StreamRole.MAIN, f"rtsp://10.0.0.1/{name}"),), masks=NO_MASKS)
        for name in ("good", "bad")
    ]
    fleet.apply(cameras)
    return fleet


def states_of(fleet: CameraFleet) -> dict[str, StreamState]:
    """Each camera's state, once it has one that lasts."""
    due_s = monotonic() + 5
    while monotonic() < due_s:
        states = {health.camera_id: health.state for health in fleet.health()}
        if set(states.values()) <= {StreamState.LIVE, StreamState.REFUSED}:
            return states
        sleep(0.02)
    return states


@pytest.mark.parametrize(("crashes", "state"), [(1, StreamState.LIVE), (3, StreamState.REFUSED)])
def test_the_camera_that_kills_its_process_is_quarantined(tmp_path: Path, crashes: int, state: StreamState) -> None:
    """After the third death only that camera is left alone, and says why; the other one is dialled as ever."""
    for _ in range(crashes):
        assert run(tmp_path) < 0
    fleet = fleet_of(tmp_path)
    states = states_of(fleet)
    codes = {
        health.camera_id: stream.fault and stream.fault.code for health in fleet.health() for stream in health.streams
    }
    fleet.close()
    assert states == {"good": StreamState.LIVE, "bad": state}
    assert codes == {"good": None, "bad": "quarantined" if state is StreamState.REFUSED else None}


def test_a_process_that_ends_in_order_blames_nobody(tmp_path: Path) -> None:
    """Nor is anything left of its last words."""
    assert run(tmp_path, breaks="none") == 0
    journal = CrashJournal(tmp_path, SystemClock())
    assert (list(journal.ages_s(CameraId("bad"))), list(journal.ages_s(CameraId("good")))) == ([], [])
    assert not (tmp_path / "crash.txt").exists()


def test_old_crashes_are_forgotten(tmp_path: Path) -> None:
    """A day later the record is clean; a record that cannot be read is no reason not to start."""
    clock = ManualClock()
    (tmp_path / "camera-crashes.json").write_text(f'{{"bad": ["{clock.now().isoformat()}"]}}', encoding="utf-8")
    clock.advance(60)
    assert list(CrashJournal(tmp_path, clock).ages_s(CameraId("bad"))) == [60.0]
    clock.advance(timedelta(days=1).total_seconds())
    assert list(CrashJournal(tmp_path, clock).ages_s(CameraId("bad"))) == []
    (tmp_path / "camera-crashes.json").write_text("[1, 2", encoding="utf-8")
    assert list(CrashJournal(tmp_path, clock).ages_s(CameraId("bad"))) == []
