"""One camera's recording from packets to files: nothing missing without a reason."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import pytest

from ingest.mask import MaskSet
from ingest.packet import Packet
from ingest.recording.plan import RecordingMode
from ingest.recording.segment_reader import SegmentReader
from tests.conftest import MakeClip
from tests.fakes.recording_room import CAMERA, SETTINGS, RecordingRoom, eventually, seconds
from tests.fakes.segment import clip_packets

MakeRoom = Callable[..., RecordingRoom]
HALF = MaskSet(7, (((0, 0), (1, 0), (1, 0.5), (0, 0.5)),))


@pytest.fixture(scope="module")
def packets(make_clip: MakeClip) -> list[Packet]:
    """Two seconds of pictures with a key frame each second."""
    return clip_packets(make_clip(size=(64, 48), seconds=2.0))


@pytest.fixture
def make_room(tmp_path: Path, packets: list[Packet]) -> Iterator[MakeRoom]:
    rooms: list[RecordingRoom] = []

    def make(**options: object) -> RecordingRoom:
        rooms.append(RecordingRoom(tmp_path / f"room-{len(rooms)}", options.pop("packets", packets), **options))
        return rooms[-1]

    (tmp_path / "room-0").mkdir()
    yield make
    for room in rooms:
        room.close()


def state_of(room: RecordingRoom) -> tuple[str, str | None]:
    state = room.recorders.states()[CAMERA]
    return state.state.value, state.reason.value if state.reason else None


def test_files_follow_each_other_without_a_break(make_room: MakeRoom) -> None:
    """Each ends at the first key frame after its length; together they hold every picture, at its time."""
    room = make_room()
    room.plan()
    sent = room.play(10)
    room.close()
    files = room.account.in_order()
    assert [info.duration_s for info in files] == pytest.approx([4.0, 4.0, 2.0])
    for before, after in pairwise(files):
        assert seconds(before.started_at, after.started_at) == pytest.approx(before.duration_s)
    decoded = 0
    times: list[int] = []
    for info in files:
        with SegmentReader(room.folder / "one" / info.path) as reader:
            times += [fragment.decode_time for fragment in reader.fragments]
            assert reader.damage is None
        with av.open(str(room.folder / "one" / info.path)) as container:
            decoded += len(list(container.decode(video=0)))
    assert (decoded, room.account.missing()) == (len(sent), [])
    assert times == [90_000 * n for n in range(10)]
    assert {(info.epoch, info.camera_id, info.reason) for info in files} == {(1, CAMERA, "continuous")}


def test_pictures_that_waited_before_they_came_make_no_overlap(make_room: MakeRoom) -> None:
    """A node that starts on a busy machine reads the first seconds at once; later files join where these end."""
    room = make_room()
    room.plan()
    room.play(0.2)
    room.send(*(room._stamped() for _ in range(40)))
    room.play(9)
    room.close()
    files = room.account.in_order()
    assert len(files) == 3
    for before, after in pairwise(files):
        assert seconds(before.started_at, after.started_at) == pytest.approx(before.duration_s)


def test_a_camera_whose_clock_is_a_day_off_is_recorded_at_our_time(make_room: MakeRoom) -> None:
    """Each file says how wrong the camera's clock was; where it lies, our clock says."""
    room = make_room()
    began = room.clock.now()
    eventually(lambda: bool(room.opener.sources))
    room.opener.sources[-1].clock_offset_s = -86_400.0
    room.plan()
    room.play(5)
    room.close()
    files = room.account.in_order()
    assert {info.clock_offset_s for info in files} == {-86_400.0}
    assert 0 <= seconds(began, files[0].started_at) < 1


def test_the_running_group_of_pictures_is_recorded_too(make_room: MakeRoom) -> None:
    """Recording begins at the key frame that is already there, not at the next."""
    room = make_room()
    room.play(1.6)
    room.plan()
    room.play(0.4)
    room.close()
    assert [info.duration_s for info in room.account.in_order()] == pytest.approx([1.0])


def test_a_camera_that_goes_and_comes_leaves_one_gap_with_exact_ends(make_room: MakeRoom) -> None:
    """From the last picture before to the first after; the new connection is a new epoch in a new file."""
    room = make_room()
    room.plan()
    room.play(3)
    room.hang_up()
    room.wait(5)
    assert state_of(room) == ("waiting", "camera-offline")
    room.come_back()
    room.play(2)
    assert state_of(room) == ("recording", None)
    room.close()
    first, second = room.account.in_order()
    (gap,) = (gap for gap in room.account.gaps.values() if gap.ended_at != gap.started_at)
    assert (first.duration_s, first.epoch, second.epoch) == (pytest.approx(3.0), 1, 2)
    assert seconds(first.started_at, gap.started_at) == pytest.approx(3.0)
    assert gap.ended_at == second.started_at


def test_a_short_pause_is_no_gap(make_room: MakeRoom) -> None:
    """Up to two seconds are tolerated, and the file goes on."""
    room = make_room()
    room.plan()
    room.play(2)
    room.wait(1.6)
    room.play(1)
    room.close()
    assert (len(room.account.segments), room.account.gaps) == (1, {})


