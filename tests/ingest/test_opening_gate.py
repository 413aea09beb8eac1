"""Cameras that come back together are dialled a few at a time."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.opening_gate import OpeningGate

ACTS = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.floats(0, 0.5)), max_size=60)


@given(st.integers(1, 4), ACTS)
def test_never_more_new_openings_than_allowed(limit: int, acts: list[tuple[int, bool, float]]) -> None:
    """Whoever asks, leaves and comes again, at most `limit` openings are younger than the hold time."""
    gate, now_s, begun = OpeningGate(limit, 1.0), 0.0, {}
    for ticket, leaves, passed_s in acts:
        now_s += passed_s
        if leaves:
            gate.leave(ticket)
            begun.pop(ticket, None)
        elif gate.may_open(ticket, now_s):
            begun.setdefault(ticket, now_s)
        assert sum(now_s - since_s < 1.0 for since_s in begun.values()) <= limit


def test_first_come_first_served() -> None:
    """Nobody is overtaken, so nobody waits for ever."""
    gate = OpeningGate(1, 10.0)
    assert gate.may_open("a", 0)
    assert not gate.may_open("b", 0)
    assert not gate.may_open("c", 0)
    gate.leave("a")
    assert not gate.may_open("c", 0)
    assert gate.may_open("b", 0)
    gate.leave("b")
    assert gate.may_open("c", 0)


def test_dead_cameras_give_their_places_up() -> None:
    """A hundred that never answer delay a living one by their number through the limit, in hold times."""
    gate, now_s = OpeningGate(4, 0.5), 0.0
    dead = [f"dead {number}" for number in range(100)]
    for ticket in dead:
        gate.may_open(ticket, now_s)
    while not gate.may_open("living", now_s):
        now_s += 0.1
        for ticket in dead:
            gate.may_open(ticket, now_s)
    assert now_s < 100 / 4 * (0.5 + 0.1) + 1


def test_who_goes_away_does_not_stand_in_the_way() -> None:
    """A stream that is stopped while it waits leaves the queue."""
    gate = OpeningGate(1, 10.0)
    assert gate.may_open("a", 0)
    assert not gate.may_open("b", 0)
    assert not gate.may_open("c", 0)
    gate.leave("b")
    gate.leave("a")
    assert gate.may_open("c", 0)
