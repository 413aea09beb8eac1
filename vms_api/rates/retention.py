"""Retention met: whether what was recorded is kept for as long as it must be, and no longer than it may. Pure."""

from dataclasses import dataclass

from vms_api.rates.rate import NOTHING, Tally, yes_or_no

SLACK_US = 86_400_000_000
"""A camera that is recorded at certain hours only has its oldest segment up to a day after the limit."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How far back a camera's recordings reach at an instant. Times in microseconds.

    `oldest_us` None: it has none; `planned_since_us` None: nothing is to be recorded. `held`: an evidence hold keeps
    old recordings, so they may be older than the ceiling.
    """

    at_us: int
    oldest_us: int | None
    planned_since_us: int | None
    floor_us: int
    ceiling_us: int
    held: bool = False


def retention_met(kept: Kept | None) -> Tally:
    """One camera on one day; None: it was not looked at, and cannot be afterwards.

    A camera that has been recorded for less than its floor owes nothing yet.
    """
    if kept is None:
        return yes_or_no(None)
    due_us = kept.at_us - kept.floor_us
    if kept.planned_since_us is None or kept.planned_since_us > due_us:
        return NOTHING
    reaches = kept.oldest_us is not None and kept.oldest_us <= due_us + SLACK_US
    overstays = kept.oldest_us is not None and kept.oldest_us < kept.at_us - kept.ceiling_us - SLACK_US
    return yes_or_no(reaches and (kept.held or not overstays))
