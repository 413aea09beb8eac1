"""All cameras of a node."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, Credential, StreamProfile, StreamRole
from ingest.clock import Clock, SystemClock
from ingest.encoder import Codecs
from ingest.errors import MasksUnavailable
from ingest.fleet import CameraFleet, UnknownStream
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS, MaskSet
from ingest.packet import Packet
from ingest.picture_feed import PictureFeed, Route
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings
from ingest.source import SourceOpener
from tests.conftest import MakeClip
from tests.fakes.clock import ManualClock
from tests.fakes.decoder import FAKE_CODECS
from tests.fakes.rtsp_camera import RtspCamera
from tests.fakes.rtsp_server import RtspServerThread
from tests.fakes.source import FakeOpener, FakeSource, PacketSequence

if TYPE_CHECKING:
    from ingest.frame import Frame
    from ingest.health import CameraHealth

SETTINGS = IngestSettings(start_spread_s=0, allow_loopback=True, open_timeout_s=1, read_timeout_s=2)


def camera(id_: str, **changes: object) -> Camera:
    """A camera with a main and a sub stream."""
    streams = (
        StreamProfile(StreamRole.MAIN, f"rtsp://10.0.0.1/{id_}/main"),
        StreamProfile(StreamRole.SUB, f"rtsp://10.0.0.1/{id_}/sub"),
    )
    return replace(Camera(CameraId(id_), id_, streams, masks=NO_MASKS), **changes)


def eventually(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    """Waits for other threads to bring something about."""
    due = monotonic() + within_s
    while not condition():
        assert monotonic() < due, "it did not come about in time"
        sleep(0.01)


class Site:
    """A fleet and what it told."""

    def __init__(self, opener: SourceOpener, clock: Clock, codecs: Codecs = FAKE_CODECS) -> None:
        self.changes: list[CameraHealth] = []
        self.frames: list[Frame] = []
        self.fleet = CameraFleet(opener, codecs, SETTINGS, clock, self.frames.append, self.changes.append)

    def states(self) -> dict[str, list[StreamState]]:
        """Each camera's streams' states."""
        return {health.camera_id: [stream.state for stream in health.streams] for health in self.fleet.health()}

    def wait_for(self, **states: list[str]) -> None:
        """Waits until the cameras are in these states, and no other cameras exist."""
        eventually(lambda: self.states() == states)


Make = Callable[..., Site]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes fleets and closes them after the test."""
    sites: list[Site] = []

    def site(opener: SourceOpener, clock: Clock | None = None, **options: object) -> Site:
        sites.append(Site(opener, clock or SystemClock(), **options))
        return sites[-1]

    yield site
    for made in sites:
        begun = monotonic()
        made.fleet.close()
        assert monotonic() - begun < 3


def quiet() -> FakeOpener:
    """Cameras that connect and send nothing."""
    return FakeOpener(lambda *_: FakeSource())


def paths(opener: FakeOpener) -> list[str]:
    """Which streams were dialled, in alphabetical order."""
    return sorted(profile.address.removeprefix("rtsp://10.0.0.1/") for _, profile, _ in opener.calls)


def test_every_stream_of_every_enabled_camera_runs(make: Make) -> None:
    """Main and sub are open; a disabled camera has none and is told as such."""
    opener = quiet()
    site = make(opener)
    site.fleet.apply([camera("a"), camera("b", enabled=False)])
    site.wait_for(a=["live", "live"], b=[])
    assert paths(opener) == ["a/main", "a/sub"]
    assert {health.camera_id: health.state for health in site.changes}["b"] is StreamState.DISABLED


def test_what_stays_the_same_is_not_touched(make: Make) -> None:
    """A new name, a new neighbour or the same list again never interrupt a running stream."""
    opener = quiet()
    site = make(opener)
    site.fleet.apply([camera("a")])
    site.wait_for(a=["live", "live"])
    site.fleet.apply([camera("a", name="North gate"), camera("b")])
    site.wait_for(a=["live", "live"], b=["live", "live"])
    assert paths(opener) == ["a/main", "a/sub", "b/main", "b/sub"]


