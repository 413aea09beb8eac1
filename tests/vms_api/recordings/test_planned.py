"""When a plan wants a camera recorded."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics.schedule import Schedule as ArmedSchedule
from analytics.schedule import Window as ArmedWindow
from vms_api.cameras.rule import Schedule, Window
from vms_api.recordings.plan import RecordingPlan
from vms_api.recordings.planned import planned_spans

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
CLOCK = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
WINDOWS = st.lists(
    st.builds(Window, days=st.lists(st.integers(0, 6), min_size=1, max_size=7), start=CLOCK, end=CLOCK),
    min_size=1,
    max_size=4,
)


def scheduled(*windows: Window) -> RecordingPlan:
    return RecordingPlan(mode="scheduled", schedule=Schedule(windows=list(windows)))


def test_nights_go_over_midnight() -> None:
    """22:00 to 06:00 in Shanghai is 14:00 to 22:00 UTC; cut where the range is."""
    plan = scheduled(Window(days=[0, 1], start="22:00", end="06:00"))
    spans = planned_spans(plan, SHANGHAI, MONDAY + timedelta(hours=15), MONDAY + timedelta(days=3))
    assert spans == [
        (MONDAY + timedelta(hours=15), MONDAY + timedelta(hours=22)),
        (MONDAY + timedelta(hours=38), MONDAY + timedelta(hours=46)),
    ]


def test_other_modes() -> None:
    """Continuous is all of it; off and event are nothing that could be missed."""
    end = MONDAY + timedelta(hours=1)
    assert planned_spans(RecordingPlan(mode="continuous"), SHANGHAI, MONDAY, end) == [(MONDAY, end)]
    assert planned_spans(RecordingPlan(mode="continuous"), SHANGHAI, end, MONDAY) == []
    for mode in ("off", "event"):
        assert planned_spans(RecordingPlan(mode=mode), SHANGHAI, MONDAY, end) == []


@given(WINDOWS, st.integers(0, 10_000), st.integers(1, 10_000))
def test_spans_are_where_the_node_is_armed(windows: list[Window], first: int, length: int) -> None:
    """The same windows as `analytics.schedule` reads them, minute by minute; in order and apart."""
    start = MONDAY + timedelta(minutes=first)
    end = start + timedelta(minutes=length)
    spans = planned_spans(scheduled(*windows), SHANGHAI, start, end)
    armed = ArmedSchedule(
        SHANGHAI,
        tuple(
            ArmedWindow(
                frozenset(window.days),
                datetime.strptime(window.start, "%H:%M").time(),  # noqa: DTZ007 - a time of day
                datetime.strptime(window.end, "%H:%M").time(),  # noqa: DTZ007 - a time of day
            )
            for window in windows
        ),
    )
    assert all(start <= first < last <= end for first, last in spans)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans))
    for minute in range(0, length, 7):
        at = start + timedelta(minutes=minute)
        assert any(first <= at < last for first, last in spans) == armed.is_armed(at)
