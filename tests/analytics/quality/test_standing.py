"""Standings: patient before they tell, sure before they take it back, armed again after a repair."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.quality.category import Category
from analytics.quality.finding import Finding, State, unknown
from analytics.quality.standing import NO_STANDING, Change, Standing, next_check_s

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _finding(category: Category, state: State) -> Finding:
    if state is State.UNKNOWN:
        return unknown(category, "no-baseline")
    return Finding(category, state, 90.0 if state is State.OK else 30.0, 1.0, 1.0, 0.0, 1.0, "")


def _after(states: Sequence[State], category: Category, step: timedelta = HOUR) -> tuple[Standing, list[Change]]:
    standing, changes = NO_STANDING, list[Change]()
    for number, state in enumerate(states):
        standing, new = standing.judged([_finding(category, state)], NOON + number * step)
        changes += new
    return standing, changes


def test_one_odd_picture_is_no_fault_and_three_are() -> None:
    """A blurred picture between two good ones is forgotten; three in a row over two hours are told once."""
    good, bad = State.OK, State.ABNORMAL
    assert _after([good, bad, good, bad, bad, good], Category.BLUR)[1] == [(Category.BLUR, State.UNKNOWN, good)]
    standing, changes = _after([good, bad, bad, bad, bad], Category.BLUR)
    assert changes == [(Category.BLUR, State.UNKNOWN, good), (Category.BLUR, good, bad)]
    assert standing.state(Category.BLUR) is bad


def test_a_lorry_that_unloads_for_an_hour_is_no_cover() -> None:
    """However often it is looked at in that hour; what still stands there after two is."""
    bad, step = State.ABNORMAL, timedelta(minutes=5)
    assert _after([State.OK, *[bad] * 12], Category.OCCLUSION, step)[0].state(Category.OCCLUSION) is State.OK
    assert _after([State.OK, *[bad] * 26], Category.OCCLUSION, step)[0].state(Category.OCCLUSION) is bad


def test_what_nobody_can_judge_changes_nothing() -> None:
    """Night hides a fault and does not end it, nor does it break the row that leads to one."""
    good, bad, nobody = State.OK, State.ABNORMAL, State.UNKNOWN
    assert _after([good, bad, nobody, bad, nobody, bad, nobody], Category.BLUR)[0].state(Category.BLUR) is bad
    assert _after([nobody, nobody], Category.BLUR) == (NO_STANDING, [])


def test_a_repair_is_believed_after_two_good_pictures_and_the_next_fault_is_told_anew() -> None:
    """One good picture may be luck."""
    good, bad = State.OK, State.ABNORMAL
    changes = _after([bad, bad, bad, good, bad, good, good, bad, bad, bad], Category.DARK)[1]
    assert [(before, after) for _, before, after in changes] == [(State.UNKNOWN, bad), (bad, good), (good, bad)]


def test_what_is_still_wrong_after_a_repair_is_told_again() -> None:
    """A maintainer says it is mended; the camera says it is not."""
    bad = State.ABNORMAL
    standing = _after([bad, bad, bad], Category.SHIFT)[0].rearmed(Category.SHIFT)
    changes: list[Change] = []
    for number in range(3):
        at = NOON + (10 + number) * HOUR
        standing, new = standing.judged([_finding(Category.SHIFT, bad)], at)
        changes += new
    assert changes == [(Category.SHIFT, State.UNKNOWN, bad)]


def test_a_picture_that_is_nearly_a_fault_neither_forgets_a_suspicion_nor_proves_a_repair() -> None:
    """A score of 62 is fine, and so near the threshold of 60 that the next one may not be."""
    bad, good = (_finding(Category.OCCLUSION, state) for state in (State.ABNORMAL, State.OK))
    nearly = replace(good, score=62.0)
    for between, state in ((nearly, State.ABNORMAL), (good, State.OK)):
        standing = NO_STANDING
        for number, finding in enumerate((good, bad, bad, between, bad, bad, between, between)):
            standing, _ = standing.judged([finding], NOON + number * HOUR)
        assert standing.state(Category.OCCLUSION) is state


def test_a_suspected_camera_is_looked_at_sooner() -> None:
    """An hour when well, less when something may be wrong, never more often than every five minutes."""
    assert next_check_s(NO_STANDING) == 3600
    assert next_check_s(_after([State.OK], Category.DARK)[0]) == 3600
    assert 300 <= next_check_s(_after([State.OK, State.ABNORMAL], Category.DARK)[0]) < 900
    assert 300 <= next_check_s(_after([State.ABNORMAL] * 3, Category.DARK)[0]) < 3600


@given(
    st.lists(st.tuples(st.sampled_from(State), st.integers(-2, 4)), max_size=40),
    st.sampled_from(Category),
    st.integers(0, 40),
)
def test_a_standing_that_was_stored_in_between_goes_on_as_if_it_had_not(
    looks: list[tuple[State, int]], category: Category, stored_at: int
) -> None:
    """Whatever was judged, and whatever the clock did: no alarm without two abnormal pictures in a row before it."""
    kept = standing = NO_STANDING
    at, row = NOON, 0
    for number, (state, hours) in enumerate(looks):
        at += hours * HOUR
        finding = _finding(category, state)
        standing, changes = standing.judged([finding], at)
        kept, kept_changes = kept.judged([finding], at)
        if number == stored_at:
            kept = Standing.from_json(json.loads(json.dumps(kept.as_json())))
        assert kept_changes == changes
        assert kept == standing
        row = row + 1 if state is State.ABNORMAL else 0 if state is State.OK else row
        if any(after is State.ABNORMAL for _, _, after in changes):
            assert row >= 2
