"""Many cameras that come back together, and one that takes its reader down."""

from collections.abc import Callable, Iterator
from threading import Lock
from time import sleep

import pytest

from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile
from ingest.clock import SystemClock
from ingest.errors import HostRefused, IngestError
from ingest.fleet import CameraFleet
from ingest.lifecycle import StreamState
from ingest.settings import IngestSettings
from tests.fakes.source import FakeOpener, FakeSource
from tests.faults.conftest import camera_at, eventually

SETTINGS = IngestSettings(
    start_spread_s=0,
    backoff_min_s=0.1,
    backoff_max_s=0.2,
    opening_limit=4,
    opening_hold_s=5.0,
    crash_limit=3,
    quarantine_s=1.5,
)

Make = Callable[..., CameraFleet]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes fleets over a fake source and closes them after the test."""
    fleets: list[CameraFleet] = []

    def fleet(answer: Callable[..., FakeSource], count: int) -> CameraFleet:
        opener = FakeOpener(answer)
        fleets.append(CameraFleet(opener, AV_CODECS, SETTINGS, SystemClock(), lambda _: None, lambda _: None))
        fleets[-1].apply([camera_at(f"cam-{number}", f"rtsp://10.0.0.{number}/") for number in range(count)])
        return fleets[-1]

    yield fleet
    for made in fleets:
        made.close()


class Switch:
    """A network switch with cameras behind it; notes how many are dialled at the same time once it is on."""

    def __init__(self) -> None:
        self.is_on = False
        self.most_at_once = 0
        self._open = 0
        self._lock = Lock()

    def answer(self, _camera: Camera, _profile: StreamProfile, _epoch: int) -> FakeSource:
        if not self.is_on:
            raise HostRefused("The switch is off.")
        with self._lock:
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
        sleep(0.02)
        with self._lock:
            self._open -= 1
        return FakeSource()


def live(fleet: CameraFleet) -> int:
    """How many cameras are live."""
    return sum(health.state is StreamState.LIVE for health in fleet.health())


def test_two_hundred_cameras_come_back_a_few_at_a_time(make: Make) -> None:
    """However many wait, no more handshakes than allowed go on at once; all of them come back."""
    switch = Switch()
    fleet = make(switch.answer, 200)
    eventually(lambda: all(health.streams[0].fault for health in fleet.health()))
    switch.is_on = True
    eventually(lambda: live(fleet) == 200)
    assert 1 <= switch.most_at_once <= SETTINGS.opening_limit


def test_a_camera_that_breaks_its_reader_is_quarantined_alone(make: Make) -> None:
    """It is REFUSED with a fault and a time of its own while the others stay live; then it is tried again."""
    crashes: list[int] = []

    def answer(camera: Camera, _profile: StreamProfile, epoch: int) -> FakeSource:
        if camera.id == CameraId("cam-1") and epoch <= 3:
            crashes.append(epoch)
            raise MemoryError
        return FakeSource()

    fleet = make(answer, 4)
    eventually(lambda: fleet.health()[1].state is StreamState.REFUSED)
    stream = fleet.health()[1].streams[0]
    assert stream.fault is not None
    assert stream.retry_at is not None
    assert (stream.fault.code, crashes) == ("quarantined", [1, 2, 3])
    assert [health.state for health in fleet.health() if health.camera_id != "cam-1"] == [StreamState.LIVE] * 3
    eventually(lambda: live(fleet) == 4)


def test_cameras_that_never_answer_do_not_keep_the_others_waiting(make: Make) -> None:
    """A dead camera's opening counts for a moment only."""

    def answer(camera: Camera, _profile: StreamProfile, _epoch: int) -> FakeSource:
        if int(camera.id.removeprefix("cam-")) < 12:
            sleep(1.0)
            raise IngestError("It does not answer.")
        return FakeSource()

    fleet = make(answer, 16)
    eventually(lambda: live(fleet) == 4)
