"""What is refused about rates.

Problem
├── DayNotCountable                           422
└── OwnExclusion  ExclusionDecided            409
"""

from vms_api.errors import FieldError, InvalidRequest, Problem


class DayNotCountable(InvalidRequest):
    """The day is not over, or so long ago that the recordings of that time may be deleted."""

    code, title = "day-not-countable", "This day cannot be counted again"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, errors=[FieldError("day", self.code, detail)])


class OwnExclusion(Problem):
    """Who asks for an exclusion does not approve it."""

    status, code, title = 409, "own-exclusion", "Somebody else has to approve this"


class ExclusionDecided(Problem):
    """It was approved already."""

    status, code, title = 409, "exclusion-decided", "This was approved already"
