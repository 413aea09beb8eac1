"""What is wrong now, as one list: of each camera's fault one line, with who has it in hand. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

TroubleKind = Literal["camera", "ticket", "alert", "patrol", "volume", "recording", "node"]
Severity = Literal["low", "medium", "high"]

_RANK: dict[Severity, int] = {"high": 0, "medium": 1, "low": 2}
_SHOWN_BY_TICKET = ("offline",)
"""Causes of tickets that say the same as the camera's own state."""


class Trouble(BaseModel):
    """One thing that is wrong. `code` is of the kind's own words: a fault, a cause, a state; `who` has it in hand.

    `subject_id` is of the alert, ticket or round; `name` of the camera, the rule, the plan or the volume. `state` and
    `number` are those of a ticket.
    """

    kind: TroubleKind
    code: str
    severity: Severity
    name: str
    since: datetime
    subject_id: str | None = None
    camera_id: str | None = None
    area_id: str | None = None
    who: str | None = None
    centre: str | None = None
    due_at: datetime | None = None
    overdue: bool = False
    repeats: int = 0
    state: str | None = None
    number: int | None = None


class TroubleList(BaseModel):
    """The gravest first; `total` may be more than are listed. `nobody` counts those that nobody has in hand."""

    items: list[Trouble]
    total: int
    nobody: int
    overdue: int


def listed(found: Iterable[Trouble], limit: int) -> TroubleList:
    """The list that people read: a camera that is down and has a ticket for it is one line, that of the ticket."""
    every = list(found)
    ticketed = {trouble.camera_id for trouble in every if _is_told_by_ticket(trouble)}
    kept = sorted((trouble for trouble in every if _is_kept(trouble, ticketed)), key=_gravity)
    return TroubleList(
        items=kept[:limit],
        total=len(kept),
        nobody=sum(trouble.who is None for trouble in kept),
        overdue=sum(trouble.overdue for trouble in kept),
    )


def _is_told_by_ticket(trouble: Trouble) -> bool:
    return trouble.kind == "ticket" and trouble.code in _SHOWN_BY_TICKET


def _is_kept(trouble: Trouble, ticketed: Collection[str | None]) -> bool:
    return trouble.kind != "camera" or trouble.camera_id not in ticketed


def _gravity(trouble: Trouble) -> tuple[bool, int, bool, datetime, str]:
    """What is late comes first, then what is grave, then what nobody has in hand, then what lasts longest."""
    return (not trouble.overdue, _RANK[trouble.severity], trouble.who is not None, trouble.since, trouble.name)
