"""Somebody crosses a line."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics.rule import Direction
from analytics.rules.line_crossing import MARGIN, LineCrossingEvaluator
from tests.fakes.tracks import line_crossing, walk

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_LINE = 0.5
_JITTER = st.lists(st.floats(_LINE - 0.9 * MARGIN, _LINE + 0.9 * MARGIN), max_size=40)


def _told(xs: list[float], *, direction: Direction = Direction.ANY, y: float = 0.5) -> int:
    """Violations along a walk, one analysed frame per place."""
    evaluator = LineCrossingEvaluator(line_crossing(direction=direction))
    feet = [(x, y) for x in xs]
    return sum(len(evaluator.evaluate([walk(*feet[: count + 1])], count * 0.2, _NOON)) for count in range(len(feet)))


@given(_JITTER)
def test_jitter_around_the_line_and_on_is_one_crossing(jitter: list[float]) -> None:
    """However often the foot point trembles over the line."""
    assert _told([0.4, *jitter, 0.6]) == 1


@given(_JITTER)
def test_jitter_around_the_line_and_back_is_none(jitter: list[float]) -> None:
    """Who turns round at the line has not crossed it."""
    assert _told([0.4, *jitter, 0.4]) == 0


@given(_JITTER)
def test_who_appears_on_the_line_has_not_crossed_it(jitter: list[float]) -> None:
    """Nobody knows from which side they came."""
    assert _told([_LINE, *jitter, 0.6]) == 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60))
def test_a_track_is_told_at_most_once(xs: list[float]) -> None:
    """Pacing to and fro is one alert."""
    assert _told(xs) <= 1


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60))
def test_the_direction_is_that_of_the_first_clear_passage(xs: list[float]) -> None:
    """Seen downwards along the line, growing x is from right to left."""
    sides = [x > _LINE for x in xs if abs(x - _LINE) > MARGIN]
    passages = [after for before, after in pairwise(sides) if before != after]
    assert _told(xs, direction=Direction.RIGHT_TO_LEFT) == int(True in passages)
    assert _told(xs, direction=Direction.LEFT_TO_RIGHT) == int(False in passages)


def test_walking_around_the_end_is_no_crossing() -> None:
    """The line ends at y 0.9."""
    assert _told([0.4, 0.6], y=0.95) == 0


def test_a_crossing_before_confirmation_counts() -> None:
    """The path of a fresh track is looked at from its beginning."""
    evaluator = LineCrossingEvaluator(line_crossing())
    assert evaluator.evaluate([walk((0.45, 0.5), (0.5, 0.5), (0.55, 0.5))], 0.4, _NOON)


def test_a_path_longer_than_the_track_keeps_is_followed() -> None:
    """A loiterer of a hundred places who then crosses is told."""
    assert _told([*[0.3] * 100, 0.6]) == 1