@pytest.mark.parametrize(
    ("change", "redialled"),
    [
        ({"credential": Credential("u", "p")}, ["a/main", "a/sub"]),
        ({"analysed": False}, ["a/sub"]),
        ({"streams": (camera("a").streams[0], StreamProfile(StreamRole.SUB, "rtsp://10.0.0.1/new"))}, ["new"]),
    ],
)
def test_a_change_redials_only_what_it_concerns(make: Make, change: dict[str, object], redialled: list[str]) -> None:
    """The other streams and cameras run on."""
    opener = quiet()
    site = make(opener)
    site.fleet.apply([camera("a"), camera("b")])
    site.wait_for(a=["live", "live"], b=["live", "live"])
    opener.calls.clear()
    site.fleet.apply([camera("a", **change), camera("b")])
    eventually(lambda: len(opener.calls) == len(redialled))
    site.wait_for(a=["live", "live"], b=["live", "live"])
    assert paths(opener) == redialled
    eventually(lambda: sum(source.close_count for source in opener.sources) == len(redialled))


def gop_of(feed: PictureFeed) -> Sequence[Packet]:
    """The running group of pictures, as whoever comes now is given it."""
    subscription, gop = feed.subscribe(lambda _: None)
    subscription.close()
    return gop


def test_viewers_stay_through_a_change_of_the_address(make: Make) -> None:
    """The feeds are the same objects, and packets of the new connection have a higher epoch."""
    opener = FakeOpener(lambda _c, _p, epoch: FakeSource(PacketSequence(3, epoch=epoch)))
    site = make(opener)
    site.fleet.apply([camera("a")])
    feed = site.fleet.viewable(CameraId("a"), StreamRole.MAIN)
    sound = site.fleet.sound(CameraId("a"), StreamRole.MAIN)
    eventually(lambda: len(gop_of(feed)) == 3)
    site.fleet.apply([camera("a", credential=Credential("u", "p"))])
    eventually(lambda: {packet.epoch for packet in gop_of(feed)} == {2})
    assert site.fleet.viewable(CameraId("a"), StreamRole.MAIN) is feed
    assert site.fleet.sound(CameraId("a"), StreamRole.MAIN) is sound


def test_removed_cameras_are_hung_up_on(make: Make) -> None:
    """Their connections close and their feeds are gone."""
    opener = quiet()
    site = make(opener)
    site.fleet.apply([camera("a"), camera("b")])
    site.wait_for(a=["live", "live"], b=["live", "live"])
    site.fleet.apply([camera("b")])
    site.wait_for(b=["live", "live"])
    eventually(lambda: sum(source.close_count for source in opener.sources) == 2)
    with pytest.raises(UnknownStream):
        site.fleet.viewable(CameraId("a"), StreamRole.MAIN)


def test_a_camera_without_a_sub_stream_answers_with_its_main_one(make: Make) -> None:
    """Whoever asks for the small picture gets the only one."""
    site = make(quiet())
    site.fleet.apply([camera("a", streams=camera("a").streams[:1])])
    main = site.fleet.viewable(CameraId("a"), StreamRole.MAIN)
    assert site.fleet.viewable(CameraId("a"), StreamRole.SUB) is main


def test_any_sequence_of_desired_states_ends_in_the_last_one(make: Make) -> None:
    """However cameras come, go and change, what runs in the end is what was wished for last."""
    chance = random.Random(7)
    opener = quiet()
    site = make(opener)
    for _ in range(30):
        names = chance.sample("abcd", chance.randint(0, 4))
        wanted = [camera(name, enabled=chance.random() < 0.8, analysed=chance.random() < 0.5) for name in names]
        site.fleet.apply(wanted)
    site.wait_for(**{item.id: ["live", "live"] if item.enabled else [] for item in wanted})
    running = sum(2 for item in wanted if item.enabled)
    eventually(lambda: sum(source.close_count == 0 for source in opener.sources) == running)


def test_a_hung_thread_is_replaced_and_the_others_run_on(make: Make) -> None:
    """A library call that never returns costs its camera `hang_s`, and nobody else anything."""
    released = Event()

    def answer(_: Camera, profile: StreamProfile, epoch: int) -> FakeSource:
        if profile.role is StreamRole.MAIN and epoch == 1:
            released.wait(30)
        return FakeSource()

    opener, clock = FakeOpener(answer), ManualClock()
    site = make(opener, clock)
    site.fleet.apply([camera("a")])
    site.wait_for(a=["opening", "live"])
    eventually(lambda: len(opener.calls) == 2)  # it is opening a while before it calls
    clock.advance(SETTINGS.hang_s + 1)
    site.wait_for(a=["live", "silent"])
    assert site.fleet.hung_count == 1
    released.set()
    eventually(lambda: sum(source.close_count for source in opener.sources) == 1)
    site.wait_for(a=["live", "silent"])


