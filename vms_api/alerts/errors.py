"""What the handling of alerts refuses."""

from vms_api.errors import FieldError, InvalidRequest, NotFound, Problem


class AlertMovedOn(Problem):
    """Somebody was faster, or the act does not fit how far the alert has come."""

    status, code, title = 409, "alert-moved-on", "The alert is at another point of its handling"


class VerdictMissing(InvalidRequest):
    """An alert is closed only once somebody has judged it."""

    code, title = "verdict-missing", "A verdict is needed"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("verdict", self.code, "nobody has judged the alert yet")])


class AssigneeWithoutRights(InvalidRequest):
    """An alert is given only to who may handle alerts in its area."""

    code, title = "assignee-without-rights", "This person may not handle alerts there"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("user_id", self.code, "no right to handle alerts in that area")])


class DueInPast(InvalidRequest):
    """A time by which something is to be done lies ahead, and within a year."""

    code, title = "due-in-past", "That time cannot be kept"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("resolve_by", self.code, "the time is over, or more than a year ahead")])


class DuplicateWrong(InvalidRequest):
    """A duplicate names another alert, which the caller sees too."""

    code, title = "duplicate-wrong", "That is not another alert"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("duplicate_of", self.code, "no other alert with that id is seen")])


class StepUnknown(NotFound):
    """The instructions of the alert have no such step."""

    code, title = "step-unknown", "The checklist has no such step"


class AttachmentTooLarge(Problem):
    """More than an attachment may hold."""

    status, code, title = 413, "attachment-too-large", "The file is too large"


class AttachmentKindWrong(Problem):
    """Its contents are none of the kinds that are taken, whatever its name says."""

    status, code, title = 415, "attachment-kind-wrong", "Files of this kind are not taken"


class AttachmentsFull(Problem):
    """The alert or ticket has as many files as it may have."""

    status, code, title = 409, "attachments-full", "There are all the files already that there may be"
