"""Somebody is inside a zone."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from analytics.rules.area import MARGIN
from analytics.rules.registry import evaluator_for
from analytics.schedule import Schedule, Window
from analytics.track import TrackState
from tests.fakes.tracks import intrusion, walk

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_EDGE = 0.2


def test_who_stays_for_the_dwell_time_is_told_then() -> None:
    """Three seconds inside, not before."""
    evaluator = evaluator_for(intrusion(dwell_s=3.0))
    inside = walk((0.5, 0.5))
    told = [bool(evaluator.evaluate([inside], now_s, _NOON)) for now_s in (0.0, 1.0, 2.9, 3.0, 4.0)]
    assert told == [False, False, False, True, False]


def test_who_passes_through_is_not_told() -> None:
    """Leaving ends the stay; the next one starts at nought."""
    evaluator = evaluator_for(intrusion(dwell_s=3.0))
    for now_s, x in ((0.0, 0.5), (2.0, 0.1), (4.0, 0.5), (6.0, 0.5)):
        assert not evaluator.evaluate([walk((x, 0.5))], now_s, _NOON)
    assert evaluator.evaluate([walk((0.5, 0.5))], 7.0, _NOON)


@given(st.lists(st.floats(_EDGE - 0.9 * MARGIN, _EDGE + 0.9 * MARGIN), min_size=1, max_size=40))
def test_a_foot_that_flickers_on_the_edge_is_told_once(places: list[float]) -> None:
    """Jitter smaller than the margin is one stay."""
    evaluator = evaluator_for(intrusion())
    feet = [0.5, *places]
    told = sum(len(evaluator.evaluate([walk((x, 0.5))], index * 0.2, _NOON)) for index, x in enumerate(feet))
    assert told == 1


def test_a_lost_track_keeps_its_stay() -> None:
    """Hidden behind a lorry for a moment, the dwell time runs on."""
    evaluator = evaluator_for(intrusion(dwell_s=3.0))
    evaluator.evaluate([walk((0.5, 0.5))], 0.0, _NOON)
    assert not evaluator.evaluate([walk((0.5, 0.5), state=TrackState.LOST)], 3.5, _NOON)
    assert evaluator.evaluate([walk((0.5, 0.5))], 4.0, _NOON)


def test_who_is_inside_when_the_rule_is_armed_is_told_at_once() -> None:
    """The stay began before 22:00 and counts."""
    nights = Schedule(ZoneInfo("UTC"), (Window(frozenset(range(7)), time(22), time(6)),))
    evaluator = evaluator_for(intrusion(dwell_s=60.0, schedule=nights))
    assert not evaluator.evaluate([walk((0.5, 0.5))], 0.0, datetime(2026, 3, 2, 21, 58, tzinfo=UTC))
    assert evaluator.evaluate([walk((0.5, 0.5))], 120.0, datetime(2026, 3, 2, 22, 0, tzinfo=UTC))


def test_two_intruders_are_two_violations() -> None:
    """Each track has its own stay."""
    evaluator = evaluator_for(intrusion())
    tracks = [walk((0.4, 0.5), track_id=1), walk((0.6, 0.5), track_id=2)]
    assert [found.track.id for found in evaluator.evaluate(tracks, 0.0, _NOON)] == [1, 2]