def test_one_late_heartbeat_does_not_condemn(make: Make) -> None:
    """After the machine slept all heartbeats are old; threads that go on are left alone."""
    opener, clock = quiet(), ManualClock()
    site = make(opener, clock)
    site.fleet.apply([camera("a")])
    site.wait_for(a=["live", "live"])
    clock.advance(SETTINGS.hang_s + 1)
    site.fleet.look_after()
    site.wait_for(a=["silent", "silent"])
    site.fleet.look_after()
    assert site.fleet.hung_count == 0


def test_closing_ends_all_streams_at_once(make: Make) -> None:
    """Also those that hang: they are left behind as daemons."""
    released = Event()
    opener = FakeOpener(lambda _c, profile, _e: (released.wait(30) and FakeSource()) or FakeSource())
    site = make(opener)
    site.fleet.apply([camera("a")])
    eventually(lambda: len(opener.calls) == 2)
    begun = monotonic()
    site.fleet.close()
    assert monotonic() - begun < 3
    assert site.fleet.health() == ()
    released.set()


def test_masks_change_without_a_reconnect(make: Make) -> None:
    """The stream and its feed stay the same; the new masks are in force when `apply` returns."""
    opener = quiet()
    site = make(opener)
    site.fleet.apply([camera("a")])
    site.wait_for(a=["live", "live"])
    feed = site.fleet.viewable(CameraId("a"), StreamRole.MAIN)
    assert feed.route is Route.DIRECT
    site.fleet.apply([camera("a", masks=MaskSet(3, (((0, 0), (1, 0), (1, 1)),)))])
    assert feed.route is Route.MASKED
    assert site.fleet.viewable(CameraId("a"), StreamRole.MAIN) is feed
    assert [health.mask_version for health in site.fleet.health()] == [3]
    assert len(opener.calls) == 2


def test_unknown_masks_leave_the_stream_and_take_the_pictures(make: Make) -> None:
    """The state stays honest: live, with a fault that says why nothing is shown; no frame goes to analysis."""
    source = FakeSource()
    site = make(FakeOpener(lambda *_: source), ManualClock())
    only_main = replace(camera("a"), streams=camera("a").streams[:1])
    site.fleet.apply([replace(only_main, masks=None)])
    site.wait_for(a=["live"])
    source.put(*PacketSequence(20))
    eventually(lambda: site.fleet.health()[0].streams[0].packet_count == 20)
    health = site.fleet.health()[0]
    assert (health.mask_version, health.streams[0].state) == (None, StreamState.LIVE)
    assert health.streams[0].fault is not None
    assert health.streams[0].fault.code == MasksUnavailable.code
    assert site.frames == []
    with pytest.raises(MasksUnavailable):
        site.fleet.viewable(CameraId("a"), StreamRole.MAIN).subscribe(lambda _: None)
    site.fleet.apply([only_main])
    source.put(*PacketSequence(40).packets[20:])
    eventually(lambda: bool(site.frames))
    assert site.fleet.health()[0].streams[0].fault is None


def test_real_cameras_good_and_bad_side_by_side(make: Make, make_clip: MakeClip) -> None:
    """One that works gives frames, while others refuse, hang or have no video, each with its own reason."""
    clip = make_clip(seconds=10.0)
    with RtspServerThread(clip.parent) as server, RtspCamera(is_mute=True) as mute, RtspCamera(media="") as blind:
        addresses = {
            "good": f"{server.address}/{clip.name}",
            "mute": mute.address,
            "blind": blind.address,
            "nobody": "rtsp://127.0.0.1:1/live",
            "forbidden": "rtsp://169.254.169.254/latest",
        }
        site = make(RtspOpener(SETTINGS, SystemClock()), codecs=AV_CODECS)
        site.fleet.apply(
            Camera(CameraId(name), name, (StreamProfile(StreamRole.MAIN, address),), masks=NO_MASKS)
            for name, address in addresses.items()
        )
        eventually(lambda: len(site.frames) >= 5)
        eventually(lambda: all(health.streams[0].fault for health in site.fleet.health() if health.camera_id != "good"))
        faults = {health.camera_id: health.streams[0].fault for health in site.fleet.health()}
        site.fleet.close()
    assert {name: fault and fault.code for name, fault in faults.items()} == {
        "good": None,
        "mute": "source-timeout",
        "blind": "no-video",
        "nobody": "host-refused",
        "forbidden": "address-refused",
    }
    assert {frame.camera_id for frame in site.frames} == {"good"}
    assert site.frames[0].picture.luma().shape == (240, 320)
