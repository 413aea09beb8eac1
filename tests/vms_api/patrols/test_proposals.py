"""Which cameras a round is offered beside its own, and which pictures of the hours before."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import START
from vms_api.patrols.proposal import Candidate, proposed
from vms_api.patrols.strip import MOST_PICTURES, spread


def candidate(name: str, *, faulty_h: float | None = None, alert: bool = False, seen_h: float | None = 1) -> Candidate:
    """A camera with a fault, and a last visit, so many hours before START."""
    faulty = START - timedelta(hours=faulty_h) if faulty_h is not None else None
    seen = START - timedelta(hours=seen_h) if seen_h is not None else None
    return Candidate(name, name, faulty, alert, seen)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (candidate("well"), None),
        (candidate("known fault", faulty_h=5, seen_h=2), None),
        (candidate("new fault", faulty_h=2, seen_h=5), "fault"),
        (candidate("never seen, faulty", faulty_h=2, seen_h=None), "fault"),
        (candidate("alert", alert=True, faulty_h=1, seen_h=400), "alert"),
        (candidate("seven days", seen_h=7 * 24), None),
        (candidate("longer", seen_h=7 * 24 + 1), "unseen"),
        (candidate("never", seen_h=None), "unseen"),
    ],
)
def test_a_camera_is_proposed_for_a_reason(asked: Candidate, why: str | None) -> None:
    """By the gravest reason there is; a fault that the last visitor knew is none."""
    assert [found.why for found in proposed([asked], START)] == ([why] if why else [])


def test_the_gravest_come_first() -> None:
    """Alerts, faults, then the longest unseen; at most twenty."""
    asked = [candidate("long", seen_h=300), candidate("longer", seen_h=500), candidate("never", seen_h=None)]
    asked += [candidate("fault", faulty_h=0), candidate("alert", alert=True)]
    assert [found.camera_id for found in proposed(asked, START)] == ["alert", "fault", "never", "longer", "long"]
    assert len(proposed([candidate(str(n), alert=True) for n in range(50)], START)) == 20


@given(st.integers(min_value=0, max_value=2000))
def test_a_strip_spreads_over_all_there_is(count: int) -> None:
    """At most 24 pictures, in order, none twice, from the first to the last, and no gap more than twice another."""
    times = [START + timedelta(minutes=minute) for minute in range(count)]
    found = list(spread(times))
    assert len(found) == min(count, MOST_PICTURES)
    assert found == sorted(set(found))
    assert set(found) <= set(times)
    if count:
        assert (found[0], found[-1]) == (times[0], times[-1])
    gaps = [after - before for before, after in itertools.pairwise(found)]
    assert not gaps or max(gaps) <= 2 * min(gaps)
