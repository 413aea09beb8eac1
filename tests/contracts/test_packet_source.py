"""What every source of packets promises, whatever its protocol."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest

from ingest.annexb import nal_units
from ingest.audio import AudioPacket
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole, Transport
from ingest.clock import SystemClock
from ingest.errors import IngestError, SourceEnded
from ingest.file_source import FileOpener
from ingest.packet import Codec, Packet
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.source import PacketSource, SourceOpener
from tests.conftest import MakeClip
from tests.fakes.rtsp_camera import RtspCamera, Shot
from tests.fakes.rtsp_server import RtspServerThread
from tests.fakes.source import FakeOpener, FakeSource, PacketSequence

SIZE, FPS, COUNT = (320, 240), 25, 50
SETTINGS = IngestSettings(allow_loopback=True, read_timeout_s=2)


@dataclass(frozen=True)
class Place:
    """An opener and an address it can open: 50 pictures of 320 x 240, then the end."""

    opener: SourceOpener
    address: str
    transport: Transport = Transport.TCP

    def open(self, epoch: int = 7) -> PacketSource:
        """Opens the stream."""
        profile = StreamProfile(StreamRole.SUB, self.address, self.transport)
        return self.opener.open(Camera(CameraId("cam"), "Gate", (profile,)), profile, epoch)


@contextmanager
def a_file(clip: Path) -> Iterator[Place]:
    """A clip played as fast as it is read."""
    yield Place(FileOpener(SystemClock(), realtime=False), f"file:{clip}")


@contextmanager
def a_server(clip: Path) -> Iterator[Place]:
    """A clip served by somebody else's RTSP server."""
    with RtspServerThread(clip.parent) as server:
        yield Place(RtspOpener(SETTINGS, SystemClock()), f"{server.address}/{clip.name}")


@contextmanager
def a_camera_on_udp(clip: Path) -> Iterator[Place]:
    """A clip sent by datagrams."""
    packets = (packet for packet in a_clip(clip) if isinstance(packet, Packet))
    shots = [Shot(packet.data, round(packet.dts * packet.time_base * 90_000), wait_s=0.03) for packet in packets]
    with RtspCamera(shots) as camera:
        yield Place(RtspOpener(SETTINGS, SystemClock()), camera.address, Transport.UDP)


@contextmanager
def a_fake(_: Path) -> Iterator[Place]:
    """What the other tests stand on."""

    def answer(_camera: Camera, profile: StreamProfile, epoch: int) -> FakeSource:
        sequence = PacketSequence(COUNT, gop=FPS, epoch=epoch)
        for index in range(COUNT):
            sequence.damage(index, role=profile.role)
        return FakeSource([*sequence, SourceEnded("the end")])

    yield Place(FakeOpener(answer), "rtsp://10.0.0.5/")


def a_clip(clip: Path) -> Iterator[Packet | AudioPacket | None]:
    """The packets of a clip until its end."""
    with a_file(clip) as place:
        source = place.open()
        try:
            yield from source.packets()
        except SourceEnded:
            source.close()


Places = Callable[[Path], AbstractContextManager[Place]]


@pytest.fixture(params=[a_file, a_server, a_camera_on_udp, a_fake], ids=lambda place: place.__name__)
def place(request: pytest.FixtureRequest, make_clip: MakeClip) -> Iterator[Place]:
    """Each kind of source in turn."""
    places: Places = request.param
    with places(make_clip(size=SIZE, fps=FPS, seconds=COUNT / FPS, gop=FPS)) as opened:
        yield opened


@pytest.fixture
def source(place: Place) -> Iterator[PacketSource]:
    """An open source."""
    opened = place.open()
    yield opened
    opened.close()


def take(source: PacketSource, count: int) -> list[Packet]:
    """The first packets."""
    return list(islice((packet for packet in source.packets() if isinstance(packet, Packet)), count))


def test_it_describes_itself(source: PacketSource) -> None:
    """Codec and size are those of the stream."""
    described = source.description
    assert (described.codec, described.width, described.height) == (Codec.H264, *SIZE)
    assert described.frame_rate == pytest.approx(FPS)


def test_packets_know_where_they_belong(source: PacketSource) -> None:
    """Camera, role and epoch are those asked for; sequence numbers count from one."""
    packets = take(source, 30)
    assert {(packet.camera_id, packet.role, packet.epoch) for packet in packets} == {("cam", StreamRole.SUB, 7)}
    assert [packet.sequence for packet in packets] == list(range(1, 31))


def test_times_are_legal(source: PacketSource) -> None:
    """Decoding times rise, nothing is shown too early, arrival never runs back, 25 pictures fill a second."""
    packets = take(source, 30)
    assert all(later.dts > earlier.dts for earlier, later in pairwise(packets))
    assert all(packet.pts >= packet.dts for packet in packets)
    assert all(later.received_monotonic_s >= earlier.received_monotonic_s for earlier, later in pairwise(packets))
    assert packets[25].media_time_s - packets[0].media_time_s == pytest.approx(1.0, abs=0.05)


def test_every_key_frame_can_start_a_decoder(source: PacketSource) -> None:
    """Key frames carry parameter sets in front, and they come where the camera put them."""
    packets = take(source, 30)
    assert [packet.sequence for packet in packets if packet.is_keyframe] == [1, 26]
    for packet in packets:
        types = [unit.type for unit in nal_units(Codec.H264, packet.data)]
        if packet.is_keyframe:
            assert types.index(7) < types.index(8) < types.index(5)
        else:
            assert set(types) == {1}


def test_the_end_is_said_never_silent(source: PacketSource) -> None:
    """When the stream is over, an error of ours says so."""
    received = []
    with pytest.raises(IngestError):
        received.extend(source.packets())
    assert len([packet for packet in received if isinstance(packet, Packet)]) <= COUNT


def test_interrupt_ends_reading_within_a_second(source: PacketSource) -> None:
    """From another thread, whether packets come or not."""
    packets = source.packets()
    next(packets)
    begun = monotonic()
    Timer(0.1, source.interrupt).start()
    with pytest.raises(IngestError):
        for _ in packets:
            pass
    assert monotonic() - begun < 1.3


def test_closing_twice_is_harmless(place: Place) -> None:
    """Whoever cleans up need not know whether somebody did before."""
    source = place.open()
    source.close()
    source.close()
