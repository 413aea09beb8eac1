"""What repair tickets refuse."""

from vms_api.errors import FieldError, InvalidRequest, Problem


class TicketMovedOn(Problem):
    """Somebody was faster, or the act does not fit how far the repair has come."""

    status, code, title = 409, "ticket-moved-on", "The ticket is at another point of its repair"


class TicketAssigneeWrong(InvalidRequest):
    """A ticket goes to one person who may handle tickets in its area, or to one contractor."""

    code, title = "ticket-assignee-wrong", "The ticket cannot be given to them"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("user_id", self.code, "one person with the right there, or a contractor")])


class TicketNoteMissing(InvalidRequest):
    """A ticket whose fault is not seen to be gone is closed with a reason only."""

    code, title = "ticket-note-missing", "Say why it is closed"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("note", self.code, "the fault is not seen to be gone")])


class TicketDuplicateWrong(InvalidRequest):
    """A ticket is the duplicate of another one that is open and that the person sees."""

    code, title = "ticket-duplicate-wrong", "It cannot be closed as a duplicate of that"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("duplicate_of", self.code, "another ticket that is open")])


class TicketTimeWrong(InvalidRequest):
    """A time by which something is to be done lies ahead, and within a year."""

    code, title = "ticket-time-wrong", "That time cannot be kept"

    def __init__(self, field: str) -> None:
        super().__init__(errors=[FieldError(field, self.code, "the time is over, or more than a year ahead")])


class MaintenanceWrong(InvalidRequest):
    """A window has an area or cameras, and ends after it begins."""

    code, title = "maintenance-wrong", "This is no maintenance window"


class MaintenanceDecided(Problem):
    """It is approved already, or over."""

    status, code, title = 409, "maintenance-decided", "The maintenance window is decided already"
