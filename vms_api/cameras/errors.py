"""What is refused about unmasked viewing.

Problem
├── SecondPersonRequired  RequestDecided      409
└── UnmaskGrantNeeded                         403
"""

from vms_api.errors import Problem


class SecondPersonRequired(Problem):
    """Nobody approves or rejects a request of their own."""

    status, code, title = 409, "second-person-required", "Somebody else has to decide this"


class RequestDecided(Problem):
    """The request was approved or rejected before, or waited too long."""

    status, code, title = 409, "request-decided", "The request has been decided already"


class UnmaskGrantNeeded(Problem):
    """The caller may ask for it, but nobody has approved it, or the time is over."""

    status, code, title = 403, "unmask-grant-needed", "Seeing this camera without its masks has to be approved first"
