"""A patrol round: one walk along the stops of one version of a plan."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_stop import RoundStop

Grid = Literal[1, 4, 9]

EXCUSE = "excuse"
"""The act of the history that is an excuse: an entry, never an edit."""

LATE = "late"
"""The act of the history by which the system says that its deadline has passed on the way."""


@dataclass(frozen=True, slots=True)
class DueRound:
    """A round that has become due. There is one for each plan and time.

    `order`: the places of the plan's stops in the order in which this round takes them; None: as the plan has them.
    `complete_at`: the share of stops, 0 to 1, that must be done for it to be complete; `grid`: how many are looked at
    at a time.
    """

    plan_id: str
    plan_version: int
    name: str
    area_id: str
    due_at: datetime
    deadline_at: datetime
    stop_count: int
    order: tuple[int, ...] | None = None
    complete_at: float = 1.0
    grid: Grid = 1


@dataclass(frozen=True, slots=True)
class RoundEntry:
    """One thing that was done about a round."""

    at: datetime
    act: str
    user_id: str | None = None
    user_name: str | None = None
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


class Excuse(BaseModel):
    """Why a round was missed, late or aborted, as somebody said afterwards."""

    at: datetime
    user_name: str | None
    text: str


class RoundSummary(BaseModel):
    """A round in a list. `late`: it was not over by its deadline. `current`: the index of the stop last arrived at.

    `lease_epoch` counts who goes on with it where: an act of an older one is refused. `done_count` of `stop_count`
    stops are judged, or could not be reached.
    """

    id: str
    plan_id: str
    plan_version: int
    name: str
    area_id: str
    state: RoundState
    due_at: datetime
    deadline_at: datetime
    late: bool = False
    user_id: str | None = None
    user_name: str | None = None
    lease_epoch: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    current: int = 0
    stop_count: int
    done_count: int = 0
    grid: Grid = 1
    complete_at: float = 1.0
    excuses: list[Excuse] = []


class HistoryItem(BaseModel):
    """One line of a round's history."""

    at: datetime
    act: str
    user_name: str | None
    note: str
    detail: dict[str, Any]


class Round(RoundSummary):
    """A round with its stops, in their order, and what was done about it, oldest first."""

    stops: list[RoundStop]
    history: list[HistoryItem]