def test_silence_ends_the_file_and_is_named(make_room: MakeRoom) -> None:
    """A stream that stands still is told apart from one that is gone."""
    room = make_room()
    room.plan()
    room.play(2)
    room.wait(4)
    assert len(room.account.segments) == 1
    assert room.account.missing() == [("camera-silent", None)]


def test_a_wall_clock_that_is_set_begins_a_new_file(make_room: MakeRoom) -> None:
    """Recording goes on; no second is missing, and none is missing twice."""
    room = make_room()
    room.plan()
    room.play(2)
    room.clock.step_wall(-3600)
    room.play(3)
    room.clock.step_wall(86_400)
    room.play(3)
    room.close()
    assert len(room.account.segments) >= 3
    assert sum(info.duration_s for info in room.account.segments.values()) == pytest.approx(8.0)
    assert room.account.missing() == []


def test_another_picture_size_begins_a_new_file(make_room: MakeRoom, make_clip: MakeClip) -> None:
    """Parameter sets are the file's: with others a file of its own."""
    room = make_room()
    room.plan()
    room.play(2)
    room._packets = clip_packets(make_clip(size=(96, 64), seconds=2.0))
    room.play(2)
    room.close()
    assert [(info.width, info.height) for info in room.account.in_order()] == [(64, 48), (96, 64)]
    assert room.account.gaps == {}


def test_without_key_frames_a_file_ends_all_the_same(make_room: MakeRoom, packets: list[Packet]) -> None:
    """At the hard limit; what follows until the next key frame is missing, and says why."""
    room = make_room(packets=[packets[0], *packets[1:25]])
    room.plan()
    room.play(1)
    room._packets = packets[1:25]
    room.play(9)
    room.close()
    (info,) = room.account.segments.values()
    assert info.duration_s == pytest.approx(6.0, abs=0.1)
    assert [reason for reason, _ in room.account.missing()] == ["no-keyframe"]


def test_motion_jpeg_is_said_not_to_be_recordable(make_room: MakeRoom, make_clip: MakeClip) -> None:
    """No file, and the reason."""
    room = make_room(packets=clip_packets(make_clip(codec="mjpeg", size=(64, 48), seconds=1.0)))
    room.plan()
    room.play(3)
    assert (room.account.segments, state_of(room)) == ({}, ("waiting", "codec-not-recordable"))
    assert room.account.missing() == [("codec-not-recordable", None)]


def test_without_known_masks_nothing_is_recorded(make_room: MakeRoom) -> None:
    """Masks fail closed here as everywhere."""
    room = make_room()
    room.fleet.apply([replace(room.camera, masks=None)])
    room.plan()
    room.play(3)
    assert (room.account.segments, state_of(room)) == ({}, ("waiting", "masks-unavailable"))
    room.fleet.apply([room.camera])
    room.play(2)
    room.close()
    assert len(room.account.segments) == 1
    assert [reason for reason, _ in room.account.missing()] == ["masks-unavailable"]


def test_masks_begin_a_new_file_that_says_which(make_room: MakeRoom) -> None:
    """What was recorded before them keeps its older version; nothing of the camera's own stream follows them."""
    room = make_room()
    room.plan()
    room.play(2)
    room.fleet.apply([replace(room.camera, masks=HALF)])
    last = room.play(2)[-1]
    room.close()
    first = room.account.in_order()[0]
    assert first.mask_version == 0
    assert first.duration_s == pytest.approx(2.0)
    assert all(info.mask_version == 7 for info in room.account.in_order()[1:])
    data = b"".join(path.read_bytes() for path in (room.folder / "one").rglob("*.mp4"))
    assert last.data[-40:] not in data


def test_an_event_is_recorded_with_what_came_before_and_after(make_room: MakeRoom) -> None:
    """From the key frame before the pre-roll to the end of the post-roll; in between only memory is used."""
    room = make_room(settings=replace(SETTINGS, segment_s=60, longest_segment_s=90))
    room.plan(RecordingMode.EVENT, pre_roll_s=2.0, post_roll_s=3.0)
    room.play(6)
    assert (room.account.segments, state_of(room)) == ({}, ("standby", None))
    room.recorders.trigger(CAMERA)
    room.play(5)
    room.close()
    (info,) = room.account.segments.values()
    assert info.reason == "event"
    assert 5.0 <= info.duration_s <= 6.3
    assert room.account.gaps == {}


class Weekdays:
    """Armed while the test says so."""

    is_on = True

    def is_armed(self, _at: object) -> bool:
        return self.is_on


def test_hours_that_are_not_planned_are_no_gap(make_room: MakeRoom) -> None:
    """The file ends with the window; what follows is nobody's business."""
    room, week = make_room(), Weekdays()
    room.plan(RecordingMode.SCHEDULED, week=week)
    room.play(2)
    week.is_on = False
    room.play(4)
    assert state_of(room) == ("off", None)
    week.is_on = True
    room.play(2)
    room.close()
    assert [info.duration_s for info in room.account.in_order()] == pytest.approx([2.0, 2.0], abs=0.25)
    assert room.account.gaps == {}
    assert {info.reason for info in room.account.segments.values()} == {"scheduled"}


