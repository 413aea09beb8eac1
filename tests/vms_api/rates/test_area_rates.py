"""Rates that are counted in an area, and the spans that all others are made of; figures by hand."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vms_api.rates.alert_handling import HandledAlert, alert_handling
from vms_api.rates.networking import networking
from vms_api.rates.patrol import patrol_completion
from vms_api.rates.purposed_use import used_in_window, used_on_day
from vms_api.rates.rate import Tally
from vms_api.rates.spans import both, length_us, merged, without
from vms_api.rates.state_spans import StateChange, live_spans
from vms_api.rates.ticket_closure import DueTicket, ticket_closure

NOW = 1000


def test_patrols() -> None:
    """Two of three rounds that have ended were completed; a fourth is under way and lowers the coverage."""
    assert patrol_completion(["completed", "missed", "completed", "running"]) == (2, 3, 4)
    assert patrol_completion([]) == (0, 0, 0)


def test_alerts() -> None:
    """In time, at the last moment, late, open past its time; an open one with time left, a test, a duplicate."""
    told = [
        HandledAlert("CLOSED", "true", 500, 900),
        HandledAlert("RESOLVED", "false", 900, 900),
        HandledAlert("CLOSED", "true", 901, 900),
        HandledAlert("ASSIGNED", None, None, 1000),
        HandledAlert("NEW", None, None, 1001),
        HandledAlert("CLOSED", "test", 950, 900),
        HandledAlert("CLOSED", "duplicate", 950, 900),
        HandledAlert("CLOSED", "true", 950, None),
    ]
    assert alert_handling(told, NOW) == (3, 5, 5)


def test_tickets() -> None:
    """Mended in time, closed without a mend in time, mended late, overdue; a paused and a coming one do not count."""
    told = [
        DueTicket("closed", 900, 800, 950),
        DueTicket("closed", 900, None, 900),
        DueTicket("closed", 900, 901, 950),
        DueTicket("in-progress", 999, None, None),
        DueTicket("paused", 999, None, None),
        DueTicket("assigned", 1001, None, None),
    ]
    assert ticket_closure(told, NOW) == (2, 4, 4)


def test_a_camera_used_twice_counts_once() -> None:
    """Three cameras networked, one used on two days; one that was never live that day was not used."""
    on_used, on_idle = used_on_day(is_networked=True, is_used=True), used_on_day(is_networked=True, is_used=False)
    off_used = used_on_day(is_networked=False, is_used=True)
    days = [("a", on_used), ("a", on_used), ("a", on_idle), ("b", on_idle), ("c", on_idle), ("d", off_used)]
    assert used_in_window(days) == (1, 3, 3)


@pytest.mark.parametrize(
    ("known", "live", "expected"),
    [
        ([(0, 10)], [(9, 10)], Tally(1, 1, 1)),
        ([(0, 100)], [], Tally(0, 1, 1)),
        ([(0, 94)], [], Tally(0, 0, 1)),
        ([(0, 10)], [(50, 60)], Tally(0, 0, 1)),
    ],
)
def test_networking(known: list[tuple[int, int]], live: list[tuple[int, int]], expected: Tally) -> None:
    """Once live is enough; a no needs 95 % of the day to have been watched."""
    assert networking([(0, 100)], known, live, 0.95) == expected


def test_states_in_any_order_and_twice() -> None:
    """Both streams together; the main one is down from 40, the sub one bridges it until 60."""
    changes = [
        StateChange(60, "sub", "refused"),
        StateChange(-5, "main", "live"),
        StateChange(40, "main", "silent"),
        StateChange(40, "main", "silent"),
        StateChange(30, "sub", "live"),
    ]
    assert live_spans(changes, (0, 100), ("main", "sub")) == [(0, 60)]
    assert live_spans(changes, (0, 100), ("main",)) == [(0, 40)]


drawn = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


@given(first=drawn, second=drawn)
def test_spans_are_sets_of_moments(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    """Merging, intersecting and taking away do with spans what sets do with the moments in them."""

    def moments(spans: list[tuple[int, int]]) -> set[int]:
        return {at for start, end in spans for at in range(start, end)}

    one, other = merged(first), merged(second)
    assert moments(one) == moments(first)
    assert all(before[1] < after[0] for before, after in pairwise(one))
    assert moments(both(one, other)) == moments(first) & moments(second)
    assert moments(without(one, other)) == moments(first) - moments(second)
    assert length_us(without(one, other)) == len(moments(first) - moments(second))
