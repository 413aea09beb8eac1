"""What happens to an open round as time goes by: people are reminded, supervisors are told, it is missed or late. Pure.

The time from due to deadline has three thirds. After the first, who is asked to patrol is reminded; after the second
they are reminded again and the supervisors of the centre hear of it; at the deadline a round that nobody has taken is
missed, which the centre above hears as well, and one that is under way is late. A late one with which nobody goes on
for long enough is abandoned. However late somebody looks, because the site was off or the clock was set, a missed time
is one step and steps that are past are not caught up one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vms_api.patrols.round_lifecycle import AT_WORK, OPEN, RoundState


class ChaseStep(StrEnum):
    """What comes next for a round."""

    REMIND = "remind"
    WARN = "warn"
    END = "end"
    ABANDON = "abandon"


class Outcome(StrEnum):
    """What a look at a round leads to. `REST`: nothing is to be done by the clock any more."""

    WAIT = "wait"
    REMIND = "remind"
    WARN = "warn"
    MISS = "miss"
    LATE = "late"
    ABANDON = "abandon"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look led to, and when and for what the next one is; None: there is none."""

    outcome: Outcome
    next_at: datetime | None = None
    next_step: ChaseStep | None = None


def times_of(due_at: datetime, deadline_at: datetime) -> dict[ChaseStep, datetime]:
    """When each step of a round is."""
    third = (deadline_at - due_at) / 3
    return {ChaseStep.REMIND: due_at + third, ChaseStep.WARN: deadline_at - third, ChaseStep.END: deadline_at}


def begun(due_at: datetime, deadline_at: datetime) -> tuple[datetime, ChaseStep]:
    """When and for what a round that is due is looked at first."""
    return times_of(due_at, deadline_at)[ChaseStep.REMIND], ChaseStep.REMIND


def looked_at(state: RoundState, step: ChaseStep, due_at: datetime, deadline_at: datetime, now: datetime) -> Look:
    """What has become of a round by now. `step` is the earliest that was not taken yet."""
    times = times_of(due_at, deadline_at)
    if state not in OPEN:
        return Look(Outcome.REST)
    if state is not RoundState.DUE:
        is_late = now >= deadline_at
        return Look(Outcome.LATE, now, ChaseStep.ABANDON) if is_late else Look(Outcome.WAIT, deadline_at, ChaseStep.END)
    if now >= deadline_at:
        return Look(Outcome.MISS)
    if now >= times[ChaseStep.WARN] and step is not ChaseStep.END:
        return Look(Outcome.WARN, deadline_at, ChaseStep.END)
    if now >= times[ChaseStep.REMIND] and step is ChaseStep.REMIND:
        return Look(Outcome.REMIND, times[ChaseStep.WARN], ChaseStep.WARN)
    return Look(Outcome.WAIT, times[step], step)


def lingering(state: RoundState, touched_at: datetime, patience: timedelta, now: datetime) -> Look:
    """What becomes of a late round, with which nobody went on after `touched_at`."""
    if state not in AT_WORK:
        return Look(Outcome.REST)
    over_at = touched_at + patience
    return Look(Outcome.ABANDON) if now >= over_at else Look(Outcome.WAIT, over_at, ChaseStep.ABANDON)
