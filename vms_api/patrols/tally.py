"""How rounds were walked and what they found, counted. Pure: rounds in, figures out.

A round counts on the day on which it was due. Rounds that are not over yet are told apart (`open`) and are in no share.
Figures are of rounds and places: by person they say who walked which rounds, and nothing about anybody's manner.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vms_api.duty.civil_time import instant_of
from vms_api.patrols.round_lifecycle import OPEN, RoundState
from vms_api.patrols.round_stop import StopVerdict
from vms_api.reports.alert_tally import ShareOf, Times, Window, percentile, share_of

PatrolGrouping = Literal["person", "centre", "plan", "week", "day"]
Finding = Literal["abnormal", "camera-fault", "cannot-judge", "unreachable"]
FINDINGS: Sequence[Finding] = ("abnormal", "camera-fault", "cannot-judge", "unreachable")
_US = 1_000_000


class StopFact(NamedTuple):
    """A stop that was judged or could not be reached; `closed_us` is when what it opened was closed."""

    camera_id: str
    verdict: str | None
    is_unreachable: bool
    judged_us: int | None
    closed_us: int | None
    has_opened: bool


class RoundFact(NamedTuple):
    """As much of a round as is counted; times are microseconds since 1970 UTC. `planned`: the cameras of its plan."""

    plan_id: str
    plan_name: str
    area_id: str
    state: str
    due_us: int
    is_late: bool
    user_id: str | None
    user_name: str | None
    excuses: int
    stops: Sequence[StopFact]
    planned: frozenset[str]


class FindingClosure(Times, frozen=True):
    """From the verdict to the closing of the alert or ticket that it opened; `open` are not closed yet."""

    open: int


class PatrolFigures(BaseModel, frozen=True):
    """The rounds of a group. `late` were under way past their deadline; `excused` have an excuse, and still count.

    `completion`: completed of those that are over. `punctuality`: completed in time of those that were completed.
    `cameras` were judged at least once, on whatever route; `coverage`: those of the plans' own cameras that were. Days
    and weeks have their `window`.
    """

    key: str
    name: str
    window: Window | None = None
    due: int
    open: int
    completed: int
    missed: int
    late: int
    aborted: int
    abandoned: int
    excused: int
    completion: ShareOf
    punctuality: ShareOf
    cameras: int
    coverage: ShareOf
    findings: Mapping[str, int]
    closure: FindingClosure


@dataclass(slots=True)
class _Group:
    states: Counter[str] = field(default_factory=Counter)
    late: int = 0
    excused: int = 0
    in_time: int = 0
    cameras: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)
    findings: Counter[str] = field(default_factory=Counter)
    closure_s: list[float] = field(default_factory=list)
    not_closed: int = 0

    def add(self, fact: RoundFact) -> None:
        self.states[fact.state] += 1
        self.late += fact.is_late
        self.excused += fact.excuses > 0
        self.in_time += fact.state == RoundState.COMPLETED and not fact.is_late
        self.planned |= fact.planned
        for stop in fact.stops:
            self._look(stop)

    def _look(self, stop: StopFact) -> None:
        if stop.verdict is not None:
            self.cameras.add(stop.camera_id)
        if stop.is_unreachable:
            self.findings["unreachable"] += 1
        elif stop.verdict is not None and stop.verdict != StopVerdict.NORMAL:
            self.findings[stop.verdict] += 1
        if stop.has_opened and stop.judged_us is not None:
            if stop.closed_us is None:
                self.not_closed += 1
            else:
                self.closure_s.append(max(0, stop.closed_us - stop.judged_us) / _US)

    def join(self, other: "_Group") -> None:
        self.states += other.states
        self.late += other.late
        self.excused += other.excused
        self.in_time += other.in_time
        self.cameras |= other.cameras
        self.planned |= other.planned
        self.findings += other.findings
        self.closure_s += other.closure_s
        self.not_closed += other.not_closed

    def figures(self, key: str, name: str, window: Window | None) -> PatrolFigures:
        waiting = sum(self.states[state] for state in OPEN)
        completed = self.states[RoundState.COMPLETED]
        ordered = sorted(self.closure_s)
        return PatrolFigures(
            key=key,
            name=name,
            window=window,
            due=self.states.total(),
            open=waiting,
            completed=completed,
            missed=self.states[RoundState.MISSED],
            late=self.late,
            aborted=self.states[RoundState.ABORTED],
            abandoned=self.states[RoundState.ABANDONED],
            excused=self.excused,
            completion=share_of(completed, self.states.total() - waiting),
            punctuality=share_of(self.in_time, completed),
            cameras=len(self.cameras),
            coverage=share_of(len(self.cameras & self.planned), len(self.planned)),
            findings={kind: self.findings[kind] for kind in FINDINGS},
            closure=FindingClosure(
                count=len(ordered), p50_s=percentile(ordered, 50), p90_s=percentile(ordered, 90), open=self.not_closed
            ),
        )


class PatrolTally:
    """Takes rounds one by one and holds the figures of each group. `centre_of`: an area's centre, by id and name."""

    def __init__(self, by: PatrolGrouping, zone: ZoneInfo, centre_of: Callable[[str], tuple[str, str]]) -> None:
        self._by = by
        self._zone = zone
        self._centre_of = centre_of
        self._groups: dict[str, _Group] = {}
        self._names: dict[str, str] = {}

    def add(self, facts: Iterable[RoundFact]) -> None:
        """Counts them, in the order of their due times: the latest name of a group is the one that is shown."""
        for fact in facts:
            key, name = self._key_of(fact)
            self._names[key] = name
            self._groups.setdefault(key, _Group()).add(fact)

    def items(self) -> Sequence[PatrolFigures]:
        """The figures of each group: days and weeks in their order, all others by their names."""
        found = [group.figures(key, self._names[key], self._window(key)) for key, group in self._groups.items()]
        by_time = self._by in {"day", "week"}
        return sorted(found, key=lambda figures: ("" if by_time else figures.name, figures.key))

    def total(self) -> PatrolFigures:
        """The figures of all together."""
        whole = _Group()
        for group in self._groups.values():
            whole.join(group)
        return whole.figures("", "", None)

    def _key_of(self, fact: RoundFact) -> tuple[str, str]:
        match self._by:
            case "person":
                return fact.user_id or "", fact.user_name or ""
            case "centre":
                return self._centre_of(fact.area_id)
            case "plan":
                return fact.plan_id, fact.plan_name
        day = datetime.fromtimestamp(fact.due_us / _US, UTC).astimezone(self._zone).date()
        key = day.isoformat() if self._by == "day" else _monday_of(day).isoformat()
        return key, key if self._by == "day" else _week_name(day)

    def _window(self, key: str) -> Window | None:
        if self._by not in {"day", "week"}:
            return None
        first = date.fromisoformat(key)
        last = first + timedelta(days=1 if self._by == "day" else 7)
        ends = [instant_of(day, time.min, self._zone) for day in (first, last)]
        return Window.model_validate({"from": ends[0], "to": ends[1]})


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week_name(day: date) -> str:
    """As ISO 8601 (2019, clause 5.2.4) writes a week: 2026-W07."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"
