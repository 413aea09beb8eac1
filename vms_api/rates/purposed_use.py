"""Purposed-use rate: networked cameras that somebody used for a stated purpose, counted once in the window. Pure."""

from collections.abc import Iterable

from vms_api.rates.rate import NOTHING, Tally


def used_on_day(*, is_networked: bool, is_used: bool) -> Tally:
    """One camera on one day; a use of a camera that was never live that day shows nothing."""
    return Tally(int(is_used), 1, 1) if is_networked else NOTHING


def used_in_window(days: Iterable[tuple[str, Tally]]) -> Tally:
    """Distinct cameras. `days` are (camera id, that day's tally) in any order: looking twice is not using twice."""
    networked: set[str] = set()
    used: set[str] = set()
    for camera_id, tally in days:
        if tally.expected:
            networked.add(camera_id)
        if tally.numerator:
            used.add(camera_id)
    return Tally(len(used), len(networked), len(networked))
