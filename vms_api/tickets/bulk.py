"""One act on many tickets: each is judged by itself and has its own result."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel

from vms_api.tickets.handling import (
    SomeId,
    TicketActIn,
    TicketAssignIn,
    TicketCloseIn,
    TicketDueIn,
    TicketFixIn,
    TicketPauseIn,
)
from vms_api.tickets.lifecycle import TicketAct
from vms_api.tickets.ticket import Ticket

MOST = 200
Ids = Annotated[list[SomeId], Field(min_length=1, max_length=MOST)]


class AssignManyIn(TicketAssignIn):
    """All go to one person or one contractor."""

    ids: Ids
    act: Literal[TicketAct.ASSIGN]


class DueManyIn(TicketDueIn):
    """All are to be mended by one time."""

    ids: Ids
    act: Literal[TicketAct.DUE]


class PauseManyIn(TicketPauseIn):
    """All wait for the same."""

    ids: Ids
    act: Literal[TicketAct.PAUSE]


class FixManyIn(TicketFixIn):
    """All are reported as mended."""

    ids: Ids
    act: Literal[TicketAct.FIX]


class CloseManyIn(TicketCloseIn):
    """All are closed, as duplicates of one ticket where that is named."""

    ids: Ids
    act: Literal[TicketAct.CLOSE]


class StepManyIn(TicketActIn):
    """All go a step that takes nothing but a note."""

    ids: Ids
    act: Literal[TicketAct.START, TicketAct.RESUME, TicketAct.REOPEN]


AnyManyIn = AssignManyIn | DueManyIn | PauseManyIn | FixManyIn | CloseManyIn | StepManyIn


class TicketBulkIn(RootModel[Annotated[AnyManyIn, Field(discriminator="act")]]):
    """What is done to which tickets; beside `ids` and `act` what the single act takes."""


class TicketBulkResult(BaseModel):
    """What became of one: the ticket as it is now, or the problem that a single act would have been answered with."""

    id: str
    ticket: Ticket | None = None
    problem: dict[str, Any] | None = None


class TicketBulkOut(BaseModel):
    """A result for each id, in the order in which they were asked for."""

    results: list[TicketBulkResult]
