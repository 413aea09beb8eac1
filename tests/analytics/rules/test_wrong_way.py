"""Who goes against the way that a line shows."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from analytics.rules.wrong_way import LEAST_WAY, WrongWayEvaluator
from tests.fakes.tracks import walk, wrong_way

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _drive(places: list[tuple[float, float]]) -> list[int]:
    """The steps at which it is told."""
    evaluator = WrongWayEvaluator(wrong_way())
    return [step for step in range(1, len(places) + 1) if evaluator.evaluate([walk(*places[:step])], 0.2 * step, _NOON)]


def test_the_permitted_way_is_told_never() -> None:
    """From right to left, as the line was drawn."""
    assert _drive([(0.9 - 0.02 * step, 0.5) for step in range(40)]) == []


def test_against_it_is_told_once_and_soon() -> None:
    """After its own height and a little."""
    assert _drive([(0.1 + 0.02 * step, 0.52) for step in range(40)]) == [9]


def test_beside_the_line_goes_who_will() -> None:
    """Farther than the reach is another lane."""
    assert _drive([(0.1 + 0.02 * step, 0.7) for step in range(40)]) == []


def test_crossing_the_lane_is_no_wrong_way() -> None:
    """Straight over it, on foot."""
    assert _drive([(0.5, 0.2 + 0.02 * step) for step in range(30)]) == []


def test_turning_round_is_told_from_the_turn() -> None:
    """Half the lane the right way, then back."""
    there = [(0.9 - 0.02 * step, 0.5) for step in range(20)]
    back = [(there[-1][0] + 0.02 * step, 0.5) for step in range(20)]
    assert _drive(there + back)[0] > 20


@given(st.lists(st.floats(-LEAST_WAY / 2.1, LEAST_WAY / 2.1), min_size=1, max_size=60))
def test_who_waits_and_jitters_is_not_told(shifts: list[float]) -> None:
    """A queue at the light shuffles."""
    assert _drive([(0.5 + shift, 0.5) for shift in shifts]) == []
