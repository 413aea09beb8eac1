"""What every rule evaluator must keep to."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from analytics.rule import AnyRule, Direction, RuleEvaluator
from analytics.rules.intrusion import IntrusionEvaluator
from analytics.rules.line_crossing import LineCrossingEvaluator
from analytics.rules.registry import evaluator_for
from analytics.schedule import Schedule, Window
from analytics.track import TrackState
from tests.fakes.tracks import ALWAYS, intrusion, line_crossing, walk

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_NIGHTS = Schedule(ZoneInfo("UTC"), (Window(frozenset(range(7)), time(22), time(6)),))
_OFFENCE = [(0.1 + 0.02 * step, 0.5) for step in range(25)]  # into the square and over the line


def _rules(schedule: Schedule = ALWAYS) -> list[AnyRule]:
    return [intrusion(schedule=schedule), line_crossing(schedule=schedule)]


@pytest.fixture(params=[0, 1], ids=["intrusion", "line-crossing"])
def kind(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def evaluator(kind: int) -> RuleEvaluator:
    return evaluator_for(_rules()[kind])


def _offend(evaluator: RuleEvaluator, *, state: TrackState = TrackState.CONFIRMED, label: str = "person") -> int:
    found = 0
    for count in range(1, len(_OFFENCE) + 1):
        track = walk(*_OFFENCE[:count], state=state, label=label)
        found += len(evaluator.evaluate([track], count * 0.2, _NOON))
    return found


def test_the_registry_knows_each_kind() -> None:
    """Every kind of rule has its evaluator."""
    made = [type(evaluator_for(rule)) for rule in _rules()]
    assert made == [IntrusionEvaluator, LineCrossingEvaluator]


def test_an_offence_is_told_once(evaluator: RuleEvaluator) -> None:
    """Each analysed frame after it adds nothing."""
    assert _offend(evaluator) == 1
    assert evaluator.evaluate([walk(*_OFFENCE)], 10.0, _NOON) == []


@pytest.mark.parametrize("state", [TrackState.TENTATIVE, TrackState.LOST, TrackState.ENDED])
def test_only_confirmed_tracks_offend(evaluator: RuleEvaluator, state: TrackState) -> None:
    """Nobody is accused on one detection, nor on none."""
    assert _offend(evaluator, state=state) == 0


def test_other_classes_do_not_offend(evaluator: RuleEvaluator) -> None:
    """A rule for persons ignores dogs."""
    assert _offend(evaluator, label="dog") == 0


def test_nothing_is_told_while_the_rule_is_not_armed(kind: int) -> None:
    """A rule for the night is silent at noon."""
    assert _offend(evaluator_for(_rules(_NIGHTS)[kind])) == 0


def test_a_reset_forgets_the_tracks(evaluator: RuleEvaluator) -> None:
    """In a new epoch the same id is somebody else."""
    assert _offend(evaluator) == 1
    evaluator.reset()
    assert _offend(evaluator) == 1


def test_no_tracks_no_violations(evaluator: RuleEvaluator) -> None:
    """An empty place is quiet."""
    assert list(evaluator.evaluate([], 0.0, _NOON)) == []


def test_directions_are_seen_from_first_to_last_point() -> None:
    """The line runs downwards in the picture, so its left hand is the picture's right."""
    assert _offend(evaluator_for(line_crossing(direction=Direction.RIGHT_TO_LEFT))) == 1
    assert _offend(evaluator_for(line_crossing(direction=Direction.LEFT_TO_RIGHT))) == 0
