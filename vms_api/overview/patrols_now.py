"""What the overview tells of online patrols."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic import BaseModel

from vms_api.database import Connection
from vms_api.overview.day import Change, ChangeKind
from vms_api.overview.trouble import Trouble
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_store import RoundQuery, list_rounds

_MOST = 500
_OPEN = (RoundState.DUE, RoundState.RUNNING, RoundState.PAUSED)
_UNDONE = (RoundState.MISSED, RoundState.ABANDONED)
_ENDS: dict[RoundState, ChangeKind] = {
    RoundState.COMPLETED: "patrol-completed",
    RoundState.MISSED: "patrol-missed",
}


class PatrolsNow(BaseModel):
    """Rounds of the day by how far they have come; `waiting` are due and taken by nobody, those still open."""

    waiting: int
    running: int
    completed: int
    missed: int


async def rounds_today(
    connection: Connection, area_ids: Collection[str], since: datetime, now: datetime
) -> Sequence[RoundSummary]:
    """Rounds that have become due since then, and those that are still open from before."""
    asked = RoundQuery(area_ids=area_ids, since=since, until=now, limit=_MOST)
    older = RoundQuery(area_ids=area_ids, states=_OPEN, until=since, limit=_MOST)
    return [*await list_rounds(connection, asked), *await list_rounds(connection, older)]


def patrols_now(rounds: Sequence[RoundSummary]) -> PatrolsNow:
    """The counts."""
    states = [found.state for found in rounds]
    return PatrolsNow(
        waiting=states.count(RoundState.DUE),
        running=states.count(RoundState.RUNNING) + states.count(RoundState.PAUSED),
        completed=states.count(RoundState.COMPLETED),
        missed=states.count(RoundState.MISSED),
    )


def patrol_troubles(rounds: Sequence[RoundSummary], now: datetime) -> list[Trouble]:
    """Rounds that wait for somebody, or that nobody has walked to the end and nobody has said why."""
    return [_trouble(found, now) for found in rounds if _is_trouble(found)]


def patrol_changes(rounds: Sequence[RoundSummary]) -> list[Change]:
    """Rounds that are over."""
    return [
        Change(
            kind=_ENDS[found.state],
            at=found.finished_at or found.deadline_at,
            name=found.name,
            subject_id=found.id,
            who=found.user_name,
        )
        for found in rounds
        if found.state in _ENDS
    ]


def _is_trouble(found: RoundSummary) -> bool:
    return found.state in _OPEN or (found.state in _UNDONE and not found.excuses)


def _trouble(found: RoundSummary, now: datetime) -> Trouble:
    is_late = found.state in _UNDONE or found.deadline_at < now
    return Trouble(
        kind="patrol",
        code=found.state,
        severity="medium" if is_late else "low",
        name=found.name,
        since=found.due_at,
        subject_id=found.id,
        area_id=found.area_id,
        who=found.user_name,
        due_at=found.deadline_at,
        overdue=is_late,
    )
