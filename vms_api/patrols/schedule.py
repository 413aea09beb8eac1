"""When the rounds of a patrol plan are due: exact over midnights, ends of months and changes of the clocks. Pure.

All times of a schedule are clock times of the site's zone. A round is due on a whole minute; where a window is passed
over by the clocks altogether, its round is due at the instant of the skip, for a duty does not lapse with an hour.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from vms_api.cameras.rule import ClockTime, Day
from vms_api.duty.civil_time import instant_of

LAST_DAY = -1
"""Among days of the month: the last one, whichever that is."""
MonthDay = Annotated[int, Field(ge=1, le=31)] | Literal[-1]
Interval = Annotated[int, Field(ge=300, le=86400, multiple_of=60)]
HORIZON_DAYS = 1500
"""So far ahead is looked for the next round: four years, which has the 31st on each day of the week."""
KEPT = "kept"
"""The context in which a schedule is read that was checked when it was stored: windows are not compared again."""
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
_DAY_MINUTES = 24 * 60
_REACH_DAYS = 2
"""A round is due at most so many days after the day on which its window opens, however the clocks are changed."""


class PatrolWindow(BaseModel):
    """A span of the day in which rounds are due; an end at or before the start lies on the next day.

    The window opens on the days of the week (Monday is 0) that are also one of `month_days`, if those are given. With
    `every_s` a round is due at the opening and each so many seconds after it, else one. `randomised`: each at a
    minute of its own share of the window, which nobody can foresee and which stays the same however often it is asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)]
    month_days: Annotated[tuple[MonthDay, ...], Field(min_length=1, max_length=32)] | None = None
    starts: ClockTime
    ends: ClockTime
    every_s: Interval | None = None
    randomised: bool = False

    def is_on(self, day: date) -> bool:
        """Whether the window opens on that day."""
        if day.weekday() not in self.days:
            return False
        if self.month_days is None or day.day in self.month_days:
            return True
        return LAST_DAY in self.month_days and _is_last(day)

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it opens on that day and closes again, UTC."""
        opens, closes = time.fromisoformat(self.starts), time.fromisoformat(self.ends)
        until = day if closes > opens else day + _DAY
        return instant_of(day, opens, zone), instant_of(until, closes, zone)

    def dues(self, day: date, plan_id: str, zone: ZoneInfo) -> Iterator[datetime]:
        """The instants at which rounds of the window that opens on that day are due, the earliest first."""
        opens, closes = self.span(day, zone)
        every = timedelta(seconds=self.every_s) if self.every_s else max(closes - opens, _MINUTE)
        at, slot = opens, 0
        while at < closes or slot == 0:
            minutes = max(1, (min(at + every, closes) - at) // _MINUTE)
            shift = _drawn(f"{plan_id}/{day.isoformat()}/{self.starts}/{slot}", minutes) if self.randomised else 0
            yield at + shift * _MINUTE
            at, slot = at + every, slot + 1

    @property
    def minutes(self) -> tuple[int, int]:
        """From and until which minute after the midnight before its opening it lasts, by the clock on the wall."""
        first, last = (_minute_of(text) for text in (self.starts, self.ends))
        return first, last if last > first else last + _DAY_MINUTES


class PatrolSchedule(BaseModel):
    """The windows of a plan. On `holidays`, with `skip_holidays`, no window opens; one that is open lasts on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    windows: Annotated[tuple[PatrolWindow, ...], Field(min_length=1, max_length=20)]
    skip_holidays: bool = False
    holidays: Annotated[tuple[date, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _is_plain(self, info: ValidationInfo) -> Self:
        is_new = info.context is not KEPT
        if is_new and any(_overlap(one, other) for one, other in combinations(self.windows, 2)):
            raise PydanticCustomError("windows_overlap", "two windows of the plan are open at the same time")
        return self

    def opening(self, day: date) -> Sequence[PatrolWindow]:
        """The windows that open on that day."""
        if self.skip_holidays and day in self.holidays:
            return ()
        return [window for window in self.windows if window.is_on(day)]


def next_due(schedule: PatrolSchedule, plan_id: str, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant later than `after` at which a round is due, UTC; None if there is none within HORIZON_DAYS."""
    first = after.astimezone(zone).date() - _REACH_DAYS * _DAY
    found: datetime | None = None
    for count in range(HORIZON_DAYS):
        day = first + count * _DAY
        opening = schedule.opening(day)
        if not opening:
            continue
        if found is not None and instant_of(day, time.min, zone) > found:
            break
        later = (at for window in opening for at in window.dues(day, plan_id, zone) if at > after)
        found = min(found, *later) if found is not None else min(later, default=None)
    return found


def dues(schedule: PatrolSchedule, plan_id: str, start: datetime, end: datetime, zone: ZoneInfo) -> Sequence[datetime]:
    """The instants of [start, end) at which rounds are due, the earliest first; two that meet are one."""
    first, last = start.astimezone(zone).date() - _REACH_DAYS * _DAY, end.astimezone(zone).date()
    days = (first + count * _DAY for count in range((last - first).days + 1))
    found = {at for day in days for window in schedule.opening(day) for at in window.dues(day, plan_id, zone)}
    return sorted(at for at in found if start <= at < end)


def _drawn(seed: str, count: int) -> int:
    """A number below `count` that belongs to the seed: the same after a restart, another for every plan and day."""
    return int.from_bytes(blake2b(seed.encode(), digest_size=8).digest()) % count


def _minute_of(clock: str) -> int:
    at = time.fromisoformat(clock)
    return at.hour * 60 + at.minute


def _is_last(day: date) -> bool:
    return (day + _DAY).day == 1


def _overlap(one: PatrolWindow, other: PatrolWindow) -> bool:
    """Whether there is a day on which both are open at the same time, by the clock on the wall."""
    return any(_meet(one, other, apart) for apart in (-1, 0, 1))


def _meet(one: PatrolWindow, other: PatrolWindow, apart: int) -> bool:
    """The same, of `one` opening on a day and `other` so many days later."""
    first, last = one.minutes
    begins, ends = (minute + apart * _DAY_MINUTES for minute in other.minutes)
    if max(first, begins) >= min(last, ends):
        return False
    return any(one.is_on(day) and other.is_on(day + apart * _DAY) for day in _kinds_of_days())


@lru_cache(maxsize=1)
def _kinds_of_days() -> Sequence[date]:
    """A day for each way in which it and its neighbours lie in week and month; 28 years have them all."""
    first = date(2001, 1, 1)
    kinds: dict[tuple[object, ...], date] = {}
    for count in range(28 * 366):
        day = first + count * _DAY
        near = [day + offset * _DAY for offset in (-1, 0, 1)]
        kinds.setdefault((day.weekday(), *((each.day, _is_last(each)) for each in near)), day)
    return list(kinds.values())
