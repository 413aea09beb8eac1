"""What may be deleted: never what is held, never what is younger than its floor."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import START
from vms_api.recordings.hold import Hold
from vms_api.recordings.plan import RecordingPlan, Retention, retention_of
from vms_api.recordings.retention import (
    Candidate,
    DeletionRule,
    certificates,
    clock_jump,
    deletions,
    is_held,
    still_needed,
)
from vms_api.recordings.settings import RecordingSettings
from vms_api.recordings.volume import VolumeState, shortage

NOW = START + timedelta(days=400)
DAYS = st.integers(0, 200)


def candidate(age_days: float, camera_id: str = "a", volume_id: str = "v", size_bytes: int = 10) -> Candidate:
    started_at = NOW - timedelta(days=age_days)
    name = f"{camera_id}-{volume_id}-{age_days}"
    return Candidate(name, camera_id, volume_id, name, started_at, started_at + timedelta(minutes=1), size_bytes)


def hold(first_age: float, last_age: float, **changes: object) -> Hold:
    values = {
        "id": "h",
        "camera_id": "a",
        "start": NOW - timedelta(days=first_age),
        "end": NOW - timedelta(days=last_age),
        "reason": "case 7",
        "created_at": NOW,
        "created_by": "x",
    }
    return Hold(**(values | changes))


def kept(floor: int, ceiling: int) -> Retention:
    return Retention(floor=timedelta(days=floor), ceiling=timedelta(days=ceiling))


CANDIDATES = st.lists(
    st.builds(
        candidate,
        DAYS,
        st.sampled_from(["a", "b", "gone"]),
        st.sampled_from(["v", "w"]),
        st.integers(1, 100),
    ),
    max_size=30,
    unique_by=lambda candidate: candidate.recording_id,
)
HOLDS = st.lists(st.builds(hold, DAYS, DAYS, camera_id=st.sampled_from(["a", "b"])), max_size=4)
NEEDED = st.dictionaries(st.sampled_from(["v", "w"]), st.integers(0, 2000))


@given(CANDIDATES, HOLDS, NEEDED, st.integers(0, 100), st.integers(0, 100))
def test_held_and_young_recordings_stay(
    candidates: list[Candidate], holds: list[Hold], needed: dict[str, int], floor: int, more: int
) -> None:
    """Whatever room is wanted. What is past its ceiling and not held goes, each once."""
    retention = {"a": kept(floor, floor + more), "b": kept(0, 30)}
    gone = deletions(candidates, retention, holds, needed, NOW)
    chosen = [deletion.candidate for deletion in gone]
    assert len({one.recording_id for one in chosen}) == len(chosen)
    for one in chosen:
        assert one.camera_id in retention
        assert not is_held(one, holds, NOW)
        assert one.ended_at <= NOW - retention[one.camera_id].floor
    for one in candidates:
        if one.camera_id in retention and one.ended_at <= NOW - retention[one.camera_id].ceiling:
            assert is_held(one, holds, NOW) or one in chosen


@given(CANDIDATES, NEEDED)
def test_no_more_goes_than_is_needed(candidates: list[Candidate], needed: dict[str, int]) -> None:
    """Of what is not past its ceiling: the oldest of each volume first, and without the last one it would lack room."""
    retention = {camera_id: kept(10, 10_000) for camera_id in ("a", "b", "gone")}
    gone = [deletion.candidate for deletion in deletions(candidates, retention, (), needed, NOW)]
    for volume_id in ("v", "w"):
        own = [one for one in gone if one.volume_id == volume_id]
        assert own == sorted(own, key=lambda one: (one.started_at, one.recording_id))
        assert sum(one.size_bytes for one in own[:-1]) < max(1, needed.get(volume_id, 0))


def test_ages_go_first_and_count_for_the_room() -> None:
    """What had to go anyway may be all the room that is needed."""
    gone = deletions([candidate(50), candidate(100)], {"a": kept(30, 90)}, (), {"v": 10}, NOW)
    assert [(one.candidate.recording_id, one.rule) for one in gone] == [("a-v-100", DeletionRule.AGE)]
    gone = deletions([candidate(50), candidate(100)], {"a": kept(30, 90)}, (), {"v": 11}, NOW)
    assert [one.rule for one in gone] == [DeletionRule.AGE, DeletionRule.SPACE]
    assert still_needed({"v": 25}, gone) == {"v": 5}
    assert still_needed({"v": 20}, gone) == {}
    assert [(camera_id, rule, len(found)) for camera_id, rule, found in certificates(gone)] == [
        ("a", DeletionRule.AGE, 1),
        ("a", DeletionRule.SPACE, 1),
    ]


def test_a_hold_ends() -> None:
    """Lifted, expired, or of another camera or time, it holds nothing."""
    old = candidate(100)
    assert is_held(old, [hold(101, 99)], NOW)
    assert is_held(old, [hold(101, 99, expires_at=NOW + timedelta(seconds=1))], NOW)
    assert not is_held(old, [hold(101, 99, expires_at=NOW)], NOW)
    assert not is_held(old, [hold(101, 99, lifted_at=NOW)], NOW)
    assert not is_held(old, [hold(101, 99, camera_id="b")], NOW)
    assert not is_held(old, [hold(103, 101)], NOW)


def test_the_site_has_the_last_word() -> None:
    """A camera may be kept longer than the site says, never shorter, also by a plan from before."""
    site = RecordingSettings(retention_min_days=30, retention_max_days=90)
    assert retention_of(None, site) == kept(30, 90)
    plan = RecordingPlan(mode="continuous", retention_min_days=10, retention_max_days=20)
    assert retention_of(plan, site) == kept(30, 30)
    plan = RecordingPlan(mode="continuous", retention_min_days=120)
    assert retention_of(plan, site) == kept(120, 120)


def test_a_clock_that_jumps_is_not_believed() -> None:
    """A day and more, either way, beyond what a clock that nobody sets has counted."""
    day_s = 86400.0
    assert clock_jump(NOW, 2 * day_s, NOW + timedelta(days=2)) is None
    assert clock_jump(NOW, 60, NOW + timedelta(hours=23)) is None
    assert clock_jump(NOW, 60, NOW + timedelta(days=2)) == timedelta(days=2, seconds=-60)
    assert clock_jump(NOW, 60, NOW - timedelta(days=2)) == -timedelta(days=2, seconds=60)
    assert clock_jump(NOW, None, NOW + timedelta(hours=12)) is None
    assert clock_jump(NOW, None, NOW + timedelta(days=3)) == timedelta(days=3)


def test_shortage_counts_what_is_on_its_way_out() -> None:
    """The larger of what reserve and quota want, less what is garbage already."""
    state = VolumeState(volume_id="v", name="v", state="ok", free_bytes=50, total_bytes=1000, used_bytes=900, at=NOW)
    assert shortage(state, None, 50, 0) == 0
    assert shortage(state, None, 80, 0) == 30
    assert shortage(state, 850, 80, 0) == 50
    assert shortage(state, 850, 80, 45) == 5
    assert shortage(state, 850, 80, 100) == 0
    assert shortage(state.model_copy(update={"free_bytes": None}), 850, 80, 0) == 0
