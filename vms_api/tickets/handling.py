"""What people say with what they do about a ticket."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vms_api.tickets.cause import Severity
from vms_api.tickets.errors import TicketTimeWrong
from vms_api.tickets.ticket import Contractor, PauseReason

Note = Annotated[str, Field(max_length=2000)]
SomeNote = Annotated[str, Field(min_length=1, max_length=2000)]
SomeId = Annotated[str, Field(min_length=1, max_length=64)]
_LONGEST = timedelta(days=366)
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


class TicketDueIn(TicketActIn):
    """By when it is to be mended, where the usual time does not do."""

    due_at: AwareDatetime


class TicketPauseIn(TicketActIn):
    """Why it has to wait, and until when as far as that is known: then it goes on by itself."""

    reason: PauseReason
    until: AwareDatetime | None = None


class TicketFixIn(TicketActIn):
    """What was done, and the parts that it took."""

    parts: Annotated[list[Part], Field(max_length=50)] = []


class TicketCloseIn(TicketActIn):
    """Why it is closed. `duplicate_of`: the open ticket that stands for the same fault."""

    duplicate_of: SomeId | None = None


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


def ahead(at: datetime, now: datetime, field: str) -> datetime:
    """A time that somebody sets, in the zone of the clock. Raises TicketTimeWrong unless it is within a year."""
    if not now < at <= now + _LONGEST:
        raise TicketTimeWrong(field)
    return utc(at, now)


def instant_text(at: datetime) -> str:
    """The instant as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")


def utc(at: datetime, now: datetime) -> datetime:
    """The same instant in the zone of the clock."""
    return at.astimezone(now.tzinfo)