def test_a_plan_that_is_taken_away_ends_the_file(make_room: MakeRoom) -> None:
    """And the recorder is forgotten once the file is no news any more."""
    room = make_room()
    room.plan()
    room.play(2)
    room.recorders.apply([], {"one": None})
    room.step()
    room.step()
    assert len(room.account.segments) == 1
    room.step()
    assert len(room.recorders.open_segments(CAMERA)) == 1
    room.clock.advance(70)
    room.step()
    assert (room.recorders.states(), room.recorders.open_segments(CAMERA)) == ({}, ())


def test_a_volume_that_is_too_slow_costs_the_oldest_that_wait(make_room: MakeRoom) -> None:
    """The backlog is bounded, the newest pictures are kept, and each lost second has its reason."""
    room = make_room(settings=replace(SETTINGS, queue_s=3.0))
    room.plan()
    room.play(1)
    queue = room.writers[0]._queue
    for _ in range(6):
        room.play(2, write=False)
        room.writers[0].step(0)  # half of what comes
        assert queue.has_room()
        assert sum(size for _, size, _ in queue._jobs) == queue._bytes
    end = room.clock.now()
    room.write()
    room.play(3)
    room.close()
    first, *_, last = room.account.in_order()
    assert (first.recovered, last.recovered) == (True, False)
    assert 0.5 <= seconds(last.started_at, end) <= 4.0  # it has pictures of before the disk was quick again
    assert {reason for reason, _ in room.account.missing()} == {"too-slow"}
    lost_s = sum(length for _, length in room.account.missing())
    assert sum(info.duration_s for info in room.account.in_order()) + lost_s == pytest.approx(16.0, abs=0.1)


def test_when_a_volume_goes_the_next_takes_over(make_room: MakeRoom) -> None:
    """An unmounted disk: its bare mount point is never written to, and the other volume has the rest."""
    room = make_room(volumes=("one", "two"))
    room.plan()
    room.play(5)
    (room.folder / "one").rename(room.folder / "elsewhere")
    (room.folder / "one").mkdir()
    room.play(6)
    room.close()
    assert list((room.folder / "one").iterdir()) == []
    assert {state.state.value for state in room.account.volumes if state.name == "one"} == {"ok", "missing"}
    second = room.writers[1].volume_id
    assert [info.volume_id for info in room.account.in_order()][-1] == second
    assert {reason for reason, _ in room.account.missing()} <= {"volume-missing"}


def test_a_mistake_of_ours_costs_a_moment_not_the_camera(make_room: MakeRoom) -> None:
    """The file ends whole, the reason is told, and the next key frame begins anew."""
    room = make_room()
    room.plan()
    room.play(2)
    recorder = room.recorders._recorders[CAMERA]
    tools = recorder._tools

    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    recorder._tools = replace(tools, facts=broken)
    room.play(1)
    assert state_of(room) == ("waiting", "recorder-failed")
    recorder._tools = tools
    room.play(4)
    room.close()
    first, second = room.account.in_order()
    ((reason, length),) = room.account.missing()
    assert reason == "recorder-failed"
    assert first.duration_s + length + second.duration_s == pytest.approx(7.0, abs=0.05)


def test_the_file_that_is_being_written_can_be_found_and_read(make_room: MakeRoom) -> None:
    """As far as it is on disk; a whole one is told of until everybody has heard of it, a lost one is not."""
    room = make_room()
    room.plan()
    room.play(3.4)
    (opened,) = room.recorders.open_segments(CAMERA)
    with SegmentReader(room.folder / "one" / f"{opened.header.path}.part") as reader:
        assert reader.is_open
        assert reader.duration_s == pytest.approx(opened.duration_s) == 3.0
    room.play(2.6)
    first, second = room.recorders.open_segments(CAMERA)
    assert (first.header, first.duration_s) == (opened.header, pytest.approx(4.0))
    assert seconds(first.header.started_at, second.header.started_at) == pytest.approx(4.0)
    (room.folder / "one").rename(room.folder / "gone")
    room.wait(2.4)
    assert [one.header for one in room.recorders.open_segments(CAMERA)] == [opened.header]


def test_an_outbox_that_takes_nothing_is_told_again(make_room: MakeRoom) -> None:
    """Its disk may be full: the round goes on for the others, and no whole file stays unknown to the index."""
    room = make_room()
    room.plan()
    room.play(2)
    account, takes = room.account, False

    def refuse(_told: object) -> None:
        if not takes:
            raise OSError("no space left")

    hear = account.on_segment
    account.on_segment = lambda info: (refuse(info), hear(info))
    account.on_gap = refuse
    room.play(3)
    room.wait(4)  # without a picture: the gap cannot be told either
    assert state_of(room)[0] == "waiting"
    assert account.segments == {}
    takes = True
    room.play(3)
    room.close()
    assert room.account.in_order()[0].duration_s == pytest.approx(4.0)
    assert len(room.account.segments) == 3
    assert sorted(path.suffix for path in (room.folder / "one").rglob("*.mp4*")) == [".mp4"] * 3
