"""Alerts scored as events: what happened and was told, what was missed, and what was told though it did not happen.

As in the i-LIDS scenario definitions (UK Home Office, Imagery Library for Intelligent Detection Systems) and NIST's
ActEV evaluation, an event is scored once, by its beginning: one alert of its rule within a window of time around the
onset, and here also near its place, is a hit. Every further alert is false.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from analytics.geometry import Point

EARLY_S = 1.0
"""A label is read off stills by eye, and a box's foot is not the foot: an alert may come this much before it."""
LATE_S = 5.0
"""An alert that comes later than this helps nobody on duty (ActEV scores what is told late as missed)."""
REACH = 0.15
"""Share of the picture between the labelled foot and the alert's, at most; more where objects are large and fast."""

_FORBIDDEN = 1e6


@dataclass(frozen=True, slots=True)
class Event:
    """What a rule must tell: `at_s` is the onset in media time, `place` the foot point in shares of the picture."""

    rule: str
    at_s: float
    place: Point
    what: str = ""
    reach: float = REACH


@dataclass(frozen=True, slots=True)
class Unsure:
    """A span in which it cannot be said by eye what the rule should tell: alerts in it are not scored."""

    rule: str
    from_s: float
    until_s: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An alert: when (media time) and where (foot point of its box)."""

    rule: str
    at_s: float
    place: Point


@dataclass(frozen=True, slots=True)
class Score:
    """The outcome over `duration_s` of one camera. Ratios of nothing are 1: who is asked nothing errs in nothing."""

    duration_s: float
    hits: tuple[tuple[Event, Told], ...] = ()
    missed: tuple[Event, ...] = ()
    false: tuple[Told, ...] = ()
    unscored: tuple[Told, ...] = ()

    @property
    def precision(self) -> float:
        """Share of the scored alerts that tell an event."""
        return _share(len(self.hits), len(self.hits) + len(self.false))

    @property
    def recall(self) -> float:
        """Share of the events that were told."""
        return _share(len(self.hits), len(self.hits) + len(self.missed))

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * len(self.hits), 2 * len(self.hits) + len(self.missed) + len(self.false))

    @property
    def false_per_hour(self) -> float:
        """False alerts per camera-hour; NaN for no time."""
        return len(self.false) * 3600 / self.duration_s if self.duration_s > 0 else math.nan

    @property
    def delays_s(self) -> tuple[float, ...]:
        """From onset to alert, of every hit, shortest first. Below zero where the alert came before the label."""
        return tuple(sorted(told.at_s - event.at_s for event, told in self.hits))


def score(events: Sequence[Event], told: Sequence[Told], unsure: Sequence[Unsure], duration_s: float) -> Score:
    """Gives each event at most one alert and each alert at most one event: as many as can be, then the nearest."""
    pairs = _pairs(events, told)
    used = {column for _, column in pairs}
    hit = {row for row, _ in pairs}
    rest = [one for column, one in enumerate(told) if column not in used]
    open_spans = [one for one in rest if any(_covers(span, one) for span in unsure)]
    return Score(
        duration_s,
        tuple((events[row], told[column]) for row, column in pairs),
        tuple(event for row, event in enumerate(events) if row not in hit),
        tuple(one for one in rest if one not in open_spans),
        tuple(open_spans),
    )


def together(scores: Sequence[Score]) -> Score:
    """Several cameras or rules as one: events, alerts and hours added up."""
    return Score(
        sum(one.duration_s for one in scores),
        tuple(pair for one in scores for pair in one.hits),
        tuple(event for one in scores for event in one.missed),
        tuple(told for one in scores for told in one.false),
        tuple(told for one in scores for told in one.unscored),
    )


def _pairs(events: Sequence[Event], told: Sequence[Told]) -> list[tuple[int, int]]:
    if not events or not told:
        return []
    costs = np.array([[_cost(event, one) for one in told] for event in events])
    rows, columns = (indexes.tolist() for indexes in linear_sum_assignment(costs))
    return [(row, column) for row, column in zip(rows, columns, strict=True) if costs[row, column] < _FORBIDDEN]


def _cost(event: Event, told: Told) -> float:
    delay_s = told.at_s - event.at_s
    apart = math.hypot(told.place.x - event.place.x, told.place.y - event.place.y)
    if event.rule != told.rule or not -EARLY_S <= delay_s <= LATE_S or apart > event.reach:
        return _FORBIDDEN
    return abs(delay_s) + apart


def _covers(span: Unsure, told: Told) -> bool:
    return span.rule == told.rule and span.from_s <= told.at_s <= span.until_s


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
