"""How alerts were answered and what they turned out to be, counted. Pure: rows in, figures out.

A card is the first alert of an incident: what somebody had to look at. Its repeats count only as raised. Times are
those of cards; tests and duplicates have none, and what was taken on before it was raised (a clock that was wrong) is
left out and said. A share or a time of nothing is None, never nought.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vms_api.alerts.handling import Verdict
from vms_api.alerts.incident import DONE
from vms_api.alerts.judgement import judgement_of
from vms_api.alerts.lifecycle import AlertState

GroupBy = Literal["rule", "camera", "centre", "day"]
Key = tuple[str, str]
"""What a group is told apart by, and its name."""

_US = 1_000_000
_UNMEASURED = {Verdict.TEST, Verdict.DUPLICATE}


class AlertFact(NamedTuple):
    """As much of an alert as is counted; times are microseconds since 1970 UTC."""

    rule_id: str
    rule_name: str
    camera_id: str
    camera_name: str
    centre_id: str | None
    centre_name: str | None
    raised_us: int
    acknowledged_us: int | None
    resolved_us: int | None
    state: str
    verdict: str | None
    is_overdue: bool
    is_card: bool


class Times(BaseModel, frozen=True):
    """Nearest-rank percentiles in seconds, of so many; None of nothing."""

    count: int
    p50_s: float | None
    p90_s: float | None


class ShareOf(BaseModel, frozen=True):
    """A share with what it is made of; None where there is nothing to divide by."""

    numerator: int
    denominator: int
    share: float | None


class Window(BaseModel, frozen=True):
    """What was raised in [from, to)."""

    since: Annotated[datetime, Field(alias="from", serialization_alias="from")]
    until: Annotated[datetime, Field(alias="to", serialization_alias="to")]

    @classmethod
    def of_day(cls, day: str, zone: ZoneInfo) -> Self:
        """From midnight to midnight on the clocks of the zone."""
        begin = datetime.fromisoformat(day)
        ends = [midnight.replace(tzinfo=zone).astimezone(UTC) for midnight in (begin, begin + timedelta(days=1))]
        return cls.model_validate({"from": ends[0], "to": ends[1]})


class AlertFigures(BaseModel, frozen=True):
    """What was raised, how far its handling has come, and what it was. All but `raised` and `duplicate` are of cards.

    `acknowledged`, `resolved` and `closed` have come at least so far; `open` is what is not reported as handled. A day
    has its `window`.
    """

    key: str
    name: str
    window: Window | None = None
    raised: int
    cards: int
    acknowledged: int
    resolved: int
    closed: int
    open: int
    overdue: int
    true: int
    false: int
    duplicate: int
    test: int
    false_share: ShareOf
    acknowledge: Times
    resolve: Times


class Exclusions(BaseModel, frozen=True):
    """What is left out of the times, and how many that were."""

    repeats: int
    tests: int
    duplicates: int
    wrong_clock: int


@dataclass(slots=True)
class _Group:
    raised: int = 0
    states: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    overdue: int = 0
    acknowledge_s: "array[float]" = field(default_factory=lambda: array("d"))
    resolve_s: "array[float]" = field(default_factory=lambda: array("d"))


class AlertTally:
    """Takes alerts one by one and holds the figures of each group; memory is a few bytes an alert."""

    def __init__(self, by: GroupBy, zone: ZoneInfo) -> None:
        self._by = by
        self._zone = zone
        self._key_of: Callable[[AlertFact], Key] = _key_of_day(zone) if by == "day" else _KEYS[by]
        self._groups: dict[str, _Group] = {}
        self._names: dict[str, str] = {}
        self._left_out: Counter[str] = Counter()

    def add(self, facts: Iterable[AlertFact]) -> None:
        """Counts them, in the order of raising: the latest name of a group is the one that is shown."""
        for fact in facts:
            key, name = self._key_of(fact)
            self._names[key] = name
            self._count(self._groups.setdefault(key, _Group()), fact)

    def items(self) -> Sequence[AlertFigures]:
        """The figures of each group: days in their order, all others by how much they raised."""
        found = [_figures(key, self._names[key], group) for key, group in self._groups.items()]
        if self._by == "day":
            days = (day.model_copy(update={"window": Window.of_day(day.key, self._zone)}) for day in found)
            return sorted(days, key=lambda figures: figures.key)
        return sorted(found, key=lambda figures: (-figures.raised, figures.name, figures.key))

    def total(self) -> AlertFigures:
        """The figures of all together."""
        whole = _Group()
        for group in self._groups.values():
            whole.raised += group.raised
            whole.overdue += group.overdue
            whole.duplicates += group.duplicates
            whole.states += group.states
            whole.verdicts += group.verdicts
            whole.acknowledge_s += group.acknowledge_s
            whole.resolve_s += group.resolve_s
        return _figures("", "", whole)

    def exclusions(self) -> Exclusions:
        """What the times leave out."""
        return Exclusions(**{name: self._left_out[name] for name in Exclusions.model_fields})

    def _count(self, group: _Group, fact: AlertFact) -> None:
        group.raised += 1
        group.duplicates += fact.verdict == Verdict.DUPLICATE
        if not fact.is_card:
            self._left_out["duplicates" if fact.verdict == Verdict.DUPLICATE else "repeats"] += 1
            return
        group.states[fact.state] += 1
        group.overdue += fact.is_overdue
        if fact.verdict is not None:
            group.verdicts[fact.verdict] += 1
        if fact.verdict in _UNMEASURED:
            self._left_out["tests" if fact.verdict == Verdict.TEST else "duplicates"] += 1
            return
        self._measure(group, fact)

    def _measure(self, group: _Group, fact: AlertFact) -> None:
        taken = [(fact.acknowledged_us, group.acknowledge_s)]
        if fact.state in DONE:
            taken.append((fact.resolved_us, group.resolve_s))
        measured = [((at - fact.raised_us) / _US, into) for at, into in taken if at is not None]
        if any(seconds < 0 for seconds, _ in measured):
            self._left_out["wrong_clock"] += 1
            return
        for seconds, into in measured:
            into.append(seconds)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile: the smallest value that at least so many of a hundred do not exceed."""
    return sorted(values)[-(-len(values) * percent // 100) - 1] if values else None


def share_of(numerator: int, denominator: int) -> ShareOf:
    """The share, if there is anything to divide by."""
    return ShareOf(numerator=numerator, denominator=denominator, share=numerator / denominator if denominator else None)


def times_of(values: Sequence[float]) -> Times:
    """How many there are, and two percentiles of them."""
    ordered = sorted(values)
    return Times(count=len(ordered), p50_s=percentile(ordered, 50), p90_s=percentile(ordered, 90))


def _figures(key: str, name: str, group: _Group) -> AlertFigures:
    cards = group.states.total()
    done = sum(group.states[state] for state in DONE)
    judged = judgement_of(group.verdicts)
    return AlertFigures(
        key=key,
        name=name,
        raised=group.raised,
        cards=cards,
        acknowledged=cards - group.states[AlertState.NEW],
        resolved=done,
        closed=group.states[AlertState.CLOSED],
        open=cards - done,
        overdue=group.overdue,
        true=judged.true,
        false=judged.false,
        duplicate=group.duplicates,
        test=group.verdicts[Verdict.TEST],
        false_share=share_of(judged.false, judged.total),
        acknowledge=times_of(group.acknowledge_s),
        resolve=times_of(group.resolve_s),
    )


def _key_of_day(zone: ZoneInfo) -> Callable[[AlertFact], Key]:
    """The day of raising on the clocks of the site."""

    def key_of(fact: AlertFact) -> Key:
        day = datetime.fromtimestamp(fact.raised_us / _US, UTC).astimezone(zone).date().isoformat()
        return day, day

    return key_of


_KEYS: Mapping[str, Callable[[AlertFact], Key]] = {
    "rule": lambda fact: (fact.rule_id, f"{fact.rule_name} · {fact.camera_name}"),
    "camera": lambda fact: (fact.camera_id, fact.camera_name),
    "centre": lambda fact: (fact.centre_id or "", fact.centre_name or ""),
}
