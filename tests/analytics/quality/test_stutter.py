"""Stutter: pictures that are missed, by what the camera usually sends and not by what it declares."""

from dataclasses import replace
from datetime import timedelta

import pytest

from analytics.quality.baseline import NO_BASELINE, Baseline
from analytics.quality.category import Category
from analytics.quality.finding import Finding, State
from analytics.quality.judge import judge
from analytics.quality.sample import Sample, StreamFacts
from tests.fakes.watched_place import NOON, noisy, paved_square

PLACE = paved_square()
STEADY = StreamFacts(900, 0, 0.08, 14.8, 15.0)
SLOW = StreamFacts(25, 0, 0.52, 2.0, 25.0)
"""Declares 25 and sends two, evenly."""


def _sample(facts: StreamFacts, day: int) -> Sample:
    return Sample(noisy(PLACE, day), NOON + timedelta(days=day), 12, stream=facts)


def _known(facts: StreamFacts) -> Baseline:
    baseline = NO_BASELINE
    for day in range(10):
        baseline = judge(_sample(facts, day), baseline, None).baseline
    return baseline


def _finding(facts: StreamFacts, baseline: Baseline) -> Finding:
    findings = judge(_sample(facts, 20), baseline, None).findings
    return next(one for one in findings if one.category is Category.STUTTER)


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (STEADY, State.OK, "as-usual"),
        (StreamFacts(600, 0, 0.1, 11.0, 15.0), State.OK, "as-usual"),
        (StreamFacts(450, 0, 0.16, 7.4, 15.0), State.ABNORMAL, "camera-sends-unevenly"),
        (StreamFacts(450, 90, 0.16, 7.4, 15.0), State.ABNORMAL, "line-loses-packets"),
        (StreamFacts(900, 0, 0.4, 14.8, 15.0), State.ABNORMAL, "camera-sends-unevenly"),
        (replace(STEADY, stalled_s=2.0), State.OK, "as-usual"),
        (replace(STEADY, stalled_s=9.0), State.ABNORMAL, "camera-sends-unevenly"),
    ],
    ids=["steady", "a-quarter-missing", "half-missing", "half-lost", "bursts", "one-stall", "three-stalls"],
)
def test_a_known_camera_is_judged_by_what_it_usually_sends(facts: StreamFacts, state: State, reason: str) -> None:
    """Fifteen a second, evenly: half of them, bursts and stalls of some seconds each twenty are told."""
    finding = _finding(facts, _known(STEADY))
    assert (finding.state, finding.reason) == (state, reason)


def test_a_camera_that_always_sends_few_pictures_does_not_stutter() -> None:
    """Neither on its first day nor later; when it sends a third of that it does."""
    baseline = _known(SLOW)
    assert [_finding(SLOW, one).state for one in (NO_BASELINE, baseline)] == [State.OK, State.OK]
    assert _finding(replace(SLOW, fps_measured=0.6, gap_p95_s=1.7), baseline).state is State.ABNORMAL


def test_a_camera_that_varies_its_rate_does_not_stutter_while_it_does() -> None:
    """Between six and fifteen pictures a second, as it likes."""
    baseline = NO_BASELINE
    for day in range(12):
        rate = (6.0, 15.0, 10.0)[day % 3]
        facts = StreamFacts(900, 0, 1.2 / rate, rate, 15.0)
        baseline = judge(_sample(facts, day), baseline, None).baseline
    assert _finding(StreamFacts(900, 0, 0.2, 6.0, 15.0), baseline).state is State.OK
    assert _finding(StreamFacts(90, 0, 1.0, 1.2, 15.0), baseline).state is State.ABNORMAL


def test_a_camera_that_declares_no_rate_is_known_by_its_own() -> None:
    """Half of the pictures that usually come is too few, whatever they are called."""
    baseline = _known(replace(STEADY, fps_declared=0.0))
    assert _finding(replace(STEADY, fps_declared=0.0), baseline).state is State.OK
    assert _finding(StreamFacts(450, 0, 0.16, 7.4, 0.0), baseline).state is State.ABNORMAL


def test_of_a_new_camera_only_gaps_stalls_and_a_line_that_loses_are_told() -> None:
    """A third of what is declared may be on purpose; with packets lost it is not."""
    third = StreamFacts(300, 0, 0.22, 5.0, 15.0)
    assert _finding(third, NO_BASELINE).state is State.OK
    assert _finding(replace(third, lost=90), NO_BASELINE).state is State.ABNORMAL
    assert _finding(replace(third, gap_p95_s=0.8), NO_BASELINE).state is State.ABNORMAL
    assert _finding(replace(third, stalled_s=12.0), NO_BASELINE).state is State.ABNORMAL
