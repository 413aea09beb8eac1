"""The single rounds, alerts and tickets that a rate of an area was counted from. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel

from vms_api.accounts.permission import Permission
from vms_api.rates.rate import Rate, Tally

SEEN_WITH: Mapping[Rate, Permission] = MappingProxyType(
    {
        Rate.PATROL: Permission.PATROL_VIEW,
        Rate.ALERTS: Permission.ALERT_VIEW,
        Rate.TICKETS: Permission.TICKET_VIEW,
    }
)
"""What somebody must be allowed to see in an area for its cases, beside the rates."""


class CaseResult(StrEnum):
    """What a case does to the rate: against it, for it, not yet decided, or left out of it."""

    AGAINST = "against"
    FOR = "for"
    OPEN = "open"
    LEFT_OUT = "left-out"


class RateCase(BaseModel, frozen=True):
    """A round, an alert or a ticket. `at` is when it was due, or raised; `number` is that of a ticket.

    `name` is that of the round, the rule or the camera; `code` the round's state, the alert's kind or the ticket's
    cause.
    """

    id: str
    name: str
    code: str
    area_id: str
    at: datetime
    number: int | None = None
    result: CaseResult


def result_of(alone: Tally) -> CaseResult:
    """Of the rate of this case alone."""
    if not alone.known:
        return CaseResult.OPEN if alone.expected else CaseResult.LEFT_OUT
    return CaseResult.FOR if alone.numerator else CaseResult.AGAINST


def in_order(cases: Iterable[RateCase]) -> Sequence[RateCase]:
    """What costs first, then by time, the latest first."""
    ranks = {result: rank for rank, result in enumerate(CaseResult)}
    return sorted(cases, key=lambda case: (ranks[case.result], -case.at.timestamp(), case.id))
