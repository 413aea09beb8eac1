"""Who is on duty when, as a centre plans it: shifts of the week, and days on which somebody else comes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vms_api.cameras.rule import ClockTime, Day
from vms_api.duty.civil_time import instant_of

Id = Annotated[str, Field(min_length=1, max_length=64)]
ShiftName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
People = Annotated[list[Id], Field(max_length=50)]
HORIZON = timedelta(days=7)
"""How far ahead a roster is looked through for times that nobody covers."""


class Shift(BaseModel):
    """A span of some days of the week (Monday is 0) in the site's time zone. One that ends earlier ends a day later."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Id
    name: ShiftName
    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    starts: ClockTime
    ends: ClockTime
    user_ids: People

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.starts == self.ends:
            raise PydanticCustomError("shift_empty", "a shift starts and ends at different times; a whole day is two")
        return self


class ShiftException(BaseModel):
    """Who takes a shift that starts on that day, whatever the week says; nobody: it does not take place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: date
    shift_id: Id
    user_ids: People


class RosterIn(BaseModel):
    """The whole roster; `version` is the one that it was made from, 0 for the first."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=0)]
    shifts: Annotated[list[Shift], Field(max_length=50)]
    exceptions: Annotated[list[ShiftException], Field(max_length=1000)] = []

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        ids = [shift.id for shift in self.shifts]
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("shift_twice", "two shifts have the same id")
        if {exception.shift_id for exception in self.exceptions} - set(ids):
            raise PydanticCustomError("shift_unknown", "an exception is about a shift that the roster has not")
        days = [(exception.date, exception.shift_id) for exception in self.exceptions]
        if len(set(days)) < len(days):
            raise PydanticCustomError("exception_twice", "two exceptions are about the same shift of the same day")
        return self


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift of one day, from `starts` until before `ends`, UTC."""

    shift: Shift
    starts: datetime
    ends: datetime
    user_ids: Sequence[str]


class Span(BaseModel):
    """A time, from `starts` until before `ends`."""

    starts: AwareDatetime
    ends: AwareDatetime


class Overlap(Span):
    """A time that two shifts cover: allowed, and told."""

    shift_ids: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Roster:
    """A centre's shifts and exceptions."""

    version: int = 0
    shifts: Sequence[Shift] = ()
    exceptions: Sequence[ShiftException] = ()

    @property
    def user_ids(self) -> frozenset[str]:
        """Everybody on it."""
        lists = [*(shift.user_ids for shift in self.shifts), *(other.user_ids for other in self.exceptions)]
        return frozenset(id_ for people in lists for id_ in people)

    def document(self) -> dict[str, list[dict[str, Any]]]:
        """Shifts and exceptions as JSON."""
        return {
            "shifts": [shift.model_dump(mode="json") for shift in self.shifts],
            "exceptions": [exception.model_dump(mode="json") for exception in self.exceptions],
        }

    def turns(self, start: datetime, end: datetime, zone: ZoneInfo) -> Sequence[Turn]:
        """The turns that touch [start, end), the earliest first."""
        # A turn starts at most two days before it ends, however the clocks are changed.
        first, last = start.astimezone(zone).date() - timedelta(days=2), end.astimezone(zone).date()
        days = (first + timedelta(days=count) for count in range((last - first).days + 1))
        found = [
            turn for day in days for turn in self._turns_of(day, zone) if max(turn.starts, start) < min(turn.ends, end)
        ]
        return sorted(found, key=lambda turn: (turn.starts, turn.ends, turn.shift.id))

    def on_duty(self, at: datetime, zone: ZoneInfo) -> Sequence[Turn]:
        """The turns that go on at that instant."""
        return self.turns(at, at + timedelta(microseconds=1), zone)

    def gaps(self, start: datetime, zone: ZoneInfo, people: frozenset[str]) -> Sequence[Span]:
        """The times from `start` on to the horizon at which none of `people` has a turn."""
        end, covered, gaps = start + HORIZON, start, []
        for turn in self.turns(start, end, zone):
            if people.isdisjoint(turn.user_ids):
                continue
            if turn.starts > covered:
                gaps.append(Span(starts=covered, ends=turn.starts))
            covered = max(covered, turn.ends)
        return [*gaps, Span(starts=covered, ends=end)] if covered < end else gaps

    def overlaps(self, start: datetime, zone: ZoneInfo) -> Sequence[Overlap]:
        """The times from `start` on to the horizon that two turns cover."""
        turns = self.turns(start, start + HORIZON, zone)
        return [
            Overlap(
                starts=second.starts, ends=min(first.ends, second.ends), shift_ids=(first.shift.id, second.shift.id)
            )
            for first, second in combinations(turns, 2)
            if second.starts < first.ends
        ]

    def _turns_of(self, day: date, zone: ZoneInfo) -> Iterator[Turn]:
        instead = {exception.shift_id: exception.user_ids for exception in self.exceptions if exception.date == day}
        for shift in self.shifts:
            people = instead.get(shift.id, shift.user_ids if day.weekday() in shift.days else [])
            if not people:
                continue
            starts, ends = time.fromisoformat(shift.starts), time.fromisoformat(shift.ends)
            last_day = day if starts < ends else day + timedelta(days=1)
            yield Turn(shift, instant_of(day, starts, zone), instant_of(last_day, ends, zone), people)
