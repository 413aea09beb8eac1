"""Faults of a camera that sends by datagrams, where nothing tells that the other end is gone."""

from time import monotonic, sleep

from ingest.camera import Transport
from ingest.drops import DropCause
from ingest.lifecycle import StreamState
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.faults.conftest import Watch, eventually

AT_S, END_S = 2.0, 6.5


def test_lost_datagrams_are_counted_and_a_dead_camera_is_noticed(clip: Clip) -> None:
    """Losses cost pictures, not the connection; silence is SILENT, then WAITING; what comes back is played."""
    faults = {
        "lossy": Fault(AT_S, FaultKind.LOSS, END_S - AT_S, 0.1, seed=2),
        "deaf": Fault(AT_S, FaultKind.BLACK_HOLE, END_S - AT_S),
        "gone": Fault(AT_S, FaultKind.DROP, END_S - AT_S),
    }
    cameras = [VirtualCamera(name, clip, faults=ScheduledFaults([fault])) for name, fault in faults.items()]
    with VirtualCameraThread(cameras) as server:
        addresses = {name: server.url(name) for name in faults}
        with Watch(addresses, transport=Transport.UDP) as watch:
            while monotonic() - server.started_s < END_S:
                sleep(0.1)
            eventually(lambda: watch.is_live(faults))
            assert watch.health("lossy").drops[DropCause.LOST] > 0
            assert {StreamState.SILENT, StreamState.WAITING} <= set(watch.diaries["deaf"].states())
            assert watch.diaries["deaf"].codes() == {"source-timeout"}
            assert StreamState.WAITING in watch.diaries["gone"].states()
