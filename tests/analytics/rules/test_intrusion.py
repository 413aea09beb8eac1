"""Somebody is inside a zone."""

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.geometry import Point
from analytics.rules.area import MARGIN
from analytics.rules.registry import evaluator_for
from analytics.schedule import Schedule, Window
from analytics.track import DOUBTFUL_SCORE, TrackState
from tests.fakes.tracks import intrusion, rules_of_every_kind, walk

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


def test_a_tree_that_is_named_a_person_is_not_told() -> None:
    """Weakly, for an hour, and it comes from nowhere: its box jitters about one place."""
    evaluator = evaluator_for(intrusion())
    tree = replace(walk((0.5, 0.5)), score=DOUBTFUL_SCORE - 0.01, first_seen_s=0.0, still_since_s=0.0)
    for now_s in range(0, 3600, 60):
        jitter = 0.003 * (now_s // 60 % 5)
        path = (Point(0.5, 0.5), Point(0.5 + jitter, 0.5 - jitter))
        assert not evaluator.evaluate([replace(tree, path=path)], float(now_s), _NOON)


@pytest.mark.parametrize(
    "change",
    [
        {"score": DOUBTFUL_SCORE},
        {"path": (Point(0.46, 0.5), Point(0.5, 0.5))},
        {"path": (Point(0.5, 0.42), Point(0.5, 0.5))},
        {"still_since_s": 4.0},
    ],
)
def test_who_is_named_surely_or_has_come_is_told(change: dict[str, Any]) -> None:
    """One better look is enough, or less than its own width of way; who came long ago and stands has come too."""
    evaluator = evaluator_for(intrusion())
    weak = replace(walk((0.5, 0.5)), score=DOUBTFUL_SCORE - 0.01, first_seen_s=0.0, still_since_s=0.0)
    assert not evaluator.evaluate([weak], 5.0, _NOON)
    assert evaluator.evaluate([replace(weak, **change)], 6.0, _NOON)


def test_fire_need_not_come_from_anywhere() -> None:
    """It begins weakly, where it stays."""
    rule = rules_of_every_kind()["fire"]
    evaluator = evaluator_for(rule)
    flame = replace(walk((0.5, 0.5)), label="fire", score=0.5, first_seen_s=0.0, still_since_s=0.0)
    evaluator.evaluate([flame], 0.0, _NOON)
    assert evaluator.evaluate([flame], 60.0, _NOON)
