"""What is refused about discovery.

Problem
├── ScanRunning       409
└── NetworkRefused    422
"""

from vms_api.errors import InvalidRequest, Problem


class ScanRunning(Problem):
    """One scan at a time: two would ask twice as fast as was promised."""

    status, code, title = 409, "scan-running", "Another scan is running"


class NetworkRefused(InvalidRequest):
    """Not a network that may be scanned."""

    code, title = "network-refused", "This network cannot be scanned"
