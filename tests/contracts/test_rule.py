"""What every rule evaluator must keep to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert import RuleKind
from analytics.detection import GONE_OBJECT, LEFT_OBJECT
from analytics.geometry import Box
from analytics.rule import Direction, RuleEvaluator, SizeRange
from analytics.rules.registry import evaluator_for
from analytics.schedule import Schedule, Window
from analytics.track import Track, TrackState
from tests.fakes.tracks import line_crossing, rules_of_every_kind, walk

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_NIGHTS = Schedule(ZoneInfo("UTC"), (Window(frozenset(range(7)), time(22), time(6)),))
_WALK = [(0.1 + 0.02 * step, 0.5) for step in range(25)]  # into the square, over the line and against the way
_WALKED = {"intrusion", "line_crossing", "wrong_way"}
_LABELS = {"abandoned_object": LEFT_OBJECT, "object_removed": GONE_OBJECT, "fire": "smoke"}
_STEP_S = 0.4


@pytest.fixture(params=sorted(rules_of_every_kind()))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def evaluator(kind: str) -> RuleEvaluator:
    return evaluator_for(rules_of_every_kind()[kind])


def _offence(kind: str, **changed: object) -> Iterator[tuple[float, Track]]:
    """Ten seconds of what the kind of rule objects to."""
    label = _LABELS.get(kind, "person")
    for count in range(1, len(_WALK) + 1):
        feet = _WALK[:count] if kind in _WALKED else [(0.5, 0.5)] * count
        track = walk(*feet, label=label, still_since_s=_STEP_S * count if kind in _WALKED else 0.0)
        yield count * _STEP_S, replace(track, **changed)  # type: ignore[arg-type]


def _offend(evaluator: RuleEvaluator, kind: str, **changed: object) -> int:
    return sum(len(evaluator.evaluate([track], now_s, _NOON)) for now_s, track in _offence(kind, **changed))


def test_every_kind_has_its_evaluator() -> None:
    """And names itself in what it tells."""
    kinds = rules_of_every_kind()
    assert set(kinds) == {kind.value for kind in RuleKind}
    for kind, rule in kinds.items():
        evaluator = evaluator_for(rule)
        told = [one for at, track in _offence(kind) for one in evaluator.evaluate([track], at, _NOON)]
        assert [(violation.kind, violation.rule) for violation in told] == [(kind, rule)]


def test_an_offence_is_told_once(evaluator: RuleEvaluator, kind: str) -> None:
    """Each analysed frame after it adds nothing."""
    assert _offend(evaluator, kind) == 1
    *_, (now_s, last) = _offence(kind)
    assert evaluator.evaluate([last], now_s + 60.0, _NOON) == []


@pytest.mark.parametrize("state", [TrackState.TENTATIVE, TrackState.LOST, TrackState.HIDDEN, TrackState.ENDED])
def test_only_confirmed_tracks_offend(evaluator: RuleEvaluator, kind: str, state: TrackState) -> None:
    """Nobody is accused on one detection, nor on none."""
    assert _offend(evaluator, kind, state=state) == 0


def test_other_classes_do_not_offend(evaluator: RuleEvaluator, kind: str) -> None:
    """A rule for persons ignores dogs."""
    assert _offend(evaluator, kind, label="dog") == 0


@pytest.mark.parametrize("size", [SizeRange(least=0.2), SizeRange(most=0.1)])
def test_other_sizes_do_not_offend(kind: str, size: SizeRange) -> None:
    """The object is 0.15 of the picture high: too small for one rule, too large for the other."""
    rule = replace(rules_of_every_kind()[kind], size=size)
    assert _offend(evaluator_for(rule), kind) == 0
    fitting = replace(rule, size=SizeRange(0.1, 0.2))
    assert _offend(evaluator_for(fitting), kind) == 1


def test_nothing_is_told_while_the_rule_is_not_armed(kind: str) -> None:
    """A rule for the night is silent at noon."""
    assert _offend(evaluator_for(rules_of_every_kind(_NIGHTS)[kind]), kind) == 0


def test_a_reset_forgets_the_tracks(evaluator: RuleEvaluator, kind: str) -> None:
    """After a long silence the same id is somebody else."""
    assert _offend(evaluator, kind) == 1
    evaluator.reset()
    assert _offend(evaluator, kind) == 1


def test_no_tracks_no_violations(evaluator: RuleEvaluator) -> None:
    """An empty place is quiet."""
    assert list(evaluator.evaluate([], 0.0, _NOON)) == []


def test_a_hundred_offenders_are_told_one_by_one(kind: str) -> None:
    """Each once; nobody counts them together."""
    evaluator = evaluator_for(rules_of_every_kind()[kind])
    told = [
        violation.track.id
        for now_s, track in _offence(kind)
        for violation in evaluator.evaluate([replace(track, id=key) for key in range(1, 101)], now_s, _NOON)
    ]
    assert sorted(told) == list(range(1, 101))


@given(st.sampled_from(sorted(rules_of_every_kind())), st.tuples(*[st.floats()] * 4))
def test_absurd_boxes_harm_nobody(kind: str, edges: tuple[float, float, float, float]) -> None:
    """Whatever one track's box holds, NaN included, the other track is judged as ever."""
    evaluator = evaluator_for(rules_of_every_kind()[kind])
    absurd = replace(walk((0.5, 0.5)), id=99, state=TrackState.CONFIRMED, box=Box(*edges), label="bird")
    told = sum(
        sum(one.track.id == 1 for one in evaluator.evaluate([track, absurd], at, _NOON)) for at, track in _offence(kind)
    )
    assert told == 1 or kind in _LABELS


def test_directions_are_seen_from_first_to_last_point() -> None:
    """The line runs downwards in the picture, so its left hand is the picture's right."""
    back = evaluator_for(line_crossing(direction=Direction.RIGHT_TO_LEFT))
    there = evaluator_for(line_crossing(direction=Direction.LEFT_TO_RIGHT))
    assert _offend(back, "line_crossing") == 1
    assert _offend(there, "line_crossing") == 0
