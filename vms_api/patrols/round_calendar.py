"""What was due, is due and will be due, for a calendar. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vms_api.patrols.plan import PatrolPlanRow
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.schedule import dues

MOST_SHOWN = 5000
"""So many rounds fill a calendar; who wants more asks for fewer days."""


class CalendarRound(BaseModel):
    """A round that was written, or one that is foreseen: then it has no id and is `planned`."""

    plan_id: str
    name: str
    area_id: str
    due_at: datetime
    deadline_at: datetime
    round_id: str | None
    state: RoundState | Literal["planned"]
    late: bool = False
    user_name: str | None = None


class PatrolCalendar(BaseModel):
    """The rounds of a span in the order of their due times. `is_cut`: there are more than can be shown."""

    rounds: list[CalendarRound]
    is_cut: bool


def written(rounds: Iterable[RoundSummary]) -> list[CalendarRound]:
    """Rounds that have become due."""
    return [
        CalendarRound(
            plan_id=each.plan_id,
            name=each.name,
            area_id=each.area_id,
            due_at=each.due_at,
            deadline_at=each.deadline_at,
            round_id=each.id,
            state=each.state,
            late=each.late,
            user_name=each.user_name,
        )
        for each in rounds
    ]


def foreseen(
    plans: Sequence[PatrolPlanRow], start: datetime, end: datetime, zone: ZoneInfo, most: int
) -> list[CalendarRound]:
    """Rounds of [start, end) that are to come by the plans of now, a few more than `most` at the utmost."""
    found: list[CalendarRound] = []
    for plan in plans:
        if plan.next_due_at is None or len(found) > most:
            continue
        deadline = timedelta(seconds=plan.deadline_s)
        found += [
            CalendarRound(
                plan_id=plan.id,
                name=plan.name,
                area_id=plan.area_id,
                due_at=at,
                deadline_at=at + deadline,
                round_id=None,
                state="planned",
            )
            for at in dues(plan.schedule, plan.id, max(start, plan.next_due_at), end, zone)[: most + 1]
        ]
    return found


def calendar_of(rounds: Sequence[CalendarRound], most: int = MOST_SHOWN) -> PatrolCalendar:
    """The earliest of them, in their order."""
    ordered = sorted(rounds, key=lambda each: (each.due_at, each.name, each.plan_id))
    return PatrolCalendar(rounds=ordered[:most], is_cut=len(ordered) > most)
