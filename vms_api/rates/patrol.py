"""Patrol completion: rounds walked to their end, of those that were due. Pure."""

from collections.abc import Iterable

from vms_api.rates.rate import Tally

_DECIDED = frozenset({"completed", "missed", "aborted", "abandoned"})


def patrol_completion(states: Iterable[str]) -> Tally:
    """The states of the rounds that fell due in the window. One that is still under way is not decided yet.

    A late round counts as completed: how punctual rounds are is told by the patrol statistics.
    """
    told = list(states)
    return Tally(told.count("completed"), sum(state in _DECIDED for state in told), len(told))
