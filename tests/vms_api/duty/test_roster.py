"""Shifts as instants: across midnight, across changes of the clocks, with exceptions."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vms_api.duty.civil_time import instant_of
from vms_api.duty.roster import HORIZON, Roster, RosterIn, Shift, ShiftException

SHANGHAI, BERLIN, LORD_HOWE = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
MONDAY = date(2026, 3, 23)
zones = st.sampled_from([SHANGHAI, BERLIN, LORD_HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Africa/Casablanca")])
dates = st.dates(date(2020, 1, 3), date(2035, 12, 29))
minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


def shift(starts: str, ends: str, days: Sequence[int] = range(7), people: str = "a", id_: str = "s") -> Shift:
    return Shift(id=id_, name=id_, days=list(days), starts=starts, ends=ends, user_ids=list(people))


def at(day: date, clock: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


def names(roster: Roster, moment: datetime, zone: ZoneInfo = SHANGHAI) -> list[str]:
    return [turn.shift.id for turn in roster.on_duty(moment, zone)]


def test_a_night_ends_the_next_morning() -> None:
    """It belongs to the day on which it begins, to the minute."""
    roster = Roster(1, [shift("20:00", "08:00", days=[0])])
    assert [names(roster, at(MONDAY, clock)) for clock in ("07:59", "19:59", "20:00")] == [[], [], ["s"]]
    tuesday = MONDAY + timedelta(days=1)
    assert [names(roster, at(tuesday, clock)) for clock in ("07:59", "08:00", "20:00")] == [["s"], [], []]


def test_the_week_turns_over() -> None:
    """A Sunday night is on until Monday morning."""
    roster = Roster(1, [shift("22:00", "06:00", days=[6])])
    assert names(roster, at(MONDAY, "05:59")) == ["s"]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 6), 8)])
def test_a_night_in_which_the_clocks_are_changed_is_shorter_or_longer(day: date, hours: int) -> None:
    """From 22:00 to 06:00 by the clocks on the wall, whatever that is in hours."""
    start, end = at(day, "21:00", BERLIN), at(day, "23:00", BERLIN)
    (turn,) = Roster(1, [shift("22:00", "06:00")]).turns(start, end, BERLIN)
    assert turn.ends - turn.starts == timedelta(hours=hours)


def test_skipped_times_are_the_instant_of_the_skip() -> None:
    """On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, which is 01:00 UTC."""
    day = date(2026, 3, 29)
    skip = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert [instant_of(day, time(2, minute), BERLIN) for minute in (0, 1, 30, 59)] == [skip] * 4
    assert instant_of(day, time(1, 59), BERLIN) == skip - timedelta(minutes=1)
    assert instant_of(day, time(3, 1), BERLIN) == skip + timedelta(minutes=1)
    assert Roster(1, [shift("02:10", "02:50", days=[6])]).turns(skip - timedelta(hours=3), skip, BERLIN) == []


@given(dates, zones, minutes, minutes)
def test_later_by_the_clock_is_never_earlier(day: date, zone: ZoneInfo, one: time, other: time) -> None:
    """So no shift has a negative length, whatever the clocks do."""
    first, second = sorted((one, other))
    assert instant_of(day, first, zone) <= instant_of(day, second, zone)
    assert instant_of(day, second, zone) <= instant_of(day + timedelta(days=1), time(0), zone)


@given(dates, zones, minutes)
def test_the_clocks_show_that_time(day: date, zone: ZoneInfo, clock: time) -> None:
    """Read back in the zone it is the same time, unless that is skipped; then it is later that day."""
    back = instant_of(day, clock, zone).astimezone(zone).replace(tzinfo=None, fold=0)
    assert back >= datetime.combine(day, clock)
    assert back - datetime.combine(day, clock) <= timedelta(hours=2)


@given(dates, zones, minutes, minutes, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_two_shifts_that_meet_leave_no_gap_and_do_not_overlap(
    day: date, zone: ZoneInfo, change: time, other: time, after: timedelta
) -> None:
    """Day and night from one change to the next: exactly one of them is on at every instant."""
    if change == other:
        return
    first, second = change.strftime("%H:%M"), other.strftime("%H:%M")
    roster = Roster(1, [shift(first, second, id_="day"), shift(second, first, id_="night")])
    start = datetime.combine(day, time(12), tzinfo=UTC)
    assert len(roster.on_duty(start + after, zone)) == 1
    assert roster.gaps(start, zone, frozenset("a")) == []
    assert roster.overlaps(start, zone) == []


def test_an_exception_replaces_the_people_of_one_day() -> None:
    """Others come, nobody comes, or somebody comes on a day that has no such shift."""
    roster = Roster(
        1,
        [shift("08:00", "16:00", days=[0, 1])],
        [
            ShiftException(date=MONDAY, shift_id="s", user_ids=["b"]),
            ShiftException(date=MONDAY + timedelta(days=1), shift_id="s", user_ids=[]),
            ShiftException(date=MONDAY + timedelta(days=2), shift_id="s", user_ids=["c"]),
        ],
    )
    found = [roster.on_duty(at(MONDAY + timedelta(days=day), "09:00"), SHANGHAI) for day in (0, 1, 2, 7)]
    assert [[list(turn.user_ids) for turn in turns] for turns in found] == [[["b"]], [], [["c"]], [["a"]]]


def test_gaps_are_the_times_that_nobody_who_may_act_covers() -> None:
    """A turn of somebody who may not act there covers nothing; the last gap ends with the horizon."""
    roster = Roster(1, [shift("08:00", "20:00"), shift("20:00", "08:00", people="b", id_="night")])
    start = at(MONDAY, "12:00")
    assert roster.gaps(start, SHANGHAI, frozenset("ab")) == []
    gaps = roster.gaps(start, SHANGHAI, frozenset("a"))
    assert (gaps[0].starts, gaps[0].ends) == (at(MONDAY, "20:00"), at(MONDAY + timedelta(days=1), "08:00"))
    assert len(gaps) == 7
    (all_of_it,) = roster.gaps(start, SHANGHAI, frozenset())
    assert (all_of_it.starts, all_of_it.ends) == (start, start + HORIZON)


def test_overlaps_are_told() -> None:
    """Half an hour in which both are there."""
    roster = Roster(1, [shift("08:00", "16:30", days=[0]), shift("16:00", "20:00", days=[0], id_="late")])
    (overlap,) = roster.overlaps(at(MONDAY, "06:00"), SHANGHAI)
    assert (overlap.starts, overlap.ends) == (at(MONDAY, "16:00"), at(MONDAY, "16:30"))
    assert overlap.shift_ids == ("s", "late")


WHOLE = {"id": "s", "name": "Day", "days": [0], "starts": "08:00", "ends": "20:00", "user_ids": []}
NOBODY = {"date": "2026-01-01", "shift_id": "s", "user_ids": []}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"shifts": [{**WHOLE, "ends": "08:00"}]}, "shift_empty"),
        ({"shifts": [WHOLE, WHOLE]}, "shift_twice"),
        ({"shifts": [], "exceptions": [NOBODY]}, "shift_unknown"),
        (
            {"shifts": [WHOLE], "exceptions": [NOBODY, NOBODY]},
            "exception_twice",
        ),
        ({"shifts": [{**WHOLE, "days": []}]}, "too_short"),
        ({"shifts": [{**WHOLE, "days": [7]}]}, "less_than_equal"),
        ({"shifts": [{**WHOLE, "starts": "24:00"}]}, "string_pattern_mismatch"),
    ],
)
def test_a_roster_that_is_none_is_refused(body: dict[str, object], reason: str) -> None:
    """By its reason; a shift that starts when it ends lasts no time, or a day: nobody can know."""
    with pytest.raises(ValidationError) as refusal:
        RosterIn.model_validate({"version": 0, **body})
    assert [error["type"] for error in refusal.value.errors()] == [reason]
