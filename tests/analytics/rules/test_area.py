"""Who stays in an area, who stops there, and what burns."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from analytics.geometry import Box
from analytics.rule import FireRule, LoiteringRule, StoppedVehicleRule
from analytics.rules.manners import LOITERING_GRACE_S
from analytics.rules.registry import evaluator_for
from analytics.track import TrackState
from tests.fakes.tracks import area_rule, walk

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_IN, _OUT = (0.5, 0.5), (0.1, 0.5)


@given(st.lists(st.floats(0.1, 0.9 * LOITERING_GRACE_S), min_size=1, max_size=20))
def test_a_few_steps_outside_are_the_same_stay(outings_s: list[float]) -> None:
    """Who paces to and fro is told when the whole stay has lasted long enough."""
    evaluator, now_s, told_s = evaluator_for(area_rule(LoiteringRule, dwell_s=30.0)), 0.0, []
    for outing_s in [*outings_s, *[1.0] * 40]:
        for place in (_IN, _OUT):
            if evaluator.evaluate([walk(place)], now_s, _NOON):
                told_s.append(now_s)
            now_s += outing_s if place == _OUT else 0.2
        evaluator.evaluate([walk(_IN)], now_s, _NOON)
    assert len(told_s) <= 1
    assert all(at >= 30.0 for at in told_s)


def test_who_goes_away_begins_anew() -> None:
    """Longer outside than the grace is a new stay; hidden behind a lorry is not."""
    evaluator = evaluator_for(area_rule(LoiteringRule, dwell_s=20.0))
    away_s = 10.0 + LOITERING_GRACE_S + 1
    for now_s, place in ((0.0, _IN), (10.0, _IN), (10.5, _OUT), (away_s, _OUT), (away_s + 1, _IN), (22.0, _IN)):
        assert not evaluator.evaluate([walk(place)], now_s, _NOON)
    assert not evaluator.evaluate([walk(_IN, state=TrackState.LOST)], 36.0, _NOON)
    assert len(evaluator.evaluate([walk(_IN)], away_s + 21.1, _NOON)) == 1


def test_the_next_one_at_that_place_is_somebody_else() -> None:
    """The stay belongs to the object: two who follow one another have not stayed."""
    evaluator = evaluator_for(area_rule(LoiteringRule, dwell_s=20.0))
    for second in range(40):
        assert not evaluator.evaluate([walk(_IN, track_id=1 + second // 15)], float(second), _NOON)


def test_what_rolls_does_not_stand() -> None:
    """The time counts from the standstill, not from the entry."""
    evaluator = evaluator_for(area_rule(StoppedVehicleRule, dwell_s=10.0))
    for second in range(30):
        assert not evaluator.evaluate([walk(_IN, still_since_s=float(second))], float(second), _NOON)
    told = [bool(evaluator.evaluate([walk(_IN, still_since_s=30.0)], at, _NOON)) for at in (35.0, 39.9, 40.0, 90.0)]
    assert told == [False, False, True, False]


def test_what_stood_outside_before_counts_from_its_entry() -> None:
    """A zone drawn anew over a parked car waits its time."""
    evaluator = evaluator_for(area_rule(StoppedVehicleRule, dwell_s=10.0))
    told = [bool(evaluator.evaluate([walk(_IN, still_since_s=0.0)], at, _NOON)) for at in (100.0, 109.0, 110.0)]
    assert told == [False, False, True]


def test_fire_is_judged_by_its_middle() -> None:
    """Smoke that rises from beyond the lower edge of the zone is in the zone."""
    evaluator = evaluator_for(area_rule(FireRule, labels=frozenset({"smoke"})))
    smoke = replace(walk((0.5, 0.5), label="smoke"), box=Box(0.4, 0.3, 0.6, 0.95))
    assert len(evaluator.evaluate([smoke], 0.0, _NOON)) == 1
