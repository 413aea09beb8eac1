"""Due times against an oracle that knows nothing of the code: it walks the clocks minute by minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from vms_api.patrols.schedule import PatrolSchedule, PatrolWindow, dues, next_due

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"]
DAILY = tuple(range(7))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def window(starts: str, ends: str, **more: Any) -> PatrolWindow:
    return PatrolWindow.model_validate({"days": DAILY, "starts": starts, "ends": ends, **more})


def plan(*windows: PatrolWindow, **more: Any) -> PatrolSchedule:
    return PatrolSchedule.model_validate({"windows": windows, **more})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(schedule: PatrolSchedule, start: str, end: str, zone: ZoneInfo) -> list[str]:
    """Due times as the clocks of the zone show them."""
    found = dues(schedule, "plan", utc(start), utc(end), zone)
    return [at.astimezone(zone).strftime("%m-%d %H:%M") for at in found]


def is_day(day: date, one: dict[str, Any], holidays: Sequence[date]) -> bool:
    """The oracle's own reading of days, in the words of the plan's page."""
    in_month = one["month_days"]
    is_last = (day + DAY).month != day.month
    fits = in_month is None or day.day in in_month or (is_last and -1 in in_month)
    return day.weekday() in one["days"] and fits and day not in holidays


def oracle(
    windows: Sequence[dict[str, Any]], holidays: Sequence[date], span: tuple[datetime, datetime], zone: str
) -> list[datetime]:
    """Looks at the clock on the wall each minute, from two days before.

    A window opens at the first minute at which it shows the start or later, and closes at the first one at which it
    shows the end or later.
    """
    first = span[0] - timedelta(hours=50)
    minutes = [first + count * MINUTE for count in range((span[1] - first) // MINUTE + 3 * 24 * 60)]
    shown = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in minutes]

    def first_at(clock: datetime) -> int:
        return next(place for place, local in enumerate(shown) if local >= clock)

    found = set()
    for one in windows:
        for day in (shown[0].date() + count * DAY for count in range((span[1] - first).days + 2)):
            opens, closes = (datetime.fromisoformat(f"{day} {one[key]}") for key in ("starts", "ends"))
            closes += DAY if closes <= opens else timedelta(0)
            if not is_day(day, one, holidays):
                continue
            begins, ends = first_at(opens), first_at(closes)
            step = (one["every_s"] or 7 * 86400) // 60
            found |= {minutes[begins], *(minutes[place] for place in range(begins, ends, step))}
    return sorted(at for at in found if span[0] <= at < span[1])


clocks = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
made_windows = st.fixed_dictionaries(
    {
        "days": st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True),
        "month_days": st.none() | st.lists(st.sampled_from([1, 15, 28, 29, 30, 31, -1]), min_size=1, unique=True),
        "starts": clocks,
        "ends": clocks,
        "every_s": st.none() | st.sampled_from([300, 2700, 3600, 5400, 86400]),
    }
)
days = st.one_of(
    st.dates(date(2024, 1, 3), date(2030, 12, 1)),
    # Days around which some of the zones change their clocks, and ends of months.
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5), date(2028, 2, 29), date(2026, 3, 8)]),
)


@given(
    windows=st.lists(made_windows, min_size=1, max_size=2),
    day=days,
    zone=st.sampled_from(ZONES),
    holiday=st.integers(-1, 2),
)
@example(
    windows=[{"days": list(DAILY), "month_days": None, "starts": "02:15", "ends": "02:45", "every_s": None}],
    day=date(2026, 3, 29),
    zone="Europe/Berlin",
    holiday=2,
)
@example(
    windows=[{"days": list(DAILY), "month_days": [-1], "starts": "23:30", "ends": "03:30", "every_s": 2700}],
    day=date(2026, 10, 24),
    zone="Europe/Berlin",
    holiday=2,
)
def test_rounds_are_due_when_somebody_who_watches_the_clock_would_say_so(
    windows: list[dict[str, Any]], day: date, zone: str, holiday: int
) -> None:
    """Over midnights, ends of months, holidays and changes of the clocks, in zones that change by an hour and less."""
    holidays = [day + holiday * DAY] if holiday >= 0 else []
    try:
        schedule = plan(*(PatrolWindow.model_validate(one) for one in windows), skip_holidays=True, holidays=holidays)
    except ValidationError as error:
        assert "overlap" in str(error)  # noqa: PT017 - any other refusal is a failure
        assume(False)
    start = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=12)
    span = (start, start + 2 * DAY)
    wanted = oracle(windows, holidays, span, zone)
    assert dues(schedule, "plan", *span, ZoneInfo(zone)) == wanted
    first = next_due(schedule, "plan", span[0] - MINUTE, ZoneInfo(zone))
    assert (first == wanted[0]) if wanted else (first is None or first >= span[1])


@settings(max_examples=20)
@given(windows=st.lists(made_windows, min_size=2, max_size=2))
def test_two_windows_are_refused_exactly_if_some_day_has_both_open(windows: list[dict[str, Any]]) -> None:
    """Whoever finds a minute of a year at which both are open has found a plan that is refused."""
    quarters: list[set[int]] = []
    first = date(2025, 1, 1)
    for one in windows:
        begins, ends = (int(one[key][:2]) * 4 + int(one[key][3:]) // 15 for key in ("starts", "ends"))
        length = (ends - begins) % 96 or 96
        on = [count for count in range(28 * 366) if is_day(first + count * DAY, one, [])]
        quarters.append({count * 96 + begins + step for count in on for step in range(length)})
    try:
        plan(*(PatrolWindow.model_validate(one) for one in windows))
    except ValidationError:
        assert quarters[0] & quarters[1]
    else:
        assert not quarters[0] & quarters[1]


@given(day=days, zone=st.sampled_from(ZONES), every=st.none() | st.sampled_from([1800, 5400]), id_=st.uuids())
def test_a_randomised_start_lies_in_its_share_and_stays(day: date, zone: str, every: int | None, id_: object) -> None:
    """Each round within its own part of the window, on a whole minute, and the same when it is asked for again."""
    night = window("22:00", "06:00", every_s=every, randomised=True)
    plain = window("22:00", "06:00", every_s=every)
    found = list(night.dues(day, str(id_), ZoneInfo(zone)))
    slots = [*plain.dues(day, str(id_), ZoneInfo(zone)), night.span(day, ZoneInfo(zone))[1]]
    assert len(found) == len(slots) - 1
    assert all(first <= at < last for at, first, last in zip(found, slots, slots[1:], strict=False))
    assert all(at.second == at.microsecond == 0 for at in found)
    again = PatrolWindow.model_validate_json(night.model_dump_json())
    assert list(again.dues(day, str(id_), ZoneInfo(zone))) == found


def test_randomised_starts_differ_from_day_to_day_and_from_plan_to_plan() -> None:
    """Nobody can tell from yesterday, nor from the neighbour, when the round comes; all hours of the night occur."""
    night = plan(window("22:00", "06:00", randomised=True))
    start, end = utc("2026-01-01"), utc("2026-12-31")
    one, other = (dues(night, id_, start, end, SHANGHAI) for id_ in ("one", "other"))
    assert {at.astimezone(SHANGHAI).hour for at in one} == {22, 23, 0, 1, 2, 3, 4, 5}
    assert sum(at in other for at in one) < len(one) / 20


def test_an_hour_that_comes_twice_has_its_rounds_twice() -> None:
    """On 25 October 2026 the clocks of Berlin show 02:00 to 03:00 twice: 00:00 and 01:00 UTC."""
    hourly = plan(window("02:00", "03:00", every_s=1800))
    found = dues(hourly, "plan", utc("2026-10-25"), utc("2026-10-26"), BERLIN)
    assert found == [utc(f"2026-10-25T{clock}") for clock in ("00:00", "00:30", "01:00", "01:30")]


def test_a_window_that_is_skipped_is_due_at_the_skip() -> None:
    """On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, which is 01:00 UTC; two such windows are one."""
    gone = plan(window("02:00", "02:30"), window("02:30", "02:45"))
    assert dues(gone, "plan", utc("2026-03-28T23:00"), utc("2026-03-29T22:00"), BERLIN) == [utc("2026-03-29T01:00")]


def test_the_last_day_of_the_month_is_found_in_every_month() -> None:
    """31, 30, and February with and without its leap day; the 31st itself is left out where there is none."""
    last = plan(window("09:00", "10:00", month_days=[-1]))
    assert told(last, "2028-01-01", "2028-05-31", SHANGHAI) == [
        "01-31 09:00",
        "02-29 09:00",
        "03-31 09:00",
        "04-30 09:00",
    ]
    on_31st = plan(window("09:00", "10:00", month_days=[31]))
    assert told(on_31st, "2026-01-01", "2026-06-01", SHANGHAI) == ["01-31 09:00", "03-31 09:00", "05-31 09:00"]


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """A holiday takes the night that begins on it; the one that has begun the evening before goes on."""
    night = plan(window("22:00", "02:00", every_s=7200), skip_holidays=True, holidays=["2026-10-01"])
    assert told(night, "2026-09-30", "2026-10-03", SHANGHAI) == [
        "09-30 22:00",
        "10-01 00:00",
        "10-02 22:00",
        "10-03 00:00",
    ]


def test_a_rare_day_is_found() -> None:
    """A Sunday that is the 31st is months away, or years where all that come first are holidays."""
    rare = plan(PatrolWindow(days=(6,), month_days=(31,), starts="08:00", ends="09:00"))
    assert next_due(rare, "plan", utc("2026-06-01"), SHANGHAI) == utc("2027-01-31T00:00")
    closed_days = [(date(2026, 1, 31) + count * DAY).isoformat() for count in range(1000)]
    closed = plan(
        PatrolWindow(days=(6,), month_days=(31,), starts="08:00", ends="09:00"),
        skip_holidays=True,
        holidays=closed_days,
    )
    assert next_due(closed, "plan", utc("2026-01-01"), SHANGHAI) == utc("2028-12-31T00:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": []},
        {"month_days": [0]},
        {"month_days": [32]},
        {"month_days": []},
        {"every_s": 299},
        {"every_s": 301},
        {"starts": "24:00"},
    ],
)
def test_windows_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    """No day, no such day of the month, rounds nobody could walk, a time that no clock shows."""
    with pytest.raises(ValidationError):
        window(**{"starts": "08:00", "ends": "10:00", **wrong})
