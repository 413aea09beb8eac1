"""When rules are armed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics.schedule import Schedule, Window

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_BERLIN = ZoneInfo("Europe/Berlin")
_EVERY_DAY = frozenset(range(7))
_INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
_TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(_INSTANTS)
def test_without_windows_it_is_always_armed(at: datetime) -> None:
    """No schedule means always."""
    assert Schedule(_SHANGHAI).is_armed(at)


@given(_INSTANTS, _TIMES, _TIMES, st.sampled_from([_SHANGHAI, _BERLIN]))
def test_a_window_and_its_complement_share_the_day(at: datetime, start: time, end: time, zone: ZoneInfo) -> None:
    """Start to end and end to start never overlap and leave no gap, on any day of the year."""
    if start == end:
        assert Schedule(zone, (Window(_EVERY_DAY, start, end),)).is_armed(at)
        return
    there = Schedule(zone, (Window(_EVERY_DAY, start, end),)).is_armed(at)
    back = Schedule(zone, (Window(_EVERY_DAY, end, start),)).is_armed(at)
    assert there != back


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    """Friday 22:00 to 06:00 ends on Saturday morning and does not begin on Thursday."""
    night = Schedule(_SHANGHAI, (Window(frozenset({4}), time(22), time(6)),))
    friday = datetime(2026, 3, 6, 22, 0, tzinfo=_SHANGHAI)
    assert night.is_armed(friday)
    assert night.is_armed(friday + timedelta(hours=7, minutes=59))
    assert not night.is_armed(friday + timedelta(hours=8))
    assert not night.is_armed(friday - timedelta(hours=20))


def test_local_time_counts_across_a_change_of_summer_time() -> None:
    """22:00 to 06:00 in Berlin is seven hours long in the night of 29 March 2026 and nine on 25 October."""
    night = Schedule(_BERLIN, (Window(_EVERY_DAY, time(22), time(6)),))

    def armed_minutes(start: datetime) -> int:
        return sum(night.is_armed(start + timedelta(minutes=minute)) for minute in range(24 * 60))

    assert armed_minutes(datetime(2026, 3, 28, 12, tzinfo=UTC)) == 7 * 60
    assert armed_minutes(datetime(2026, 10, 24, 12, tzinfo=UTC)) == 9 * 60
