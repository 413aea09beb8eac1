"""Scoring of alerts as events."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.geometry import Point
from benchmarks.event_score import EARLY_S, LATE_S, REACH, Event, Score, Told, Unsure, score, together

_HERE = Point(0.5, 0.5)


def _event(at_s: float, rule: str = "gate", place: Point = _HERE) -> Event:
    return Event(rule, at_s, place)


def _told(at_s: float, rule: str = "gate", place: Point = _HERE) -> Told:
    return Told(rule, at_s, place)


def test_one_alert_in_time_and_place_is_a_hit() -> None:
    """Its delay is told, nothing is missed and nothing false."""
    outcome = score([_event(10)], [_told(10.6)], [], 60)
    assert (outcome.precision, outcome.recall, outcome.f1) == (1, 1, 1)
    assert outcome.delays_s == (pytest.approx(0.6),)


def test_a_second_alert_of_the_same_event_is_false() -> None:
    """Each event is told once; the nearest alert counts."""
    outcome = score([_event(10)], [_told(10.4), _told(12)], [], 3600)
    assert [one.at_s for one in outcome.false] == [12]
    assert outcome.false_per_hour == 1


@pytest.mark.parametrize(
    "told",
    [
        _told(10 - EARLY_S - 0.1),
        _told(10 + LATE_S + 0.1),
        _told(10, rule="lawn"),
        _told(10, place=Point(0.5 + REACH + 0.01, 0.5)),
    ],
)
def test_what_is_too_early_too_late_elsewhere_or_of_another_rule_is_both_missed_and_false(told: Told) -> None:
    """Neither recall nor precision gets anything for it."""
    outcome = score([_event(10)], [told], [], 60)
    assert (len(outcome.hits), len(outcome.missed), len(outcome.false), outcome.f1) == (0, 1, 1, 0)


def test_two_events_close_in_time_both_get_their_alert() -> None:
    """The nearest alert of the first event is also the only one for the second: both are matched all the same."""
    outcome = score([_event(10), _event(11.2)], [_told(9.2), _told(10.3)], [], 60)
    assert len(outcome.hits) == 2


def test_an_alert_in_an_unsure_span_is_not_scored() -> None:
    """Unless it tells a labelled event: then it is a hit."""
    spans = [Unsure("gate", 20, 30)]
    outcome = score([_event(21)], [_told(21.2), _told(25), _told(25, rule="lawn")], spans, 60)
    assert (len(outcome.hits), len(outcome.unscored), len(outcome.false)) == (1, 1, 1)


def test_nothing_asked_and_nothing_told_is_perfect() -> None:
    """Only a rate over no time at all is not a number."""
    outcome = score([], [], [], 0)
    assert (outcome.precision, outcome.recall, outcome.f1) == (1, 1, 1)
    assert math.isnan(outcome.false_per_hour)


def test_scores_add_up() -> None:
    """Hours, hits and mistakes of several cameras are those of one."""
    whole = together([score([_event(1)], [_told(1)], [], 1800), score([_event(1)], [_told(9)], [], 1800)])
    assert (len(whole.hits), len(whole.missed), len(whole.false), whole.false_per_hour) == (1, 1, 1, 1)


_TIMES = st.lists(st.floats(0, 40), max_size=6)


@given(_TIMES, _TIMES)
def test_every_event_and_every_alert_is_counted_once(events: list[float], told: list[float]) -> None:
    """Hits and misses are the events, hits and false alerts the alerts, whatever comes."""
    outcome: Score = score([_event(at) for at in events], [_told(at) for at in told], [], 60)
    assert len(outcome.hits) + len(outcome.missed) == len(events)
    assert len(outcome.hits) + len(outcome.false) == len(told)
    assert 0 <= outcome.f1 <= 1
