"""Every fault of a virtual camera, beside a camera that works: what is said, and that it comes back.

All cameras run at once, each with its fault from the third second on; the cases read what became of them. The source
is reached through the fleet alone, whatever reads RTSP.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from time import monotonic, sleep

import pytest

from ingest.lifecycle import StreamState
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.clip_file import read_clip
from ingest.virtual_camera.fault import FLAWS, Fault, FaultKind
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.sound import tone
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.conftest import MakeClip
from tests.faults.conftest import SCENE, Diary, Watch, eventually

AT_S, LENGTH_S = 3.0, 2.5
END_S = AT_S + LENGTH_S
_K, _S = FaultKind, StreamState
LOST = frozenset({"source-ended", "stream-broken", "host-refused", "source-timeout"})
GARBLED = LOST | {"stream-changed", "no-video", "codec-refused", "no-keyframe", "timestamps-jumped"}


@dataclass(frozen=True)
class Case:
    """A fault and what the camera's diary must say of it.

    `states` must all have been seen; one of `codes` must have been a fault (none of them: no fault at all); a camera
    that `stays` has been dialled once.
    """

    faults: tuple[Fault, ...]
    states: frozenset[StreamState] = frozenset()
    codes: frozenset[str] = frozenset()
    stays: bool = False


def once(kind: FaultKind, amount: float | None = None, length_s: float = LENGTH_S, clip: str | None = None) -> Fault:
    """The fault at the usual time."""
    return Fault(AT_S, kind, length_s, amount, seed=11, clip=clip)


def at_login(kind: FaultKind, amount: float | None = None) -> tuple[Fault, ...]:
    """A fault that shows when the camera is dialled: its connection is reset as the fault begins."""
    return (Fault(AT_S, FaultKind.RESET, 0.4), once(kind, amount))


STAYS = {"stays": True}
CASES = {
    "reset": Case((once(_K.RESET),), frozenset({_S.WAITING}), LOST),
    "drop": Case((once(_K.DROP),), frozenset({_S.WAITING}), LOST),
    "restart": Case((once(_K.RESTART),), frozenset({_S.WAITING}), LOST),
    "black hole": Case(
        (once(_K.BLACK_HOLE, length_s=4.8),), frozenset({_S.SILENT, _S.WAITING}), frozenset({"source-timeout"})
    ),
    "no frames": Case(
        (once(_K.SILENT, length_s=4.8),), frozenset({_S.SILENT, _S.WAITING}), frozenset({"source-timeout"})
    ),
    "a pause": Case((once(_K.SILENT, length_s=2.5),), frozenset({_S.SILENT}), **STAYS),
    "bit flips": Case((once(_K.CORRUPT, 1e-3),), codes=GARBLED),
    "few bit flips": Case((once(_K.CORRUPT, 1e-5),), **STAYS),
    "cut units": Case((once(_K.TRUNCATE, 0.3),), codes=GARBLED),
    "lost packets": Case((once(_K.LOSS, 0.1),), codes=GARBLED),
    "garbage": Case((once(_K.GARBAGE, 0.1),), codes=GARBLED),
    "no parameter sets": Case((Fault(0, _K.NO_PARAMETER_SETS, END_S),), codes=GARBLED),
    "a second back": Case((once(_K.TIMESTAMPS, -1),), codes=frozenset({"timestamps-jumped"})),
    "an hour back": Case((once(_K.TIMESTAMPS, -3600),), codes=frozenset({"timestamps-jumped"})),
    "an hour ahead": Case((once(_K.TIMESTAMPS, 3600),), codes=frozenset({"timestamps-jumped"})),
    "wrap": Case((Fault(0, _K.WRAP),), **STAYS),
    "another source": Case((once(_K.SSRC),), codes=GARBLED),
    "another size": Case((once(_K.CLIP, clip="small"),), codes=frozenset({"stream-changed"})),
    "another rate": Case((once(_K.CLIP, clip="slow"),), **STAYS),
    "another profile": Case((once(_K.CLIP, clip="baseline"),), **STAYS),
    "another codec": Case((once(_K.CLIP, length_s=inf, clip="h265"),), codes=GARBLED),
    "sound appears": Case((Fault(0, _K.NO_SOUND, AT_S),), **STAYS),
    "frozen": Case((once(_K.FROZEN, length_s=5.0),), **STAYS),
    "slow loris": Case(at_login(_K.SLOW_LORIS, 0.2), frozenset({_S.WAITING}), LOST),
    "huge description": Case(at_login(_K.LONG_SDP), frozenset({_S.WAITING}), GARBLED),
    "many tracks": Case(at_login(_K.MANY_TRACKS), frozenset({_S.WAITING}), GARBLED),
    "endless header": Case(at_login(_K.LONG_HEADER), frozenset({_S.WAITING}), GARBLED),
    "password changed": Case(at_login(_K.PASSWORD), frozenset({_S.REFUSED}), frozenset({"credentials-refused"})),
    "one session": Case((Fault(0, _K.ONE_SESSION),), **STAYS),
    "clock a day off": Case((once(_K.CLOCK),), **STAYS),
}
NEIGHBOUR = "neighbour"


@dataclass
class Show:
    """What all cameras did."""

    watch: Watch
    sizes: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    was_frozen: set[str] = field(default_factory=set)
    offsets: dict[str, set[int]] = field(default_factory=dict)
    ended_s: float = 0.0

    def diary(self, name: str) -> Diary:
        """Of one camera."""
        return self.watch.diaries[name]


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory: pytest.TempPathFactory, make_clip: MakeClip) -> dict[str, Clip]:
    """The clips that may take over."""
    cache = ClipCache(tmp_path_factory.mktemp("stand-ins"))
    return {
        "small": cache.play_scene(replace(SCENE, width=192, height=108)),
        "slow": cache.play_scene(replace(SCENE, frame_rate=5)),
        "baseline": read_clip(make_clip(size=(320, 180), fps=10, seconds=3.0, gop=5)),
        "h265": read_clip(make_clip(size=(320, 180), fps=10, seconds=3.0, gop=5, codec="libx265")),
    }


@pytest.fixture(scope="module")
def show(clip: Clip, stand_ins: dict[str, Clip]) -> Iterator[Show]:
    """Runs all cameras until their faults are over and they had time to come back."""
    cameras = [VirtualCamera(NEIGHBOUR, clip)]
    for name, case in CASES.items():
        sound = tone() if name == "sound appears" else None
        faults = ScheduledFaults(case.faults)
        cameras.append(VirtualCamera(name, clip, faults=faults, stand_ins=stand_ins, sound=sound))
    with VirtualCameraThread(cameras) as server:
        addresses = {camera.name: server.url(camera.name) for camera in cameras}
        with Watch(addresses) as watch:
            played = Show(watch)
            while monotonic() - server.started_s < AT_S + 5.5:
                note(played)
                sleep(0.1)
            eventually(lambda: watch.is_live(addresses))
            played.ended_s = monotonic()
            yield played


def note(played: Show) -> None:
    """Keeps what is seen only while it lasts."""
    for health in played.watch.fleet.health():
        stream = health.streams[0]
        if stream.frozen:
            played.was_frozen.add(health.camera_id)
        if stream.clock_offset_s is not None:
            played.offsets.setdefault(health.camera_id, set()).add(round(stream.clock_offset_s))
        if stream.description is not None:
            sizes = played.sizes.setdefault(health.camera_id, [])
            size = (stream.description.width, stream.description.height)
            if not sizes or sizes[-1] != size:
                sizes.append(size)


def test_every_kind_of_fault_is_played() -> None:
    """A new kind is not forgotten here; what only spoils pictures leaves the stream as it is."""
    assert {fault.kind for case in CASES.values() for fault in case.faults} == set(FaultKind) - set(FLAWS)


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_a_fault(show: Show, name: str) -> None:
    """The states and the reason are those of the table, and nothing else was made of it."""
    case, diary = CASES[name], show.diary(name)
    assert case.states <= set(diary.states())
    if case.stays:
        assert (diary.codes(), diary.epochs()) == (set(), [1])
    elif case.states:
        assert diary.codes() & case.codes
    else:
        assert diary.codes() <= case.codes


@pytest.mark.parametrize("name", CASES)
def test_it_comes_back_by_itself(show: Show, name: str) -> None:
    """At the end the camera is live, packets come, and pictures reach analysis."""
    assert show.watch.health(name).state is StreamState.LIVE
    assert show.ended_s - show.diary(name).latest_packet_s() < 2
    eventually(lambda: monotonic() - show.diary(name).latest_frame_s() < 2)


def test_the_neighbour_notices_nothing(show: Show) -> None:
    """A camera that works is dialled once and never in doubt, whatever the others do."""
    diary = show.diary(NEIGHBOUR)
    assert diary.states() == [StreamState.OPENING, StreamState.LIVE]
    assert (diary.codes(), diary.epochs()) == (set(), [1])
    assert show.watch.fleet.hung_count == 0


@pytest.mark.parametrize("name", CASES)
def test_times_stay_legal(show: Show, name: str) -> None:
    """Within an epoch decoding times rise, whatever the camera sent; an epoch never comes back."""
    packets = [packet for _, packet in show.diary(name).packets]
    assert all(b.dts > a.dts for a, b in pairwise(packets) if a.epoch == b.epoch)
    assert all(b.epoch >= a.epoch for a, b in pairwise(packets))


def test_numbers_that_wrap_cost_nothing(show: Show) -> None:
    """Ten pictures a second before, across and after the wrap of sequence numbers and timestamps."""
    packets = [packet for _, packet in show.diary("wrap").packets]
    steps = [float((b.dts - a.dts) * a.time_base) for a, b in pairwise(packets)]
    assert len(packets) > 50
    assert max(steps) == pytest.approx(0.1, abs=0.05)


def test_a_new_size_is_known_and_forgotten(show: Show) -> None:
    """The description follows the stream there and back."""
    assert (192, 108) in show.sizes["another size"]
    assert show.watch.health("another size").description.width == 320


def test_a_new_codec_is_found_out(show: Show) -> None:
    """A camera that was switched to H.265 is dialled anew and played on."""
    assert show.watch.health("another codec").description.codec.value == "hevc"


def test_only_the_frozen_camera_is_frozen(show: Show) -> None:
    """While it lasted, and of no other."""
    assert show.was_frozen == {"frozen"}
    assert not show.watch.health("frozen").frozen


def test_the_camera_s_clock_does_not_move_the_pictures(show: Show) -> None:
    """A clock that is a day off is told while it is; arrival times are ours."""
    assert {0, 86_400} <= show.offsets["clock a day off"]
    assert show.offsets[NEIGHBOUR] == {0}
    arrivals = [packet.received_at for _, packet in show.diary("clock a day off").packets]
    assert (arrivals[-1] - arrivals[0]).total_seconds() < 60


def test_damage_is_counted(show: Show) -> None:
    """Pictures that could not be decoded, or did not come whole, are not just missing."""
    for name in ("bit flips", "lost packets", "cut units"):
        health = show.watch.health(name)
        assert health.decode_failed_count + sum(health.drops.values()) > 0
