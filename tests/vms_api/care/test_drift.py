"""What differs from what is expected, and when a device is due: pure, with any values."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.onvif.messages import VideoSettings
from vms_api.cameras.health import StreamHealth
from vms_api.care.device import DeviceState, StreamSettings
from vms_api.care.drift import actual_settings, drift
from vms_api.care.round import FIRST_S, due_at, next_turns

NOW = datetime(2026, 11, 22, tzinfo=UTC)
settings = st.builds(
    StreamSettings,
    codec=st.none() | st.sampled_from(["h264", "hevc"]),
    width=st.none() | st.integers(1, 8000),
    fps=st.none() | st.floats(1, 60),
    bitrate_kbps=st.none() | st.integers(1, 20_000),
)


@given(settings)
def test_nothing_differs_from_itself(one: StreamSettings):
    """Nor from what is not known."""
    assert drift(one, one) == []
    assert drift(one, None) == drift(None, one) == drift(one, StreamSettings()) == []


def test_each_difference_has_its_name():
    """Rates have room, codec and size have none."""
    wanted = StreamSettings(codec="h264", width=1920, height=1080, fps=25, bitrate_kbps=2000, gop_s=2)
    near = wanted.model_copy(update={"fps": 24.0, "bitrate_kbps": 2300, "gop_s": 2.4})
    far = wanted.model_copy(update={"codec": "hevc", "width": 1919, "fps": 20.0, "bitrate_kbps": 4000, "gop_s": 10.0})
    assert drift(wanted, near) == []
    assert drift(wanted, far) == ["codec", "width", "fps", "bitrate_kbps", "gop_s"]


def test_the_stream_is_believed_before_the_device():
    """Media 1 says H264 for an H.265 stream; rates are those that are set."""
    told = VideoSettings("H264", 1280, 720, 25.0, 2000, 50)
    seen = StreamHealth(role="main", state="live", since=NOW, codec="hevc", width=1920, height=1080, frame_rate=24.7)
    actual = actual_settings(told, seen)
    assert actual == StreamSettings(codec="hevc", width=1920, height=1080, fps=25, bitrate_kbps=2000, gop_s=2)
    assert actual_settings(told, None).codec == "h264"


def looked(state: str, ago_s: float, mark: str = "a") -> DeviceState:
    return DeviceState(state, None, NOW - timedelta(seconds=ago_s), mark)


@given(st.text(max_size=8), st.floats(60, 86400), st.floats(0, 100_000))
def test_a_device_is_due_at_least_as_often_as_was_said(camera_id: str, every_s: float, ago_s: float):
    """And not sooner than three quarters of it; after a start, spread over the first seconds."""
    state = looked("reachable", ago_s)
    due = due_at(camera_id, state, "a", NOW - timedelta(days=2), every_s)
    assert due is not None
    assert 0.74 * every_s <= (due - state.checked_at).total_seconds() <= every_s + 1
    begun = due_at(camera_id, None, "a", NOW, every_s)
    assert begun is not None
    assert 1 <= (begun - NOW).total_seconds() <= FIRST_S


def test_a_refused_login_is_never_due_and_a_new_one_soon():
    """Only somebody who changes the login makes it due."""
    assert due_at("1", looked("refused", 1e6), "a", NOW, 3600) is None
    assert due_at("1", looked("refused", 1e6), "b", NOW, 3600) is not None


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.none() | st.integers(-100, 100)), st.integers(-1, 9))
def test_who_waited_longest_comes_first(minutes: dict[str, int | None], free: int):
    """No more than there is room for, and nobody before the time."""
    due = {id_: None if m is None else NOW + timedelta(minutes=m) for id_, m in minutes.items()}
    turns = next_turns(due, NOW, free)
    assert len(turns) <= max(0, free)
    assert all(turn.due_at <= NOW for turn in turns)
    left = [at for id_, at in due.items() if at and at <= NOW and id_ not in {turn.camera_id for turn in turns}]
    assert not turns or all(turns[-1].due_at <= at for at in left)
