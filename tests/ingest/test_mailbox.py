"""The bounded hand-off."""

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.mailbox import Mailbox

acts = st.lists(st.one_of(st.just("take"), st.integers()), max_size=100)


@given(st.integers(1, 5), acts)
def test_it_keeps_the_newest_and_accounts_for_every_thing(capacity: int, sequence: list[int | str]) -> None:
    """The box behaves like a list cut to its last `capacity` things, and its counts add up."""
    box: Mailbox[int] = Mailbox(capacity)
    model: list[int] = []
    for act in sequence:
        if isinstance(act, str):
            assert box.take() == (model.pop(0) if model else None)
        else:
            box.put(act)
            model = [*model, act][-capacity:]
        counts = box.statistics()
        assert counts.length == len(model)
        assert counts.put_count == counts.taken_count + counts.dropped_count + counts.length


def test_every_put_wakes_the_reader() -> None:
    """`on_put` is called for each thing, also for one that displaces another."""
    woken: list[None] = []
    box: Mailbox[int] = Mailbox(1, on_put=lambda: woken.append(None))
    box.put(1)
    box.put(2)
    assert (len(woken), box.take(), box.take()) == (2, 2, None)


def test_two_threads_lose_nothing_uncounted() -> None:
    """What one thread puts, another takes or finds counted as dropped, in order."""
    box: Mailbox[int] = Mailbox(8)
    writer = Thread(target=lambda: [box.put(number) for number in range(2000)])
    taken: list[int] = []
    writer.start()
    while writer.is_alive() or box.statistics().length:
        if (thing := box.take()) is not None:
            taken.append(thing)
    writer.join()
    assert taken == sorted(taken)
    assert len(taken) + box.statistics().dropped_count == 2000


def test_a_box_for_nothing_is_refused() -> None:
    """A capacity of zero is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one"):
        Mailbox(0)
