"""What people say with what they do about a ticket."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vms_api.tickets.cause import Severity
from vms_api.tickets.ticket import Contractor, PauseReason

Note = Annotated[str, Field(max_length=2000)]
SomeNote = Annotated[str, Field(min_length=1, max_length=2000)]
SomeId = Annotated[str, Field(min_length=1, max_length=64)]
Part = Annotated[str, Field(min_length=1, max_length=120)]


class TicketActIn(BaseModel):
    """What may be said with every act."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: Note = ""


class TicketAssignIn(TicketActIn):
    """To whom it goes: one person or one contractor. `due_at`: by when, where the usual time does not do."""

    user_id: SomeId | None = None
    contractor: Contractor | None = None
    due_at: AwareDatetime | None = None


class TicketPauseIn(TicketActIn):
    """Why it has to wait, and until when as far as that is known: then it goes on by itself."""

    reason: PauseReason
    until: AwareDatetime | None = None


class TicketFixIn(TicketActIn):
    """What was done, and the parts that it took."""

    parts: Annotated[list[Part], Field(max_length=50)] = []


class TicketNoteIn(BaseModel):
    """Something to be remembered with the ticket."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: SomeNote


class TicketIn(BaseModel):
    """A fault that somebody has noticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    camera_id: SomeId
    severity: Severity = "medium"
    note: SomeNote


def utc(at: datetime, now: datetime) -> datetime:
    """The same instant in the zone of the clock."""
    return at.astimezone(now.tzinfo)
