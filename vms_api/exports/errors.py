"""What is refused about exports.

Problem
├── ExportTooLong                             422
├── ExportStateWrong  NothingRecorded         409
└── ExportTicketWrong                         403
"""

from typing import Any

from vms_api.errors import FieldError, InvalidRequest, Problem


class ExportTooLong(InvalidRequest):
    """More hours than the site lets out at once."""

    code, title = "export-too-long", "The range is too long for one export"

    def __init__(self, max_hours: float) -> None:
        text = f"at most {max_hours:g} hours"
        super().__init__(text, errors=[FieldError("to", self.code, text)])
        self.max_hours = max_hours

    def document(self) -> dict[str, Any]:
        """The refusal with the limit."""
        return {**super().document(), "max_hours": self.max_hours}


class ExportStateWrong(Problem):
    """The export is not, or no longer, where this could be done."""

    status, code, title = 409, "export-state-wrong", "This cannot be done with the export any more"


class NothingRecorded(Problem):
    """No camera has anything of that time that this person may have."""

    status, code, title = 409, "nothing-recorded", "Nothing is recorded of that time"


class ExportTicketWrong(Problem):
    """The ticket was used, is over, or was never one for this export and person."""

    status, code, title = 403, "export-ticket-wrong", "This download ticket is not valid any more"
