"""What is refused about the diagnosis of pictures.

Problem
└── CameraMoves  VerdictGone   409
"""

from vms_api.errors import Problem


class CameraMoves(Problem):
    """Where a PTZ camera points is up to whoever moves it."""

    status, code, title = 409, "camera-moves", "This camera is moved by people and has no reference picture"


class VerdictGone(Problem):
    """The camera is not abnormal in that respect now."""

    status, code, title = 409, "verdict-gone", "There is no such verdict now"
