"""Objects left alone and objects taken away."""

from datetime import UTC, datetime

from analytics.detection import GONE_OBJECT, LEFT_OBJECT
from analytics.rule import AbandonedObjectRule, ObjectRemovedRule, RuleEvaluator
from analytics.rules.registry import evaluator_for
from analytics.track import Track, TrackState
from tests.fakes.tracks import area_rule, walk

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_BAG = walk((0.5, 0.5), label=LEFT_OBJECT, track_id=-1, still_since_s=0.0)
_OWNER_BESIDE = walk((0.57, 0.5))
_OWNER_AWAY = walk((0.8, 0.5))


def _abandoned(*labels: str, dwell_s: float = 30.0) -> RuleEvaluator:
    return evaluator_for(area_rule(AbandonedObjectRule, dwell_s=dwell_s, labels=frozenset(labels or {"motion"})))


def _removed() -> RuleEvaluator:
    return evaluator_for(area_rule(ObjectRemovedRule, dwell_s=30.0, labels=frozenset({"motion"})))


def _told_s(evaluator: RuleEvaluator, *phases: tuple[int, list[Track]]) -> list[int]:
    """The seconds at which it is told; each phase is its end and what is seen until then."""
    told, second = [], 0
    for end_s, tracks in phases:
        while second < end_s:
            told.extend(second for _ in evaluator.evaluate(tracks, float(second), _NOON))
            second += 1
    return told


def test_the_time_runs_from_when_the_owner_is_gone() -> None:
    """A bag beside its owner is no news; thirty seconds alone are."""
    assert _told_s(_abandoned(), (60, [_BAG, _OWNER_BESIDE]), (120, [_BAG, _OWNER_AWAY])) == [89]


def test_who_comes_back_stops_the_time() -> None:
    """And the next absence counts from its own beginning."""
    phases = ((20, [_BAG]), (25, [_BAG, _OWNER_BESIDE]), (50, [_BAG]), (80, [_BAG]))
    assert _told_s(_abandoned(), *phases) == [54]


def test_a_parked_car_is_not_an_unnamed_object() -> None:
    """What a named track stands for has a name, also while the model does not see it."""
    for state in (TrackState.CONFIRMED, TrackState.HIDDEN):
        car = walk((0.5, 0.51), label="car", state=state, still_since_s=0.0)
        assert _told_s(_abandoned(), (100, [_BAG, car])) == []


def test_a_parked_car_beside_it_attends_nothing() -> None:
    """Only people, and what moves, look after a thing."""
    car = walk((0.6, 0.5), label="car", still_since_s=-100.0)
    assert len(_told_s(_abandoned(), (100, [_BAG, car]))) == 1


def test_things_with_a_name_may_be_abandoned_too() -> None:
    """A rule for bicycles tells one that stands alone, and no bag."""
    bicycle = walk((0.5, 0.5), label="bicycle", still_since_s=0.0)
    assert len(_told_s(_abandoned("bicycle"), (100, [bicycle]))) == 1
    assert _told_s(_abandoned("bicycle"), (100, [_BAG])) == []
    rolling = [(second + 1, [walk((0.5, 0.5), label="bicycle", still_since_s=second)]) for second in range(100)]
    assert _told_s(_abandoned("bicycle"), *rolling) == []


def test_what_is_outside_is_of_no_interest() -> None:
    """The zone is the place that is watched."""
    outside = walk((0.1, 0.5), label=LEFT_OBJECT, track_id=-1, still_since_s=0.0)
    assert _told_s(_abandoned(), (100, [outside])) == []


def test_a_guarded_thing_that_is_gone_is_told() -> None:
    """Not while somebody stands before it: then nobody knows. What was put there is another rule's matter."""
    gone = walk((0.5, 0.5), label=GONE_OBJECT, track_id=-1, still_since_s=0.0)
    before = walk((0.5, 0.52))
    assert _told_s(_removed(), (20, [gone, before]), (80, [gone, _OWNER_AWAY])) == [49]
    assert _told_s(_removed(), (100, [_BAG])) == []
